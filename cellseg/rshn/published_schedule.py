"""Walks a movie as published: windows from a zero state, of which one pair is kept, on overlapping tiles.

For comparison, and for weights that were trained for it. Every frame is seen eight times, and most of its
pixels by several tiles; `embed_pairs` sees it once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from cellseg.config import Architecture
from cellseg.rshn.cost import flops_per_frame
from cellseg.rshn.model import Network
from cellseg.rshn.network import State
from cellseg.rshn.published_tiles import TILE, Tiling
from cellseg.rshn.schedule import Pair
from cellseg.types import Embedding

WINDOW = 8
"""Frames W of a window (Payer et al. 2019)."""


@dataclass(frozen=True)
class TilePair(Pair):
    """Embeddings of frames t and t + 1, tile by tile.

    `first` and `second` are whole frames, joined from the tiles (`Tiling.joined`); `state` is None.

    Attributes
    ----------
    tiling : Tiling
        Where the B tiles lie.
    tiles : tuple of Embedding
        Of frames t and t + 1; `vectors` are (B, D, h, w) and `foreground` is (B, h, w).
    """

    tiling: Tiling
    tiles: tuple[Embedding, Embedding]


def embed_published(
    network: Network,
    frame: Callable[[int], Tensor],
    length: int,
    *,
    start: int = 0,
    window: int = WINDOW,
    batch: int | None = None,
) -> Iterator[TilePair]:
    """Embed every pair of consecutive frames as published.

    Window j is frames j to j + W - 1, run from a zero state; each tile has a state of its own. Of the first
    window all pairs are used, of each later one the last: in both members of pair t >= W - 2 the network has
    seen the movie from frame t - (W - 2) on. A shorter movie is one window.

    Parameters
    ----------
    network : Network
        Its `step` takes a batch of tiles (B, Y, X).
    frame : callable
        Gives the prepared frame t, (Y, X), on the network's device; asked for once for each frame.
    length : int
        Number T of frames, at least 1.
    start : int
        First frame of the first pair wanted. No window needs more than its frames: resuming gives the same.
    window : int
        Frames W of a window, at least 2.
    batch : int
        Most tiles that are embedded at once; all by default.

    Yields
    ------
    TilePair
        Pairs (t, t + 1) for t = start, ..., T - 2. A movie of one frame yields that frame paired with itself.

    Notes
    -----
    Payer et al. 2019 (specification, sections 5.1 and 5.2), where movies shorter than a window fail.
    """
    if length == 1 and start == 0:
        tiling, tiles = _cut(frame(0))
        only, _ = _step(network, tiling, tiles, 0, None, batch)
        yield tile_pair(tiling, only, only)
    cut: dict[int, tuple[Tiling, Tensor]] = {}
    while start < length - 1:
        begin = max(0, start + 2 - window)
        end = max(start + 2, min(window, length))
        cut = {t: tiles for t, tiles in cut.items() if t >= begin}
        before, states = None, None
        for t in range(begin, end):
            if t not in cut:
                cut[t] = _cut(frame(t))
            tiling, tiles = cut[t]
            after, states = _step(network, tiling, tiles, t, states, batch)
            if before is not None and before.frame >= start:
                yield tile_pair(tiling, before, after)
            before = after
        start = end - 1


def tile_pair(tiling: Tiling, first: Embedding, second: Embedding) -> TilePair:
    """Pair the embedded tiles of two frames.

    Parameters
    ----------
    tiling : Tiling
    first, second : Embedding
        `vectors` (B, D, h, w) and `foreground` (B, h, w) of the tiles.

    Returns
    -------
    TilePair
    """
    return TilePair(_joined(tiling, first), _joined(tiling, second), None, tiling, (first, second))


def published_flops_per_frame(
    architecture: Architecture, shape: tuple[int, int], window: int = WINDOW
) -> int:
    """Count the operations of the convolutions for one new frame, from the second window on.

    Parameters
    ----------
    architecture : Architecture
    shape : tuple of int
        Size (Y, X) of the frame at network scale.
    window : int
        Frames W of a window.

    Returns
    -------
    int
        0.83e12 for the published network on 256 x 256 pixels.
    """
    return window * len(Tiling(shape).corners) * flops_per_frame(architecture, (TILE, TILE))


def _joined(tiling: Tiling, tiles: Embedding) -> Embedding:
    return Embedding(tiling.joined(tiles.vectors), tiling.joined(tiles.foreground), tiles.frame)


def _cut(frame: Tensor) -> tuple[Tiling, Tensor]:
    tiling = Tiling((frame.shape[0], frame.shape[1]))
    return tiling, tiling.cut(frame)


def _step(
    network: Network, tiling: Tiling, tiles: Tensor, t: int, states: list[State] | None, batch: int | None
) -> tuple[Embedding, list[State]]:
    """Embed the tiles of a frame, so many at once; there is a state for each such batch."""
    height, width = tiling.tile_shape
    batches = torch.split(tiles, batch or len(tiles))
    before: list[State | None] = [None] * len(batches) if states is None else [*states]
    steps = [network.step(chosen, state) for chosen, state in zip(batches, before, strict=True)]
    vectors, foreground, after = zip(*steps, strict=True)
    embedding = Embedding(
        torch.cat(vectors)[..., :height, :width], torch.cat(foreground)[..., :height, :width], t
    )
    return embedding, list(after)
