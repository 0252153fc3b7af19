"""Connected regions of a label image: their pieces, and what borders them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from skimage.measure import label

_NEIGHBOURS = ((-1, 0), (1, 0), (0, -1), (0, 1))


def connected_regions(labels: NDArray[np.generic], connectivity: int) -> NDArray[np.int64]:
    """Give every connected region of equal label a number.

    Parameters
    ----------
    labels : numpy.ndarray of int or bool, any shape
        0 (False) is background.
    connectivity : int
        In how many axes neighbours may differ, by one.

    Returns
    -------
    numpy.ndarray of int64
        1..K in the order of their first pixel; 0 is background.
    """
    return np.asarray(label(labels, connectivity=connectivity, background=0), np.int64)  # type: ignore[no-untyped-call]


def numbered(labels: NDArray[np.integer]) -> NDArray[np.int32]:
    """Close the gaps in the numbering of labels.

    Parameters
    ----------
    labels : numpy.ndarray of int, any shape
        From 0, which is background.

    Returns
    -------
    numpy.ndarray of int32
        1..K in the same order; 0 is background.
    """
    used = np.zeros(labels.max(initial=0) + 1, np.int32)
    used[labels] = 1
    used[0] = 0
    number: NDArray[np.int32] = np.where(used, np.cumsum(used, dtype=np.int32), 0)[labels]
    return number


def split_pieces(
    labels: NDArray[np.integer],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Find the 8-connected pieces of every label, and those that are not the largest of their label.

    Parameters
    ----------
    labels : numpy.ndarray, (Y, X) int

    Returns
    -------
    pieces : numpy.ndarray, (Y, X) int64
        Number of the piece of each pixel.
    owner, size : numpy.ndarray, (pieces + 1,) int64
        Label and pixels of each piece; entry 0 is background.
    surplus : numpy.ndarray, (n,) int64
        All but the largest piece of each label; of equal pieces the first is the largest.
    """
    pieces = connected_regions(labels, connectivity=2)
    size = np.bincount(pieces.ravel())
    owner = np.zeros(len(size), np.int64)
    owner[pieces] = labels
    by_size = 1 + np.lexsort((-size[1:], owner[1:]))
    surplus = by_size[1:][owner[by_size[1:]] == owner[by_size[:-1]]]
    return pieces, owner, size, surplus


def count_contacts(
    regions: NDArray[np.integer], labels: NDArray[np.integer]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Count the pixel edges that each region shares with each label around it.

    Parameters
    ----------
    regions : numpy.ndarray, (Y, X) int
        Regions; 0 is none.
    labels : numpy.ndarray, (Y, X) int
        Labels; 0 (background) is counted like any other.

    Returns
    -------
    region, label, contacts : three numpy.ndarray, (n,) int64
        Pairs that touch: 4-neighbours, one inside the region and one outside; by region, then label.
    """
    height, width = regions.shape
    y, x = np.nonzero(regions)
    inside = regions[y, x].astype(np.int64)
    pairs = []
    for dy, dx in _NEIGHBOURS:
        near_y, near_x = y + dy, x + dx
        within = (near_y >= 0) & (near_y < height) & (near_x >= 0) & (near_x < width)
        near = near_y[within], near_x[within]
        outside = regions[near] != inside[within]
        pairs.append(np.column_stack([inside[within], labels[near].astype(np.int64)])[outside])
    touching, contacts = np.unique(np.concatenate(pairs), axis=0, return_counts=True)
    return touching[:, 0], touching[:, 1], contacts.astype(np.int64)
