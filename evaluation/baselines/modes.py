"""From where seeds came to rest to labels: sort, prune greedily, assign each point to the nearest mode."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .closeness import Closeness

ENTRIES = 1 << 20
"""Points x modes compared at once."""


def prune(positions: NDArray[Any], counts: NDArray[np.int64], near: Closeness) -> NDArray[np.int64]:
    """Choose modes: in descending order of (count, coordinates), none within the bandwidth of another.

    Parameters
    ----------
    positions : numpy.ndarray, (m, D)
    counts : numpy.ndarray, (m,) int64
        Points in the windows.
    near : Closeness

    Returns
    -------
    numpy.ndarray, (K,) int64
        Indices of the modes.
    """
    left = np.lexsort((*positions.T[::-1], counts))[::-1]
    points, centres = near.point_table(positions), near.centre_table(positions)
    chosen = []
    while left.size:
        chosen.append(left[0])
        left = left[1:]
        left = left[points[left] @ centres[chosen[-1]] < near.least]
    return np.array(chosen, dtype=np.int64)


def assign(table: NDArray[Any], modes: NDArray[Any], near: Closeness) -> NDArray[np.int64]:
    """Label every point with its nearest mode.

    Parameters
    ----------
    table : numpy.ndarray, (n, E)
        `near.point_table` of the points.
    modes : numpy.ndarray, (K, D)
        K > 0.
    near : Closeness

    Returns
    -------
    numpy.ndarray, (n,) int64
    """
    centres = near.centre_table(modes).T
    labels = np.empty(len(table), dtype=np.int64)
    size = max(1, ENTRIES // len(modes))
    for begin in range(0, len(table), size):
        labels[begin : begin + size] = (table[begin : begin + size] @ centres).argmax(axis=1)
    return labels
