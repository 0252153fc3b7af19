"""Walks a movie and hands out the embeddings of consecutive frames, two by two.

`stream` carries one unbroken state through the movie. `window` starts from a zero state every W - 1 frames:
neighbouring windows share one frame, and both members of a pair come from the same window. Frames before the
beginning, wanted to warm up a state, are the movie mirrored at its first frame.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from torch import Tensor

from cellseg.rshn.model import Network
from cellseg.rshn.network import State
from cellseg.rshn.views import Views
from cellseg.types import Embedding


@dataclass(frozen=True)
class Pair:
    """Embeddings of frames t and t + 1.

    Attributes
    ----------
    first, second : Embedding
    state : State or None
        The state that `second` was stepped from, with which a stream is resumed at the next pair.
    """

    first: Embedding
    second: Embedding
    state: State | None


def embed_pairs(
    network: Network,
    frame: Callable[[int], Tensor],
    length: int,
    *,
    window: int | None,
    warmup: int = 0,
    views: int = 1,
    start: int = 0,
    state: State | None = None,
    begin: int = 0,
) -> Iterator[Pair]:
    """Embed every pair of consecutive frames.

    Parameters
    ----------
    network : Network
    frame : callable
        Gives the prepared frame t, (Y, X), on the network's device.
    length : int
        Number T of frames, at least 1.
    window : int or None
        Frames W of a window, at least 2; None streams.
    warmup : int
        Frames before each window (for a stream: before the movie) that only build up its state.
    views : {1, 2, 4, 8}
        Views of every frame, as `Views` counts them.
    start : int
        First frame of the first pair wanted.
    state : State or None
        To resume a stream at `start`: `Pair.state` of the pair before. A window needs none.
    begin : int
        Frame at which a stream begins whose state is None: later than the movie, in a chunk of it.

    Yields
    ------
    Pair
        Pairs (t, t + 1) for t = start, ..., T - 2. A movie of one frame yields that frame paired with itself.
    """
    if views > 1:
        network = Views(network, views)
    if length == 1 and start == 0:
        only, _ = _step(network, frame, 0, _warm_up(network, frame, 0, warmup, length))
        yield Pair(only, only, None)
    while start < length - 1:
        stop = length if window is None else min((start // (window - 1) + 1) * (window - 1) + 1, length)
        if state is None:
            first_seen = begin if window is None else start // (window - 1) * (window - 1)
            state = _warm_up(network, frame, first_seen, warmup, length)
            for t in range(first_seen, start):
                _, state = _step(network, frame, t, state)
        first, state = _step(network, frame, start, state)
        for t in range(start + 1, stop):
            before = state
            second, state = _step(network, frame, t, state)
            yield Pair(first, second, before if window is None else None)
            first = second
        start, state = stop - 1, None


def _warm_up(
    network: Network, frame: Callable[[int], Tensor], begin: int, frames: int, length: int
) -> State | None:
    """State after the frames before `begin`, mirrored at the first frame."""
    state: State | None = None
    for t in range(begin - frames, begin):
        _, state = _step(network, frame, min(abs(t), length - 1), state)
    return state


def _step(
    network: Network, frame: Callable[[int], Tensor], t: int, state: State | None
) -> tuple[Embedding, State]:
    vectors, foreground, state = network.step(frame(t), state)
    return Embedding(vectors, foreground, t), state
