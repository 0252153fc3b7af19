"""Labels of overlapping tiles become labels of the whole frame pair: of touching clumps, the larger wins."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import find_objects

from cellseg.tracking.regions import connected_regions, numbered

INNER_BORDER = 32
"""Width of the rim along the inner sides of a tile that is not its centre (Payer et al. 2019, inference)."""


def merge_tiles(
    tiles: Iterable[NDArray[np.int32]],
    corners: Iterable[tuple[int, int]],
    shape: tuple[int, int],
    inner_border: int = INNER_BORDER,
) -> NDArray[np.int32]:
    """Merge the labels of the tiles of a frame pair, tile after tile.

    An inner side of a tile is one that is no side of the frame. Instances that touch an inner side in either
    frame are dropped. Of the others, each that reaches into the centre of its tile is looked at: where there
    is nothing yet, it is written. Else clumps decide, which are the 6-connected regions of anything that is
    no background: if those of the tile that the instance is part of have more pixels than all those of
    earlier tiles that they cover, these are erased and all instances of the tile's clumps are written; if
    not, the instance is left out.

    Parameters
    ----------
    tiles : iterable of numpy.ndarray, (2, h, w) int32
        Instances of each tile in both frames, 1..K; 0 is background.
    corners : iterable of tuple of int
        First pixel (y, x) of each tile.
    shape : tuple of int
        Size (Y, X) of the frame.
    inner_border : int
        Pixels between the inner sides of a tile and its centre.

    Returns
    -------
    numpy.ndarray, (2, Y, X) int32
        Instances 1..K; 0 is background.

    Notes
    -----
    Payer et al. 2019 (specification, section 5.5), without three defects (section 9, defect 6): the rim is
    `inner_border` wide at the left, too; the clumps of earlier tiles are those that are still there, not
    those that were there when the tile began; a tile needs no background. The method's own weaknesses are
    kept: the loser of two touching clumps is lost whole, with instances that were right, and so is a cell
    that is larger than the overlap of two tiles.
    """
    merged = np.zeros((2, *shape), np.int32)
    used = 0
    for labels, corner in zip(tiles, corners, strict=True):
        _add_tile(merged, labels, corner, inner_border, used)
        used += int(labels.max(initial=0))
    return numbered(merged)


def _add_tile(
    merged: NDArray[np.int32],
    labels: NDArray[np.int32],
    corner: tuple[int, int],
    inner_border: int,
    used: int,
) -> None:
    """Write the instances of a tile, numbered from `used` + 1, in place."""
    _, height, width = labels.shape
    (top, left), (_, whole_height, whole_width) = corner, merged.shape
    here = np.s_[:, top : top + height, left : left + width]
    inner = ((top > 0, top + height < whole_height), (left > 0, left + width < whole_width))
    labels = _without_cut(labels, inner)
    centre = np.zeros(labels.shape, bool)
    centre[:, _shrunk(height, inner[0], inner_border), _shrunk(width, inner[1], inner_border)] = True

    target = merged[here]
    earlier = connected_regions(merged > 0, connectivity=1)
    earlier_here, earlier_size = earlier[here], np.bincount(earlier.ravel())
    clumps = connected_regions(labels > 0, connectivity=1)
    for number, box in enumerate(find_objects(labels), start=1):
        if box is None:
            continue
        own = labels[box] == number
        if not (own & centre[box]).any():
            continue
        if not earlier_here[box][own].any():
            target[box][own] = used + number
            continue
        clump = np.isin(clumps, clumps[box][own])
        covered = np.setdiff1d(earlier_here[clump], 0)
        if np.count_nonzero(clump) > earlier_size[covered].sum():
            loser = np.isin(earlier, covered)
            merged[loser] = earlier[loser] = 0
            target[clump] = used + labels[clump]


def _without_cut(labels: NDArray[np.int32], inner: tuple[tuple[bool, bool], ...]) -> NDArray[np.int32]:
    """Drop the instances that touch an inner side."""
    cut = np.zeros(labels.max(initial=0) + 1, bool)
    for axis, sides in enumerate(inner, start=1):
        for place, is_inner in zip((0, -1), sides, strict=True):
            if is_inner:
                cut[labels.take(place, axis)] = True
    return np.where(cut[labels], 0, labels)


def _shrunk(size: int, sides: tuple[bool, bool], inner_border: int) -> slice:
    """Centre of a tile along an axis."""
    return slice(inner_border if sides[0] else 0, size - inner_border if sides[1] else size)
