"""Tiles: they must not be seen, and they must take what memory there is."""

import copy
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cellseg.rshn import RSHN, Tiled, load_model, tiles_at_once, within_memory
from cellseg.rshn.tiles import HALO, _axis
from cellseg.simulate import preset, simulate
from cellseg.video import prepare


@pytest.fixture
def network():
    torch.manual_seed(0)
    return RSHN(4, 2, 4).eval()


def embedded(network, frames):
    state, seen = None, []
    for frame in frames:
        vectors, foreground, state = network.step(frame, state)
        seen.append((vectors, foreground))
    return seen, state


@pytest.mark.parametrize("batch", [1, 3])
def test_tiles_are_not_seen(network, batch):
    # A pixel of this network depends on no other farther than 24 away, which is within the halo.
    frames = torch.randn(3, 701, 330, generator=torch.Generator().manual_seed(1))
    whole, state = embedded(network, frames)
    tiled, tiled_state = embedded(Tiled(network, 320, batch), frames)
    for (vectors, foreground), (tiled_vectors, tiled_foreground) in zip(whole, tiled, strict=True):
        torch.testing.assert_close(tiled_vectors, vectors, atol=1e-4, rtol=0)
        assert (tiled_foreground != foreground).float().mean() < 1e-4
    # The state is that of the whole frame, so that either may go on where the other stopped.
    for maps, tiled_maps in zip(state, tiled_state, strict=True):
        torch.testing.assert_close(tiled_maps, maps, atol=1e-4, rtol=1e-4)


@given(size=st.integers(1, 4000), side=st.integers(512, 2048), multiple=st.sampled_from([2, 32, 64]))
def test_an_axis_is_covered_once(size, side, multiple):
    size = -(-size // multiple) * multiple
    axis = _axis(size, side, multiple)
    assert (axis[0].own_begin, axis[-1].own_end) == (0, size)
    for before, after in pairwise(axis):
        assert before.own_end == after.own_begin
        assert min(before.end - before.own_end, after.own_begin - after.begin) >= HALO - multiple
    for tile in axis:
        assert 0 <= tile.begin <= tile.own_begin < tile.own_end <= tile.end <= size
        assert tile.begin % multiple == tile.own_begin % multiple == tile.own_end % multiple == 0
        assert tile.end - tile.begin == axis[0].end - axis[0].begin <= max(side, multiple)


def test_a_frame_that_fits_is_not_cut(network):
    said = []
    frame = torch.randn(50, 70)
    whole = within_memory(network, (50, 70), 1e9, said.append)
    assert torch.equal(whole.step(frame)[0], network.step(frame)[0])
    assert said == []


def test_less_memory_makes_smaller_tiles(network):
    said = []
    sides = [
        within_memory(network, (5000, 5000), memory, said.append).side for memory in (1e5, 3e8, 5e8, 1e12)
    ]
    assert sides[0] == 512 < sides[1] < sides[2]
    assert sides[3] == 5000  # all of it
    # 25 million pixels, each with two states of 2 x 4 x 4/3 numbers and 4 embeddings of 4 numbers.
    assert said[0] == (
        "state and embeddings of whole frames take about 3.5 GiB, whatever the tiles: "
        "more than the 0.0 GiB allowed"
    )
    assert said[1] == "frames of 5000 x 5000 network pixels are embedded in tiles of 512 x 512"
    assert len(said) == 6
    within_memory(network, (5000, 5000), 5e9, said.append, views=8)
    assert said[6] == (
        "state and embeddings of whole frames take about 27.8 GiB, whatever the tiles: "
        "more than the 4.7 GiB allowed"
    )


def test_memory_that_is_less_than_any_tile_takes_is_said(network):
    said = []
    assert within_memory(network, (300, 200), 5e6, said.append).side == 512
    assert said == [
        "state and embeddings of whole frames take about 0.0 GiB, whatever the tiles: "
        "more than the 0.0 GiB allowed",
        "a step takes 0.0 GiB, more than allowed: tiles are at least 512 pixels",
    ]


def test_out_of_memory_takes_fewer_then_smaller_tiles(network, monkeypatch):
    frame = torch.randn(1400, 1100)
    expected = network.step(frame)[0]
    whole_pass = RSHN.forward

    def limited(self, image, state):
        if image.numel() > 600 * 600:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return whole_pass(self, image, state)

    monkeypatch.setattr(RSHN, "forward", limited)
    said = []
    vectors, _, state = Tiled(network, 1024, 4, said.append).step(frame)
    torch.testing.assert_close(vectors, expected, atol=1e-4, rtol=0)
    assert said == [
        "out of memory: going on with 2 tiles at once",
        "out of memory: going on with 1 tiles at once",
        "out of memory: going on with tiles of 512 x 512 network pixels",
    ]
    assert state[0].shape == (1, 4, 1400, 1100)


def test_at_last_the_cpu_goes_on_with_a_copy(network, monkeypatch):
    small = torch.randn(171, 171)
    tiled = within_memory(network, (171, 171), 1e9, lambda message: None)
    tiled.network.to("meta")  # stands for a GPU
    whole_pass, said = RSHN.forward, []

    def full(self, image, state):
        if image.device.type == "meta":
            raise torch.OutOfMemoryError("CUDA out of memory")
        return whole_pass(self, image, state)

    monkeypatch.setattr(RSHN, "forward", full)
    monkeypatch.setattr("copy.deepcopy", lambda lent: RSHN(4, 2, 4).eval())
    tiled._say = said.append
    vectors, _, _ = tiled.step(small)
    assert vectors.shape == (4, 171, 171)
    assert said == ["out of memory: going on with the CPU"]
    assert next(network.parameters()).device.type == "meta"


@pytest.mark.parametrize(("size", "side", "multiple"), [(192, 171, 32), (1024, 512, 256), (2048, 512, 512)])
def test_tiles_are_never_smaller_than_their_halo(size, side, multiple):
    axis = _axis(size, side, multiple)
    assert (axis[0].begin, axis[-1].end) == (0, size)


def test_edges_of_tiles_are_hardly_seen_by_a_real_network():
    model = load_model("DIC-C2DH-HeLa", torch.device("cpu"))
    network = model.network
    image = next(iter(simulate(preset("DIC-C2DH-HeLa"), 1, 1))).image
    part = torch.from_numpy(prepare(image, model.card.preparation))
    frame = torch.cat([part, part.flip(1)] * 3, 1)[:, :960]
    whole, foreground, _ = network.step(frame)
    tiled, _, _ = Tiled(network, 512).step(frame)
    cosine = (whole * tiled).sum(0)[foreground]
    assert cosine.min() > 0.95  # half of the clustering bandwidth


def test_without_memory_for_anything_the_error_stands(network, monkeypatch):
    def never(self, image, state):
        raise torch.OutOfMemoryError("out of memory")

    monkeypatch.setattr(RSHN, "forward", never)
    with pytest.raises(torch.OutOfMemoryError):
        Tiled(network, 1024).step(torch.randn(600, 600))


def test_tiles_at_once_fill_the_memory_and_never_are_none(network):
    one = 14 * 4 * len(next(network.parameters())) * 256**2
    assert tiles_at_once(network, 256, 5.5 * one) == 5
    assert tiles_at_once(network, 256, 0.1 * one) == 1
    assert tiles_at_once(network, 256, float("inf")) > 10**6
    half = copy.deepcopy(network).to(torch.bfloat16)
    assert tiles_at_once(half, 256, 5.5 * one) == 11
    assert tiles_at_once(object(), 256, one) > 10**6
