"""The rows: from the published schedule with sequential mean-shift, one step after the other, to `infer`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from torch import Tensor

from cellseg.config import Architecture, Inference
from cellseg.rshn import (
    WINDOW,
    Network,
    Pair,
    TilePair,
    Tiling,
    embed_pairs,
    embed_published,
    flops_per_frame,
    published_flops_per_frame,
    tile_pair,
)
from cellseg.types import Embedding

TILE_SHAPE = (256, 256)


@dataclass(frozen=True)
class Variant:
    """One way from frames to labels.

    Attributes
    ----------
    name : str
    schedule : str
        `published`: eight-frame windows of which one pair is kept, on tiles. `tiles`: the same tiles, but
        each frame once, in the stream or the windows that the model's card asks for. `whole`: the same
        without tiles, coordinates and merge. `infer`: the program itself.
    clusterer : str
        A key of `clusterers.CLUSTERERS`.
    precision : str
        As `cellseg.device.choose_precision` takes it.
    """

    name: str
    schedule: Literal["published", "tiles", "whole", "infer"]
    clusterer: str
    precision: Literal["float32", "auto"]

    @property
    def steady_from(self) -> int:
        """First pair that costs what all later ones do."""
        return WINDOW - 1 if self.schedule == "published" else 1

    def pairs(
        self,
        network: Network,
        inference: Inference,
        frame: Callable[[int], Tensor],
        shape: tuple[int, int],
        length: int,
        start: int,
    ) -> Iterator[Pair]:
        """Embed a movie.

        Parameters
        ----------
        network : Network
        inference : Inference
            The model's.
        frame : callable
            Gives the prepared frame t, (Y, X).
        shape : tuple of int
            (Y, X) of it.
        length : int
            Frames.
        start : int
            First pair of the published schedule; the others begin with the movie.

        Yields
        ------
        Pair or TilePair
        """
        if self.schedule == "published":
            return embed_published(network, frame, length, start=start)
        window = inference.window if inference.state == "window" else None
        if self.schedule == "whole":
            return embed_pairs(network, frame, length, window=window, warmup=inference.warmup)
        tiling = Tiling(shape)
        pairs = embed_pairs(
            network, lambda t: tiling.cut(frame(t)), length, window=window, warmup=inference.warmup
        )
        return (_as_tiles(tiling, pair) for pair in pairs)

    def flops(self, architecture: Architecture, inference: Inference, shape: tuple[int, int]) -> float:
        """Count the operations of the network for a frame in steady state.

        Parameters
        ----------
        architecture : Architecture
        inference : Inference
            The model's.
        shape : tuple of int
            (Y, X) at network scale.

        Returns
        -------
        float
        """
        if self.schedule == "published":
            return published_flops_per_frame(architecture, shape)
        steps = 1.0
        if inference.state == "window":
            steps = (inference.window + inference.warmup) / (inference.window - 1)
        if self.schedule == "tiles":
            return steps * len(Tiling(shape).corners) * flops_per_frame(architecture, TILE_SHAPE)
        return steps * flops_per_frame(architecture, shape)


def _as_tiles(tiling: Tiling, pair: Pair) -> TilePair:
    """Make a pair of batches of tiles what `embed_published` makes."""
    height, width = tiling.tile_shape
    halves = (
        Embedding(half.vectors[..., :height, :width], half.foreground[..., :height, :width], half.frame)
        for half in (pair.first, pair.second)
    )
    return tile_pair(tiling, *halves)


def _steps() -> tuple[Variant, ...]:
    payer = Variant("published schedule, payer", "published", "payer", "float32")
    clusterer = replace(payer, name="+ our clusterer", clusterer="cellseg")
    windows = replace(clusterer, name="+ every frame once", schedule="tiles")
    tiles = replace(windows, name="+ no tiles", schedule="whole")
    precision = replace(tiles, name="+ precision of the device", precision="auto")
    return (
        payer,
        clusterer,
        windows,
        tiles,
        precision,
        replace(precision, name="infer, stages overlapping", schedule="infer"),
    )


STEPS = _steps()
"""Each has one thing more than the one before; the last is the program itself."""
RIVALS = tuple(
    replace(STEPS[0], name=f"published schedule, {name}", clusterer=name)
    for name in ("gpu-h", "gpu-p", "published-faster-mean-shift")
)
"""The published schedule with the other clusterers of the paper's table."""
ROWS = (STEPS[0], *RIVALS, *STEPS[1:])
