"""Frames that do not fit into memory are embedded tile by tile."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any

import torch
from torch import Tensor

from cellseg.rshn.model import Network
from cellseg.rshn.network import RSHN, State

HALO = 128
"""Network pixels around a tile that are computed with it and thrown away, so that its edge is not seen."""
_SMALLEST = 512
_LARGEST = 2048
"""Of larger tiles, several at once are no slower, and easier to take fewer of."""
_UNLIMITED = 1 << 30
"""More tiles than any frame has."""
_FRAMES_IN_FLIGHT = 4
"""Whose embeddings are alive at once, in float32, where stages of the flow work at the same time."""
_VALUES_PER_PIXEL_AND_FILTER = 14
"""Numbers alive at once in a step, both states included. Measured: 12.3 to 14.3, with networks of 32 filters
and 6 levels and of 64 and 7, frames of 768 to 1,536 pixels a side, float32 and bfloat16."""


def within_memory(
    network: Network, shape: tuple[int, int], max_memory: float, say: Callable[[str], Any], views: int = 1
) -> Network:
    """Bring a network to embed frames of a size without taking more than so much memory for a step.

    Parameters
    ----------
    network : Network
        One that is no `RSHN` is given back as it is.
    shape : tuple of int
        Size (Y, X) of the frames, in network pixels.
    max_memory : float
        In bytes. A tile of 512 pixels is the smallest, whatever it takes.
    say : callable
        Told in words that there are tiles, and later that memory ran out.
    views : int
        Of a frame, embedded one after the other.

    Returns
    -------
    Network
    """
    if not isinstance(network, RSHN):
        return network
    height, width = (-(-size // network.multiple) * network.multiple for size in shape)
    pixels = _pixels_at_once(network, max_memory)
    whole = views * _bytes_per_pixel_kept(network) * height * width
    if whole > max_memory:
        say(
            f"state and embeddings of whole frames take about {whole / 2**30:.1f} GiB, whatever the tiles: "
            f"more than the {max_memory / 2**30:.1f} GiB allowed"
        )
    if height * width <= pixels:
        return Tiled(network, max(shape), 1, say)
    side = int(min(max(pixels**0.5, _SMALLEST), _LARGEST))
    if side >= max(height, width):
        needed = max_memory * height * width / pixels
        say(
            f"a step takes {needed / 2**30:.1f} GiB, more than allowed: tiles are at least {_SMALLEST} pixels"
        )
    else:
        say(f"frames of {shape[0]} x {shape[1]} network pixels are embedded in tiles of {side} x {side}")
    return Tiled(network, side, tiles_at_once(network, side, max_memory), say)


def tiles_at_once(network: Network, side: int, max_memory: float) -> int:
    """Tell how many tiles a step may take without exceeding so many bytes.

    Parameters
    ----------
    network : Network
        Of one that is no `RSHN` nothing is known: it may take all.
    side : int
        Of the tiles, in network pixels.
    max_memory : float
        In bytes.

    Returns
    -------
    int
        At least 1.
    """
    if not isinstance(network, RSHN):
        return _UNLIMITED
    return max(1, int(min(_UNLIMITED, _pixels_at_once(network, max_memory) / side**2)))


def _pixels_at_once(network: RSHN, max_memory: float) -> float:
    """Tell how many network pixels a step may take; all weights have the type of the first ones."""
    weight = next(network.parameters())
    return max_memory / (_VALUES_PER_PIXEL_AND_FILTER * len(weight) * weight.element_size())


def _bytes_per_pixel_kept(network: RSHN) -> float:
    """Estimate what whole frames take per network pixel: two states, embeddings of the pairs in flight."""
    weight = next(network.parameters())
    # A state has the maps of both hourglasses; coarser levels together are a third of the finest.
    state = 2 * len(weight) * 4 / 3 * weight.element_size()
    return 2 * state + _FRAMES_IN_FLIGHT * network.embedding_size * 4


class Tiled:
    """A network that embeds frames larger than a tile one tile after the other.

    The state is that of the whole frame: a tile reads its part with what the neighbours left in its halo, and
    writes what is its own. So it has the same shape whatever the tiles, and what a tile's edge does to it
    does not spread from frame to frame. (What is farther than the halo matters little, but not nothing.)

    Parameters
    ----------
    network : RSHN
    side : int
        Most network pixels of a tile along an axis, halo included.
    batch : int
        Tiles embedded at once.
    say : callable
        Told in words that memory ran out, and what is done about it.
    """

    def __init__(
        self, network: RSHN, side: int, batch: int = 1, say: Callable[[str], Any] = lambda message: None
    ) -> None:
        self.network = network
        self.side = side
        self.batch = batch
        self._say = say

    @property
    def device(self) -> torch.device:
        """Where the network is just now."""
        return next(self.network.parameters()).device

    @torch.inference_mode()
    def step(self, frame: Tensor, state: State | None = None) -> tuple[Tensor, Tensor, State]:
        """Embed one frame; parameters and returns are those of `RSHN.step` for a frame (Y, X).

        On a GPU that runs out of memory, tiles become fewer at once, then smaller; then the CPU goes on.
        """
        while True:
            try:
                return self._step(frame, state)
            except torch.OutOfMemoryError:
                self._take_less(frame)

    def _step(self, frame: Tensor, state: State | None) -> tuple[Tensor, Tensor, State]:
        network = self.network
        device = self.device
        if device == frame.device and max(frame.shape) <= self.side:
            return network.step(frame, state)
        image = network.padded(frame)
        height, width = image.shape[-2:]
        raw = image.new_empty((1, network.embedding_size, height, width), dtype=torch.float32)
        after: State = []
        tiles = list(_tiles((height, width), self.side, network.multiple))
        for begin in range(0, len(tiles), self.batch):
            chosen = tiles[begin : begin + self.batch]
            images = torch.cat([tile.read(image) for tile in chosen]).to(device)
            states = None
            if state is not None:
                states = [
                    torch.cat([tile.read(maps, level % network.levels) for tile in chosen]).to(images)
                    for level, maps in enumerate(state)
                ]
            _, vectors, states = network(
                images.contiguous(memory_format=torch.channels_last),
                states and [maps.contiguous(memory_format=torch.channels_last) for maps in states],
            )
            if not after:
                after = [_whole(maps, image, level % network.levels) for level, maps in enumerate(states)]
            for index, tile in enumerate(chosen):
                tile.write(vectors[index], raw)
                for level, (maps, target) in enumerate(zip(states, after, strict=True)):
                    tile.write(maps[index], target, level % network.levels)
        vectors, foreground = network.finished(raw[..., : frame.shape[-2], : frame.shape[-1]])
        return vectors[0], foreground[0], after

    def _take_less(self, frame: Tensor) -> None:
        """After an out-of-memory error: fewer tiles at once, smaller ones, or another device."""
        side = min(self.side, max(frame.shape))
        if self.batch > 1:
            self.batch //= 2
            change = f"{self.batch} tiles at once"
        elif side > _SMALLEST:
            self.side = max(_SMALLEST, side // 2)
            change = f"tiles of {self.side} x {self.side} network pixels"
        elif self.device.type != "cpu":
            # A copy: whoever lent the network goes on with it where it is. Not every CPU has half precision.
            self.network = copy.deepcopy(self.network).to("cpu", torch.float32)
            change = "the CPU"
        else:
            raise
        self._say(f"out of memory: going on with {change}")
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


@dataclass(frozen=True)
class _Axis:
    """What a tile reads along one axis, and what of it is its own; network pixels of the padded frame."""

    begin: int
    end: int
    own_begin: int
    own_end: int


@dataclass(frozen=True)
class _Tile:
    """A part of the padded frame."""

    y: _Axis
    x: _Axis

    def read(self, maps: Tensor, level: int = 0) -> Tensor:
        """Cut the tile with its halo out of maps (1, C, Y, X) of a level."""
        y, x = self.y, self.x
        return maps[..., y.begin >> level : y.end >> level, x.begin >> level : x.end >> level]

    def write(self, maps: Tensor, target: Tensor, level: int = 0) -> None:
        """Put what is the tile's own, of maps (C, y, x) with halo, into (1, C, Y, X)."""
        (from_y, to_y), (from_x, to_x) = (
            (
                slice((axis.own_begin - axis.begin) >> level, (axis.own_end - axis.begin) >> level),
                slice(axis.own_begin >> level, axis.own_end >> level),
            )
            for axis in (self.y, self.x)
        )
        target[0, :, to_y, to_x] = maps[:, from_y, from_x]


