"""The network of a run: within the memory it may take, on the schedule the run has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from torch import Tensor

from cellseg.config import Inference
from cellseg.device import usual_memory
from cellseg.errors import CellsegError
from cellseg.rshn import (
    TILE,
    Model,
    Pair,
    State,
    Tiled,
    embed_pairs,
    embed_published,
    tiles_at_once,
    within_memory,
)

_LARGEST_SIDE = 2**15


def check_network_shape(shape: tuple[int, int], path: Path) -> None:
    """Refuse frames that are larger than any network can take.

    Parameters
    ----------
    shape : tuple of int
        Size (Y', X') of the frames, in network pixels.
    path : Path
        Of the movie, which an error names.

    Raises
    ------
    CellsegError
    """
    if max(shape) > _LARGEST_SIDE:
        raise CellsegError(
            f"at this scale the network would see {shape} pixels",
            path=path,
            remedy="Check --diameter or --pixel-size.",
        )


class Embedder:
    """Embeds the pairs of frames of one movie.

    Parameters
    ----------
    model : Model
        Runs on the device its network is on.
    inference : Inference
    shape : tuple of int
        Size (Y', X') of the frames, in network pixels.
    max_memory : float or None
        Bytes that a step may take; half of the device's memory without it.
    say : callable
        Told in words that frames are embedded in tiles, and later that memory ran out.

    Attributes
    ----------
    device : torch.device
        Where frames and state have to be.
    """

    def __init__(
        self,
        model: Model,
        inference: Inference,
        shape: tuple[int, int],
        max_memory: float | None,
        say: Callable[[str], Any],
    ) -> None:
        self.device = model.device
        self._inference, self._shape = inference, shape
        limit = max_memory or usual_memory(model.device)
        self._batch = tiles_at_once(model.network, TILE, limit)
        self._network = model.network
        if inference.schedule == "single-pass":
            self._network = within_memory(model.network, shape, limit, say, inference.views)

    def pairs(
        self, frame: Callable[[int], Tensor], length: int, *, start: int, begin: int, state: State | None
    ) -> Iterator[Pair]:
        """Embed every pair of consecutive frames from one on.

        Parameters
        ----------
        frame : callable
            Gives the prepared frame of an index, (Y', X') float32, on the device.
        length : int
            Number of frames of the movie.
        start : int
            First frame of the first pair.
        begin : int
            First frame that a state is built up from.
        state : State or None
            As the pair before left it.

        Yields
        ------
        Pair
        """
        window = self._inference.window
        if self._inference.schedule == "published":
            return embed_published(
                self._network, frame, length, start=start, window=window, batch=self._batch
            )
        return embed_pairs(
            *(self._network, frame, length),
            window=window if self._inference.state == "window" else None,
            warmup=self._inference.warmup,
            views=self._inference.views,
            start=start,
            state=None if state is None else [maps.to(self.device) for maps in state],
            begin=begin,
        )

    @property
    def tile(self) -> int | None:
        """Side of the tiles just now, in network pixels, which shrinks when memory runs out; None without."""
        if isinstance(self._network, Tiled) and self._network.side < max(self._shape):
            return self._network.side
        return None

    @property
    def place(self) -> str:
        """Device the network is on just now: the CPU, when memory ran out."""
        return str(self._network.device if isinstance(self._network, Tiled) else self.device)
