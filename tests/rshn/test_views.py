"""Several views of a frame: their cosines are averaged, and nothing depends on how the frame lies."""

import numpy as np
import pytest
import torch

from cellseg.rshn import RSHN, Tiled, embed_pairs
from cellseg.rshn.views import Views

TURNS = [  # what a view does to a frame, and what undoes it
    (lambda x: x, lambda x: x),
    (lambda x: np.rot90(x, 2, (-2, -1)), lambda x: np.rot90(x, 2, (-2, -1))),
    (lambda x: x[..., ::-1], lambda x: x[..., ::-1]),
    (lambda x: x[..., ::-1, :], lambda x: x[..., ::-1, :]),
    (lambda x: np.swapaxes(x, -2, -1), lambda x: np.swapaxes(x, -2, -1)),
    (
        lambda x: np.rot90(x.swapaxes(-2, -1), 2, (-2, -1)),
        lambda x: np.rot90(x, 2, (-2, -1)).swapaxes(-2, -1),
    ),
    (lambda x: x.swapaxes(-2, -1)[..., ::-1], lambda x: x[..., ::-1].swapaxes(-2, -1)),
    (lambda x: x.swapaxes(-2, -1)[..., ::-1, :], lambda x: x[..., ::-1, :].swapaxes(-2, -1)),
]


@pytest.fixture
def network():
    torch.manual_seed(0)
    return RSHN(4, 2, 4)


@pytest.fixture
def frames():
    return torch.randn(4, 6, 10, generator=torch.Generator().manual_seed(1))


def cosines(vectors):
    """All pixels with all pixels."""
    flat = vectors.flatten(1).double()
    return flat.T @ flat


def walk(network, frames):
    state, steps = None, []
    for frame in frames:
        vectors, foreground, state = network.step(frame, state)
        steps.append((vectors, foreground))
    return steps


@pytest.mark.parametrize("count", [1, 2, 4, 8])
def test_cosines_are_the_mean_of_those_of_the_views(network, frames, count):
    views = []
    for turn, back in TURNS[:count]:
        turned = torch.from_numpy(np.stack([turn(frame) for frame in frames.numpy()]).copy())
        views.append([torch.from_numpy(back(v.numpy()).copy()) for v, _ in walk(network, turned)])
    for t, (vectors, foreground) in enumerate(walk(Views(network, count), frames)):
        assert vectors.shape == (count * 4, 6, 10)
        expected = torch.stack([cosines(view[t]) for view in views]).mean(0)
        torch.testing.assert_close(cosines(vectors), expected, rtol=0, atol=1e-5)
        background = torch.stack([view[t][0] for view in views]).mean(0)
        torch.testing.assert_close(vectors[0], background, rtol=0, atol=1e-6)
        assert torch.equal(foreground, vectors[0].square() < 0.5)


@pytest.mark.parametrize(("count", "turns"), [(2, [1]), (4, [1, 2, 3]), (8, [1, 2, 3, 4, 5, 6, 7])])
def test_a_frame_may_lie_as_it_likes(network, frames, count, turns):
    straight = walk(Views(network, count), frames)
    for turn, back in (TURNS[index] for index in turns):
        turned = torch.from_numpy(np.stack([turn(frame) for frame in frames.numpy()]).copy())
        for (expected, _), (vectors, _) in zip(straight, walk(Views(network, count), turned), strict=True):
            again = torch.from_numpy(back(vectors.numpy()).copy())
            torch.testing.assert_close(cosines(again), cosines(expected), rtol=0, atol=1e-5)


def test_views_of_a_frame_in_tiles_are_those_of_the_whole(network):
    frame = torch.randn(520, 300, generator=torch.Generator().manual_seed(2))
    vectors, _, state = Views(network, 8).step(frame)
    tiled, _, state_of_tiles = Views(Tiled(network, 320), 8).step(frame)
    torch.testing.assert_close(tiled, vectors, rtol=0, atol=1e-4)  # other sizes round differently
    assert [maps.shape for maps in state_of_tiles] == [maps.shape for maps in state]


def test_background_of_all_views_is_e0():
    class Background:
        def step(self, frame, state=None):
            vectors = torch.zeros(3, *frame.shape)
            vectors[0] = 1
            return vectors, torch.zeros(frame.shape, dtype=torch.bool), []

    vectors, foreground, _ = Views(Background(), 8).step(torch.zeros(2, 3))
    e0 = torch.zeros(24)
    e0[0] = 1
    torch.testing.assert_close(vectors, e0[:, None, None].expand(24, 2, 3))
    assert not foreground.any()


@pytest.mark.parametrize("window", [None, 3])
def test_pairs_are_resumed_with_the_states_of_all_views(network, frames, window):
    pairs = list(embed_pairs(network, frames.__getitem__, 4, window=window, views=4))
    rest = embed_pairs(network, frames.__getitem__, 4, window=window, views=4, start=1, state=pairs[0].state)
    for whole, resumed in zip(pairs[1:], rest, strict=True):
        assert torch.equal(whole.first.vectors, resumed.first.vectors)
        assert torch.equal(whole.second.vectors, resumed.second.vectors)
    assert pairs[0].first.vectors.shape == (16, 6, 10)
