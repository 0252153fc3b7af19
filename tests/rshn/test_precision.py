"""Half the bits, the same embeddings."""

import pytest
import torch

from cellseg.cli.options import PrecisionName
from cellseg.device import PRECISIONS, choose_precision
from cellseg.errors import CellsegError
from cellseg.rshn import load_model
from cellseg.simulate import preset, write_ctc
from cellseg.video import open_video, prepare

CPU = torch.device("cpu")
MODEL = "generalist"
BANDWIDTH = 0.07


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    """Four frames of a simulated movie, as the model sees them."""
    sequence = write_ctc(preset("DIC-C2DH-HeLa"), tmp_path_factory.mktemp("movie"), "01", 4, 5)
    preparation = load_model(MODEL, CPU).card.preparation.scaled((4, 4))
    with open_video(sequence) as video:
        return [torch.from_numpy(prepare(video.frame(t), preparation)) for t in range(4)]


def embed(frames, precision):
    network, state, seen = load_model(MODEL, CPU, precision).network, None, []
    for frame in frames:
        vectors, foreground, state = network.step(frame, state)
        seen.append((vectors, foreground))
    return seen, state


def test_bfloat16_embeds_as_float32_does(frames):
    exact, _ = embed(frames, torch.float32)
    rounded, state = embed(frames, torch.bfloat16)
    assert all(maps.dtype == torch.bfloat16 for maps in state)
    cosines = []
    for (vectors, foreground), (others, _) in zip(exact, rounded, strict=True):
        assert others.dtype == torch.float32
        torch.testing.assert_close(others.norm(dim=0), torch.ones(others.shape[1:]))
        cosines.append((vectors * others).sum(0)[foreground])
    cosines = torch.cat(cosines)
    assert len(cosines) > 1000
    assert (cosines < 1 - 1e-6).any()  # it did round
    # A twentieth of the bandwidth that these embeddings are clustered with.
    assert load_model(MODEL, CPU).card.bandwidth == BANDWIDTH
    assert (1 - cosines < BANDWIDTH / 20).float().mean() > 0.99


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_a_state_in_another_layout_is_the_same_state(frames, precision):
    network = load_model(MODEL, CPU, precision).network
    _, _, state = network.step(frames[0])
    expected, _, _ = network.step(frames[1], state)
    stored = [maps.contiguous() for maps in state]
    assert stored[0].stride() != state[0].stride()
    assert torch.equal(network.step(frames[1], stored)[0], expected)


def test_the_precision_may_be_chosen():
    assert choose_precision("float32", CPU) is torch.float32
    assert choose_precision("bfloat16", CPU) is torch.bfloat16
    assert choose_precision("auto", CPU) in (torch.float32, torch.bfloat16)
    with pytest.raises(CellsegError, match="no precision double"):
        choose_precision("double", CPU)
    with pytest.raises(CellsegError, match="float16"):
        choose_precision("float16", CPU)


def test_the_command_line_knows_every_precision():
    assert set(PrecisionName) == {"auto", *PRECISIONS}
