"""Which frames are seen with which past, in a stream and in windows."""

import pytest
import torch

from cellseg.rshn import RSHN, embed_pairs


class Movie:
    """Random frames that count how often they are asked for."""

    def __init__(self, length):
        torch.manual_seed(length)
        self.frames = torch.randn(length, 8, 8)
        self.asked = []

    def __call__(self, t):
        self.asked.append(t)
        return self.frames[t]


@pytest.fixture
def network():
    torch.manual_seed(0)
    return RSHN(4, 2, 4)


def slow(network, movie, past):
    """Embedding of the last of some frames, stepped from a zero state."""
    state = None
    for t in past:
        vectors, _, state = network.step(movie.frames[t], state)
    return vectors


def test_a_stream_sees_every_frame_once(network):
    movie = Movie(5)
    pairs = list(embed_pairs(network, movie, 5, window=None))
    assert movie.asked == [0, 1, 2, 3, 4]
    assert [(pair.first.frame, pair.second.frame) for pair in pairs] == [(0, 1), (1, 2), (2, 3), (3, 4)]
    for pair in pairs:
        assert torch.equal(pair.second.vectors, slow(network, movie, range(pair.second.frame + 1)))


def test_a_chunk_of_a_stream_begins_with_what_the_frames_before_it_leave(network):
    movie = Movie(9)
    pairs = list(embed_pairs(network, movie, 9, window=None, start=5, begin=2))
    assert movie.asked == [2, 3, 4, 5, 6, 7, 8]
    assert torch.equal(pairs[0].first.vectors, slow(network, movie, range(2, 6)))
    # Resumed, it goes on with its own state.
    movie.asked.clear()
    (*_, last) = embed_pairs(network, movie, 9, window=None, start=7, state=pairs[1].state, begin=2)
    assert movie.asked == [7, 8]
    assert torch.equal(last.second.vectors, pairs[-1].second.vectors)


def test_both_members_of_a_pair_come_from_one_window(network):
    movie = Movie(8)
    pairs = list(embed_pairs(network, movie, 8, window=4))
    # Windows 0..3, 3..6, 6..7: neighbours share one frame, which is seen twice.
    assert movie.asked == [0, 1, 2, 3, 3, 4, 5, 6, 6, 7]
    starts = [0, 0, 0, 3, 3, 3, 6]
    for t, (pair, start) in enumerate(zip(pairs, starts, strict=True)):
        assert torch.equal(pair.first.vectors, slow(network, movie, range(start, t + 1)))
        assert torch.equal(pair.second.vectors, slow(network, movie, range(start, t + 2)))


def test_warm_up_frames_emit_nothing_and_are_mirrored_at_the_beginning(network):
    movie = Movie(6)
    pairs = list(embed_pairs(network, movie, 6, window=3, warmup=2))
    assert movie.asked == [2, 1, 0, 1, 2, 0, 1, 2, 3, 4, 2, 3, 4, 5]
    assert torch.equal(pairs[0].first.vectors, slow(network, movie, [2, 1, 0]))
    assert torch.equal(pairs[2].second.vectors, slow(network, movie, [0, 1, 2, 3]))


@pytest.mark.parametrize("window", [None, 2, 4])
@pytest.mark.parametrize("stop", [1, 3, 4])
def test_resuming_gives_the_same_pairs(network, window, stop):
    movie = Movie(9)
    pairs = list(embed_pairs(network, movie, 9, window=window, warmup=1))
    rest = embed_pairs(network, movie, 9, window=window, warmup=1, start=stop, state=pairs[stop - 1].state)
    for whole, resumed in zip(pairs[stop:], rest, strict=True):
        assert torch.equal(whole.first.vectors, resumed.first.vectors)
        assert torch.equal(whole.second.vectors, resumed.second.vectors)


def test_a_movie_of_one_frame_is_a_pair_with_itself(network):
    (pair,) = embed_pairs(network, Movie(1), 1, window=None, warmup=3)
    assert pair.first.frame == pair.second.frame == 0
    assert torch.equal(pair.first.vectors, pair.second.vectors)
    assert not list(embed_pairs(network, Movie(1), 1, window=None, start=1))
