"""The overlapping tiles of the published schedule, each with a state and a clustering of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, product

import torch
from torch import Tensor
from torch.nn import functional as F

TILE = 256
"""Side of a tile in network pixels (Payer et al. 2019)."""
STRIDE = 128
"""Distance of neighbouring tiles (Payer et al. 2019)."""
OUTSIDE = -1.0
"""What a tile shows beyond a frame that is smaller (Payer et al. 2019): the dark end of the range."""


@dataclass(frozen=True)
class Tiling:
    """Square tiles over frames of one size (Payer et al. 2019; specification, section 5.2).

    Tiles lie `STRIDE` apart; the last one of an axis is moved back to end with the frame.

    Attributes
    ----------
    shape : tuple of int
        Size (Y, X) of the frames, in network pixels.
    """

    shape: tuple[int, int]

    @property
    def corners(self) -> tuple[tuple[int, int], ...]:
        """First pixel (y, x) of each of the B tiles; y runs fastest."""
        rows, columns = (_begins(size) for size in self.shape)
        return tuple((y, x) for x, y in product(columns, rows))

    @property
    def tile_shape(self) -> tuple[int, int]:
        """Size (h, w) of the part of a tile that lies in the frame."""
        return min(TILE, self.shape[0]), min(TILE, self.shape[1])

    def cut(self, frame: Tensor) -> Tensor:
        """Cut a frame into its tiles.

        Parameters
        ----------
        frame : Tensor, (Y, X)

        Returns
        -------
        Tensor, (B, 256, 256)
            A smaller frame is padded with -1 below and to the right.
        """
        height, width = self.tile_shape
        padded = F.pad(frame, (0, TILE - width, 0, TILE - height), value=OUTSIDE)
        return torch.stack([padded[y : y + TILE, x : x + TILE] for y, x in self.corners])

    def joined(self, maps: Tensor) -> Tensor:
        """Put maps of the tiles together: each pixel from the tile in which it lies farthest inside.

        That is the tile with the largest distance from the pixel to those sides that are no sides of the
        frame; of equals, the first. The published program never joins embeddings, only labels.

        Parameters
        ----------
        maps : Tensor, (B, ..., h, w)

        Returns
        -------
        Tensor, (..., Y, X)
        """
        whole = maps.new_empty((*maps.shape[1:-2], *self.shape))
        rows, columns = (list(_own(size)) for size in self.shape)
        for tile, ((x, own_x), (y, own_y)) in enumerate(product(columns, rows)):
            own = maps[tile, ..., own_y.start - y : own_y.stop - y, own_x.start - x : own_x.stop - x]
            whole[..., own_y, own_x] = own
        return whole


def _begins(size: int) -> list[int]:
    """First pixels of the tiles along an axis."""
    return [*range(0, size - TILE, STRIDE), max(size - TILE, 0)]


def _own(size: int) -> Iterator[tuple[int, slice]]:
    """Begin of each tile along an axis, and the pixels that lie farther inside it than inside any other."""
    begins = _begins(size)
    # Halfway between the inner sides of two neighbours; the pixel in the middle is the first one's.
    ends = [(before + after + TILE + 1) // 2 for before, after in pairwise(begins)]
    for begin, first, last in zip(begins, [0, *ends], [*ends, size], strict=True):
        yield begin, slice(first, last)
