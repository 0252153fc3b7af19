"""What a GPU computes is what the CPU computes.

Skipped without an NVIDIA GPU. `CELLSEG_TEST_DEVICE=mps` takes that of a Mac; `cpu` tries out the tests.
"""

import os

import pytest
import torch

from cellseg.rshn import load_model
from cellseg.simulate import preset, simulate
from cellseg.video import prepare

MODEL = "DIC-C2DH-HeLa"


@pytest.fixture(scope="session")
def device():
    name = os.environ.get("CELLSEG_TEST_DEVICE", "cuda")
    if name == "cuda" and not torch.cuda.is_available():
        pytest.skip("there is no NVIDIA GPU here")
    return torch.device(name)


@pytest.fixture
def full_float32(monkeypatch):
    """Convolutions in float32 as a CPU has it: by default an NVIDIA GPU rounds what goes in to TF32."""
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)


@pytest.fixture(scope="session")
def frames():
    """Four frames of a simulated movie, as the model sees them."""
    preparation = load_model(MODEL, torch.device("cpu")).card.preparation
    movie = simulate(preset(MODEL), 4, 5)
    return [torch.from_numpy(prepare(frame.image, preparation)) for frame in movie]


@pytest.fixture
def memory_for(device):
    """Lets the allocator have so many more bytes than it holds; all of them again afterwards."""
    if device.type != "cuda":
        pytest.skip("only that of CUDA can be kept short of memory")

    def limit(more):
        torch.cuda.empty_cache()
        share = (torch.cuda.memory_reserved() + more) / torch.cuda.mem_get_info()[1]
        torch.cuda.set_per_process_memory_fraction(share)

    yield limit
    torch.cuda.set_per_process_memory_fraction(1.0)
    torch.cuda.empty_cache()
