"""Which frames and tiles are seen with which past in the published schedule, and what is made of them."""

import numpy as np
import pytest
import torch

from cellseg.config import Architecture, load_dataset_config
from cellseg.resources import find
from cellseg.rshn import RSHN, Tiling, embed_pairs, embed_published, published_flops_per_frame

DATASETS = {
    "DIC-C2DH-HeLa": 0.83,
    "Fluo-C2DL-MSC": 0.83,
    "PhC-C2DH-U373": 4.97,
    "Fluo-N2DH-GOWT1": 7.45,
    "Fluo-N2DH-SIM+": 7.45,
    "PhC-C2DL-PSC": 16.6,
    "Fluo-N2DL-HeLa": 33.1,
}
"""Operations for a new frame, in units of 10^12 (specification, section 2.4)."""


class Movie:
    """Random frames."""

    def __init__(self, length, shape=(256, 256)):
        torch.manual_seed(length)
        self.frames = torch.randn(length, *shape)

    def __call__(self, t):
        return self.frames[t]


class Recorder:
    """A network whose embedding says what it has seen: the sum of all frames since the zero state."""

    def __init__(self):
        self.runs = []

    def step(self, frame, state=None):
        seen = [*(state or []), frame[:, 0, 0]]
        if state is None:
            self.runs.append(0)
        self.runs[-1] += 1
        vectors = torch.stack(seen).sum(0)[:, None, None, None].expand(-1, 2, *frame.shape[1:])
        return vectors, torch.ones(frame.shape, dtype=torch.bool), seen


@pytest.fixture
def network():
    torch.manual_seed(0)
    return RSHN(2, 2, 3)


def numbered_movie(length, shape=(256, 256)):
    """Frame t is 2^t everywhere: a sum of some frames tells which they are."""
    return lambda t: torch.full(shape, 2.0**t)


def past(*frames):
    return float(sum(2**t for t in frames))


@pytest.mark.parametrize("window", [2, 5, 8])
def test_windows_start_from_zero_and_later_ones_give_their_last_pair(window):
    recorder = Recorder()
    pairs = list(embed_published(recorder, numbered_movie(11), 11, window=window))
    assert [(pair.first.frame, pair.second.frame) for pair in pairs] == [(t, t + 1) for t in range(10)]
    # One window for its pairs, seven of eight frames, then one for each.
    assert recorder.runs == [window] * (12 - window)
    for t, pair in enumerate(pairs):
        begin = max(0, t + 2 - window)
        assert pair.first.vectors[1].unique().tolist() == [past(*range(begin, t + 1))]
        assert pair.second.vectors[1].unique().tolist() == [past(*range(begin, t + 2))]
        assert pair.state is None


@pytest.mark.parametrize("length", [2, 5, 8])
def test_a_short_movie_is_one_window(length):
    recorder = Recorder()
    pairs = list(embed_published(recorder, numbered_movie(length), length))
    assert recorder.runs == [length]
    assert [pair.first.frame for pair in pairs] == list(range(length - 1))
    assert pairs[-1].second.vectors[1].unique().tolist() == [past(*range(length))]


def test_a_movie_of_one_frame_is_a_pair_with_itself(network):
    (pair,) = embed_published(network, Movie(1), 1)
    assert pair.first.frame == pair.second.frame == 0
    assert torch.equal(pair.first.vectors, pair.second.vectors)
    assert not list(embed_published(network, Movie(1), 1, start=1))


@pytest.mark.parametrize("start", [0, 3, 6, 7, 8])
def test_resuming_gives_the_same_pairs_and_reads_each_frame_once(start):
    frame, asked = numbered_movie(10, (40, 300)), []

    def counted(t):
        asked.append(t)
        return frame(t)

    whole = list(embed_published(Recorder(), frame, 10))
    rest = list(embed_published(Recorder(), counted, 10, start=start))
    assert asked == list(range(max(0, start - 6), 10))
    assert len(rest) == 9 - start
    for pair, resumed in zip(whole[start:], rest, strict=True):
        for half, other in zip(pair.tiles, resumed.tiles, strict=True):
            assert half.frame == other.frame
            assert torch.equal(half.vectors, other.vectors)
            assert torch.equal(half.foreground, other.foreground)
        assert torch.equal(pair.first.vectors, resumed.first.vectors)


def test_a_network_resumes_bit_by_bit(network):
    movie = Movie(4)
    whole = list(embed_published(network, movie, 4))
    rest = embed_published(network, movie, 4, start=1)
    for pair, resumed in zip(whole[1:], rest, strict=True):
        assert torch.equal(pair.tiles[1].vectors, resumed.tiles[1].vectors)


def test_a_single_tile_is_a_plain_window(network):
    movie = Movie(9)
    published = list(embed_published(network, movie, 9))
    window = list(embed_pairs(network, movie, 8, window=8))
    for pair, plain in zip(published, window, strict=False):
        assert torch.equal(pair.first.vectors, plain.first.vectors)
        assert torch.equal(pair.second.vectors, plain.second.vectors)
        assert torch.equal(pair.second.foreground, plain.second.foreground)
    (*_, last) = embed_pairs(network, lambda t: movie.frames[t + 1], 8, window=8)
    assert torch.equal(published[-1].second.vectors, last.second.vectors)


