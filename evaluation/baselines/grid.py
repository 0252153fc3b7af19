"""Cells of a grid and their neighbours: what MeanShift++ and GridShift share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod

import numpy as np
from numpy.typing import NDArray

DENSE_KEYS = 1 << 22
"""Up to so many cells in the bounding box, occupied ones are found by counting instead of sorting."""


@dataclass(frozen=True)
class Grid:
    """The occupied cells.

    Attributes
    ----------
    keys : numpy.ndarray, (m,) int64
        Ascending number of each occupied cell.
    cell : numpy.ndarray, (n,) int64
        Index, in `keys`, of the cell of every position.
    steps : tuple of int
        How far the keys of the 3^D neighbours, a cell itself included, are from the cell's own.
    """

    keys: NDArray[np.int64]
    cell: NDArray[np.int64]
    steps: tuple[int, ...]

    def totals(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Add up, for every cell, the values, (n, C), of its positions: (m, C)."""
        columns = [np.bincount(self.cell, weights=column, minlength=len(self.keys)) for column in values.T]
        return np.stack(columns, axis=1)

    def neighbourhood_totals(self, totals: NDArray[np.float64]) -> NDArray[np.float64]:
        """Add up, for every cell, the totals, (m, C), of it and its neighbours: (m, C)."""
        sums = np.zeros_like(totals)
        for here, there in self._neighbours:
            sums[here] += totals[there]
        return sums

    def touching(self) -> NDArray[np.int64]:
        """Give, for every cell, the smallest index among it and its neighbours: (m,)."""
        smallest = np.arange(len(self.keys))
        for here, there in self._neighbours:
            smallest[here] = np.minimum(smallest[here], there)
        return smallest

    @cached_property
    def _neighbours(self) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """For each step: the cells with an occupied neighbour there, and the neighbour's index."""
        pairs = []
        for step in self.steps:
            place = np.searchsorted(self.keys, self.keys + step)
            place[place == len(self.keys)] = 0
            here = np.flatnonzero(self.keys[place] == self.keys + step)
            pairs.append((here, place[here]))
        return pairs


def grid(positions: NDArray[np.float64], width: float) -> Grid:
    """Find the cells, floor(x / width), that hold positions.

    Parameters
    ----------
    positions : numpy.ndarray, (n, D) float64
    width : float
        Side of a cell.

    Returns
    -------
    Grid

    Raises
    ------
    ValueError
        The bounding box has more cells than an int64 can number.
    """
    places = np.floor(positions / width)
    places -= places.min(axis=0)
    # One empty cell at the end of each row keeps neighbours beyond the box from being taken for cells on its
    # other side.
    extent = [int(last) + 2 for last in places.max(axis=0)]
    if prod(extent) > np.iinfo(np.int64).max:
        raise ValueError(f"the bandwidth {width} is too small for the spread of these points")
    strides = [prod(extent[axis + 1 :]) for axis in range(len(extent))]
    keys = places.astype(np.int64) @ np.array(strides, dtype=np.int64)
    steps = tuple(
        sum(move * stride for move, stride in zip(moves, strides, strict=True))
        for moves in product((-1, 0, 1), repeat=len(extent))
    )
    if prod(extent) <= DENSE_KEYS:
        occupied = np.bincount(keys) > 0
        return Grid(np.flatnonzero(occupied), (np.cumsum(occupied) - 1)[keys], steps)
    unique, cell = np.unique(keys, return_inverse=True)
    return Grid(unique, cell.reshape(-1), steps)


def clusters_at_rest(positions: NDArray[np.float64], width: float) -> NDArray[np.int64]:
    """Find the clusters of positions that have come to rest.

    Positions at rest are equal, but for rounding, within a cell and its neighbours: if they were not, they
    would move on. Touching cells are therefore one cluster; rounding alone has put a border between them.

    Parameters
    ----------
    positions : numpy.ndarray, (n, D) float64
    width : float
        Side of a cell.

    Returns
    -------
    numpy.ndarray, (n,) int64
        Cluster of every position, from 0.
    """
    cells = grid(positions, width)
    return np.unique(cells.touching()[cells.cell], return_inverse=True)[1].reshape(-1)


def cluster_means(
    positions: NDArray[np.float64], weights: NDArray[np.float64], labels: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Average the positions of each cluster.

    Parameters
    ----------
    positions : numpy.ndarray, (n, D) float64
    weights : numpy.ndarray, (n,) float64
    labels : numpy.ndarray, (n,) int64
        From 0, none left out.

    Returns
    -------
    numpy.ndarray, (K, D) float64
    """
    sums = [np.bincount(labels, weights=weights * column) for column in positions.T]
    return np.stack(sums, axis=1) / np.bincount(labels, weights=weights)[:, None]
