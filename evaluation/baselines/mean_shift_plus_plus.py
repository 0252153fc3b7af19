"""MeanShift++ (Jang and Jiang, CVPR 2021): a window is the cell of a grid and the cells around it."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from .baseline import Metric, Result
from .grid import cluster_means, clusters_at_rest, grid

MAX_ITERATIONS = 300
TOLERANCE = 1e-3
"""Shifting ends when all points together move by less than this share of the bandwidth."""


def mean_shift_plus_plus(
    vectors: NDArray[np.float32],
    bandwidth: float,
    *,
    metric: Metric,
    clusters: int | None,
    seed: int,
    device: torch.device,
) -> Result:
    """Cluster by MeanShift++: every point moves, and the moved points are the data of the next iteration.

    For 2 and 3 dimensions: a neighbourhood is 3^D cells. The side of a cell is the bandwidth. Points that
    come to rest together are a cluster. All points are put into cells again in every iteration, as published;
    to keep those together that have met is the idea of `grid_shift`.

    Parameters and return value are those of `Baseline.run`; `clusters`, `seed` and `device` are not used.
    """
    positions = vectors.astype(np.float64)
    for _ in range(MAX_ITERATIONS):
        before = positions
        positions = shift(before, bandwidth)
        if np.linalg.norm(positions - before, axis=1).sum() < TOLERANCE * bandwidth:
            break
    labels = clusters_at_rest(positions, bandwidth)
    return Result(labels, cluster_means(positions, np.ones(len(positions)), labels))


def shift(positions: NDArray[np.float64], bandwidth: float) -> NDArray[np.float64]:
    """Move every position to the mean of all positions in its cell and the neighbouring cells.

    Positions of one cell move to one place: the mean is computed once a cell.

    Parameters
    ----------
    positions : numpy.ndarray, (n, D) float64
    bandwidth : float
        Side of a cell.

    Returns
    -------
    numpy.ndarray, (n, D) float64
    """
    cells = grid(positions, bandwidth)
    counted = np.hstack([positions, np.ones((len(positions), 1))])
    sums = cells.neighbourhood_totals(cells.totals(counted))
    means: NDArray[np.float64] = sums[:, :-1] / sums[:, -1:]
    return means[cells.cell]