def test_each_tile_keeps_its_own_state(network):
    movie = Movie(3, (256, 400))
    pairs = list(embed_published(network, movie, 3))
    tiling = Tiling((256, 400))
    assert pairs[0].tiling == tiling
    assert len(tiling.corners) == 3
    for tile, (y, x) in enumerate(tiling.corners):
        state = None
        for t in range(3):
            vectors, foreground, state = network.step(movie.frames[t, y : y + 256, x : x + 256], state)
        torch.testing.assert_close(pairs[1].tiles[1].vectors[tile], vectors, rtol=0, atol=1e-5)
        assert (pairs[1].tiles[1].foreground[tile] == foreground).float().mean() > 0.999


@pytest.mark.parametrize("batch", [1, 2])
def test_fewer_tiles_at_once_make_no_difference(network, batch):
    movie, seen = Movie(3, (256, 400)), []

    class Counted:
        def step(self, tiles, state=None):
            seen.append(len(tiles))
            return network.step(tiles, state)

    whole = embed_published(network, movie, 3)
    for pair, few in zip(whole, embed_published(Counted(), movie, 3, batch=batch), strict=True):
        for half, other in zip(pair.tiles, few.tiles, strict=True):
            torch.testing.assert_close(half.vectors, other.vectors, rtol=0, atol=1e-5)
    assert max(seen) == batch
    assert sum(seen) == 3 * 3


def test_small_frames_are_padded_and_cut_again(network):
    frame = torch.randn(100, 300)
    (pair,) = embed_published(network, lambda t: frame, 1)
    assert pair.tiling.corners == ((0, 0), (0, 44))
    assert pair.tiles[0].vectors.shape == (2, 3, 100, 256)
    assert pair.first.vectors.shape == (3, 100, 300)
    assert pair.first.foreground.shape == (100, 300)
    padded = torch.full((256, 256), -1.0)
    padded[:100] = frame[:, 44:]
    vectors, _, _ = network.step(padded)
    torch.testing.assert_close(pair.tiles[0].vectors[1], vectors[:, :100], rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", DATASETS)
def test_tiles_and_cost_are_those_published(name):
    published = load_dataset_config(find("configs", name)).published
    assert len(Tiling(published.network_size).corners) == published.tiles
    flops = published_flops_per_frame(Architecture(), published.network_size)
    assert flops == pytest.approx(DATASETS[name] * 1e12, rel=5e-3)


def test_rows_run_fastest_and_the_last_tile_ends_with_the_frame():
    assert Tiling((384, 512)).corners == ((0, 0), (128, 0), (0, 128), (128, 128), (0, 256), (128, 256))
    assert Tiling((256, 400)).corners == ((0, 0), (0, 128), (0, 144))
    assert Tiling((20, 30)).corners == ((0, 0),)


@pytest.mark.parametrize("shape", [(256, 256), (300, 257), (700, 390), (90, 640)])
def test_each_pixel_is_joined_from_the_tile_it_lies_farthest_inside(shape):
    tiling = Tiling(shape)
    y, x = np.mgrid[: shape[0], : shape[1]]
    farthest, owner = np.full(shape, -1.0), np.zeros(shape, int)
    for tile, (top, left) in enumerate(tiling.corners):
        distance = np.full(shape, 1e9)
        sides = [
            (y - top, top > 0),
            (top + 255 - y, top + 256 < shape[0]),
            (x - left, left > 0),
            (left + 255 - x, left + 256 < shape[1]),
        ]
        for away, is_inner in sides:
            if is_inner:
                distance = np.minimum(distance, away)
        distance[(y < top) | (y >= top + 256) | (x < left) | (x >= left + 256)] = -2
        owner[distance > farthest] = tile
        farthest = np.maximum(farthest, distance)
    height, width = tiling.tile_shape
    marked = torch.arange(len(tiling.corners))[:, None, None].expand(-1, height, width)
    chosen = tiling.joined(marked).numpy()
    assert chosen.shape == shape
    # Two axes may be equally far inside: then any of the tiles of the largest distance will do.
    tops, lefts = np.array(tiling.corners).T
    reached = np.full(shape, 1e9)
    for away, is_inner in (
        (y - tops[chosen], tops[chosen] > 0),
        (tops[chosen] + 255 - y, tops[chosen] + 256 < shape[0]),
        (x - lefts[chosen], lefts[chosen] > 0),
        (lefts[chosen] + 255 - x, lefts[chosen] + 256 < shape[1]),
    ):
        reached = np.where(is_inner, np.minimum(reached, away), reached)
    assert (reached == farthest).all()


@pytest.mark.parametrize("shape", [(256, 256), (300, 520), (100, 700)])
def test_cutting_and_joining_gives_the_frame(shape):
    tiling, frame = Tiling(shape), torch.randn(shape)
    assert torch.equal(tiling.joined(tiling.cut(frame)), frame)
