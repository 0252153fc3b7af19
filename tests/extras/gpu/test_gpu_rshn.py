"""The network on a GPU: steps, batches, tiles, and what happens when memory runs out."""

import pytest
import torch

from cellseg.config import Inference
from cellseg.embedder import Embedder
from cellseg.rshn import RSHN, Tiled, load_model, within_memory

MODEL = "DIC-C2DH-HeLa"
CPU = torch.device("cpu")
ODD = (slice(0, 250), slice(0, 230))
"""A part of a frame that has to be padded."""


def embed(network, frames, device):
    state, seen = None, []
    for frame in frames:
        vectors, foreground, state = network.step(frame.to(device), state)
        assert {vectors.device.type, foreground.device.type} == {device.type}
        seen.append((vectors.cpu(), foreground.cpu()))
    return seen, [maps.cpu() for maps in state]


@pytest.fixture(scope="module")
def expected(frames):
    return embed(load_model(MODEL, CPU).network, [frame[ODD] for frame in frames], CPU)


def cosines(seen, expected):
    return torch.cat([(a * b).sum(0)[inside] for (a, _), (b, inside) in zip(seen, expected, strict=True)])


def test_steps_are_those_of_the_cpu(device, frames, expected, full_float32):
    network = load_model(MODEL, device).network
    seen, state = embed(network, [frame[ODD] for frame in frames], device)
    assert cosines(seen, expected[0]).min() > 1 - 1e-3
    assert (cosines(seen, expected[0]) > 1 - 1e-5).float().mean() > 0.999
    for (_, inside), (_, wanted) in zip(seen, expected[0], strict=True):
        assert (inside != wanted).float().mean() < 1e-3
    for maps, wanted in zip(state, expected[1], strict=True):
        torch.testing.assert_close(maps, wanted, atol=5e-3, rtol=1e-2)


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16, torch.float16])
def test_fewer_bits_give_the_same_embeddings(device, frames, expected, precision):
    if precision == torch.float16 and device.type == "cpu":
        pytest.skip("a CPU does not convolve in float16")
    network = load_model(MODEL, device, precision).network
    seen, state = embed(network, [frame[ODD] for frame in frames], device)
    assert {maps.dtype for maps in state} == {precision}
    found = cosines(seen, expected[0])
    assert len(found) > 1000
    if precision == torch.bfloat16:
        # How much is lost with eight bits depends on the weights: as much as on a CPU, give or take a third.
        rounded = embed(load_model(MODEL, CPU, precision).network, [frame[ODD] for frame in frames], CPU)[0]
        assert (found < 0.999).sum() <= 4 / 3 * (cosines(rounded, expected[0]) < 0.999).sum()
        assert found.mean() > 0.999
    else:
        assert (found >= 0.999).float().mean() >= 0.999


def test_a_batch_is_embedded_as_its_frames_are(device, frames, full_float32):
    network = load_model(MODEL, device).network
    together, inside, _ = network.step(torch.stack(frames).to(device))
    for frame, vectors, foreground in zip(frames, together, inside, strict=True):
        alone, cells, _ = network.step(frame.to(device))
        assert (alone * vectors).sum(0)[cells].min() > 1 - 1e-3
        assert (foreground != cells).float().mean() < 1e-3


def test_tiles_are_those_of_the_cpu(device, frames, full_float32):
    large = [torch.cat([torch.cat([frame, frame.flip(1)] * 2, 1)] * 3, 0)[:600, :700] for frame in frames[:2]]
    wanted, wanted_state = embed(Tiled(load_model(MODEL, CPU).network, 512), large, CPU)
    found, state = embed(Tiled(load_model(MODEL, device).network, 512, batch=3), large, device)
    assert cosines(found, wanted).min() > 1 - 1e-3
    for maps, other in zip(state, wanted_state, strict=True):
        torch.testing.assert_close(maps, other, atol=5e-3, rtol=1e-2)


def test_the_same_steps_give_the_same_bits(device, frames):
    network = load_model(MODEL, device, torch.bfloat16).network
    (first, _), (second, _) = (embed(network, frames, device) for _ in range(2))
    for (vectors, _), (again, _) in zip(first, second, strict=True):
        assert torch.equal(vectors, again)


@pytest.mark.parametrize("saved", [torch.float32, torch.bfloat16])
def test_pairs_go_on_from_a_state_that_was_saved(device, frames, saved):
    model = load_model(MODEL, device, torch.bfloat16)
    shape = (frames[0].shape[0], frames[0].shape[1])
    embedder = Embedder(model, Inference(state="stream"), shape, None, print)

    def frame(t):
        return frames[t].to(device)

    whole = list(embedder.pairs(frame, 4, start=0, begin=0, state=None))
    state = [maps.to("cpu", saved).contiguous() for maps in whole[1].state]
    later = list(embedder.pairs(frame, 4, start=2, begin=0, state=state))
    assert [pair.first.frame for pair in later] == [2]
    assert torch.equal(later[0].second.vectors, whole[2].second.vectors)


def test_tiles_keep_a_step_within_the_memory(memory_for, device):
    network = load_model(MODEL, device).network
    frame, limit = torch.zeros((2048, 2048), device=device), 2**30
    tiled = within_memory(network, (2048, 2048), limit, print)
    assert tiled.side < 1024
    before = torch.cuda.memory_allocated()
    torch.cuda.reset_peak_memory_stats()
    kept = tiled.step(frame)
    held = sum(maps.numel() * maps.element_size() for maps in (*kept[:2], *kept[2]))
    assert torch.cuda.max_memory_allocated() - before - held < 1.5 * limit


def test_smaller_tiles_when_memory_runs_out(memory_for, device, frames):
    network = load_model(MODEL, device).network
    large = torch.cat([frames[0], frames[0].flip(1)], 1).repeat(8, 4)[:1024, :1024].to(device)
    assert large.shape == (1024, 1024)
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    wanted, inside = (maps.cpu() for maps in network.step(large)[:2])
    took = torch.cuda.max_memory_allocated() - before
    said = []
    tiled = Tiled(network, 1024, 1, said.append)
    memory_for(0.75 * took)  # state, embeddings and a tile of 512 pixels take 0.65 of it
    vectors, _, _ = tiled.step(large)
    assert said == ["out of memory: going on with tiles of 512 x 512 network pixels"]
    assert tiled.device.type == "cuda"
    assert (vectors.cpu() * wanted).sum(0)[inside].quantile(0.001) > 0.9


def test_at_last_the_cpu_goes_on(memory_for, device):
    torch.manual_seed(0)
    network = RSHN(32, 3, 4).eval().to(device, torch.bfloat16)
    frames = [torch.randn(512, 512) for _ in range(3)]
    state, wanted = None, []
    for frame in frames:
        vectors, _, state = network.step(frame.to(device), state)
        wanted.append(vectors.cpu())
    said, found = [], []
    tiled = within_memory(network, (512, 512), 1e9, said.append)
    vectors, _, state = tiled.step(frames[0].to(device))
    found.append(vectors.cpu())
    del vectors
    memory_for(32 * 2**20)  # a step takes 220 MiB
    for frame in frames[1:]:
        vectors, _, state = tiled.step(frame.to(device), state)
        assert vectors.device.type == device.type
        found.append(vectors.cpu())
    assert said == ["out of memory: going on with the CPU"]
    assert tiled.device == CPU
    assert next(network.parameters()).device.type == device.type
    for vectors, other in zip(found, wanted, strict=True):
        assert (vectors * other).sum(0).quantile(0.01) > 0.99
