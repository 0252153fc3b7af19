"""From bodies to pixels: which pixel belongs to which cell.

A pixel at distance r from a centre has depth u = r / R(direction): 0 at the centre, 1 on the outline. It
belongs to the cell in which u is smallest. So cells whose outlines overlap share a border, as if pressed
together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from cellseg.simulate.cell import Cell
from cellseg.simulate.outline import DIRECTIONS

Box = tuple[slice, slice]


@dataclass(frozen=True)
class CellView:
    """The part of one cell that lies in the image.

    Attributes
    ----------
    cell : Cell
        The body.
    box : tuple of slice
        Rows and columns of the image in which the arrays below lie.
    mask : numpy.ndarray, (y, x) bool
        Pixels of the cell; one connected component.
    depth : numpy.ndarray, (y, x) float32
        u of every pixel.
    local : tuple of numpy.ndarray, (y, x) float32 each
        (y, x) in pixels from the centre, along the cell's own axes.
    outline : numpy.ndarray, (DIRECTIONS,) float32
        Radii in pixels, by direction from the cell's own x axis.
    radius : float
        Their mean.
    """

    cell: Cell
    box: Box
    mask: NDArray[np.bool_]
    depth: NDArray[np.float32]
    local: tuple[NDArray[np.float32], NDArray[np.float32]]
    outline: NDArray[np.float32]
    radius: float


def views(
    cells: Sequence[Cell], radii: Sequence[NDArray[np.float32]], shape: tuple[int, int]
) -> list[CellView]:
    """Share the pixels of the image out among the cells.

    Parameters
    ----------
    cells : sequence of Cell
        The bodies, in and around the image.
    radii : sequence of numpy.ndarray, (DIRECTIONS,) float32
        Their outlines in pixels.
    shape : tuple of int
        (Y, X) of the image.

    Returns
    -------
    list of CellView
        Those cells that own at least one pixel. No pixel is owned twice.
    """
    deepest = np.ones(shape, dtype=np.float32)
    owner = np.full(shape, -1, dtype=np.int32)
    found = []
    for index, (cell, table) in enumerate(zip(cells, radii, strict=True)):
        box = _box(cell.position, float(table.max()), shape)
        if box is None:
            continue
        local = _local(cell, box)
        depth = _depth(local, table)
        deeper = depth < deepest[box]
        deepest[box][deeper] = depth[deeper]
        owner[box][deeper] = index
        found.append((index, cell, box, depth, local, table))
    seen = []
    for index, cell, box, depth, local, table in found:
        mask = _largest_component(owner[box] == index)
        if mask.any():
            seen.append(CellView(cell, box, mask, depth, local, table, float(table.mean())))
    return seen


def _box(position: NDArray[np.float64], reach: float, shape: tuple[int, int]) -> Box | None:
    low = np.maximum(np.floor(position - reach), 0).astype(int)
    high = np.minimum(np.ceil(position + reach) + 1, shape).astype(int)
    if np.any(high <= low):
        return None
    return slice(int(low[0]), int(high[0])), slice(int(low[1]), int(high[1]))


def _local(cell: Cell, box: Box) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    rows = np.arange(box[0].start, box[0].stop, dtype=np.float32)[:, None] - np.float32(cell.position[0])
    columns = np.arange(box[1].start, box[1].stop, dtype=np.float32)[None] - np.float32(cell.position[1])
    sine, cosine = np.float32(np.sin(cell.angle)), np.float32(np.cos(cell.angle))
    return cosine * rows - sine * columns, sine * rows + cosine * columns


def _depth(
    local: tuple[NDArray[np.float32], NDArray[np.float32]], table: NDArray[np.float32]
) -> NDArray[np.float32]:
    turns = np.arctan2(local[0], local[1]) * np.float32(DIRECTIONS / (2 * np.pi))
    distance: NDArray[np.float32] = np.hypot(*local)
    return distance / table[np.rint(turns).astype(np.int32) % DIRECTIONS]


def _largest_component(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Keep one piece: neighbours or the image border may cut a cell in two."""
    pieces, count = ndimage.label(mask)
    if count <= 1:
        return mask
    sizes = np.bincount(pieces.ravel())[1:]
    largest: NDArray[np.bool_] = pieces == 1 + int(sizes.argmax())
    return largest