def _tiles(shape: tuple[int, int], side: int, multiple: int) -> Iterator[_Tile]:
    """Cover a padded frame with tiles of one size."""
    for y, x in product(*(_axis(size, side, multiple) for size in shape)):
        yield _Tile(y, x)


def _axis(size: int, side: int, multiple: int) -> list[_Axis]:
    """Cut an axis; every place at which the maps of some level would be cut apart is avoided."""
    if size <= side:
        return [_Axis(0, size, 0, size)]
    halo = -(-HALO // multiple) * multiple
    whole = max(side // multiple * multiple, 2 * halo + multiple)
    if size <= whole:
        return [_Axis(0, size, 0, size)]
    count = -(-(size - 2 * halo) // (whole - 2 * halo))
    begins = [round(index * (size - whole) / (count - 1) / multiple) * multiple for index in range(count)]
    # Neighbours meet in the middle of what both of them read.
    middles = [(before + whole + after) // 2 // multiple * multiple for before, after in pairwise(begins)]
    return [
        _Axis(begin, begin + whole, own_begin, own_end)
        for begin, own_begin, own_end in zip(begins, [0, *middles], [*middles, size], strict=True)
    ]


def _whole(maps: Tensor, image: Tensor, level: int) -> Tensor:
    """Room for the maps of a level of the whole frame."""
    size = (1, maps.shape[1], image.shape[-2] >> level, image.shape[-1] >> level)
    return maps.new_empty(size).contiguous(memory_format=torch.channels_last)
