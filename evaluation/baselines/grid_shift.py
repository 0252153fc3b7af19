"""GridShift (Kumar et al., CVPR 2022): the occupied cells of a grid move, not the points in them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from .baseline import Metric, Result
from .grid import cluster_means, clusters_at_rest, grid

MAX_ITERATIONS = 300
TOLERANCE = 1e-3
"""Shifting ends when no cells merge and each moves by less than this share of the bandwidth."""


class Cells(NamedTuple):
    """Cells that hold points.

    Attributes
    ----------
    centroids : numpy.ndarray, (m, D) float64
    counts : numpy.ndarray, (m,) float64
        Points that the cells hold.
    """

    centroids: NDArray[np.float64]
    counts: NDArray[np.float64]


def grid_shift(
    vectors: NDArray[np.float32],
    bandwidth: float,
    *,
    metric: Metric,
    clusters: int | None,
    seed: int,
    device: torch.device,
) -> Result:
    """Cluster by GridShift: cells move to the mean of their neighbourhood, and merge where they meet.

    For 2 and 3 dimensions: a neighbourhood is 3^D cells. The side of a cell is the bandwidth. The points are
    looked at once, at the beginning. As cells carry their counts, a cell goes where MeanShift++ would take
    its points; what is saved is the work on points that have met.

    Parameters and return value are those of `Baseline.run`; `clusters`, `seed` and `device` are not used.
    """
    cells, cell_of_point = merge(Cells(vectors.astype(np.float64), np.ones(len(vectors))), bandwidth)
    for _ in range(MAX_ITERATIONS):
        moved = shift(cells, bandwidth)
        merged, into = merge(moved, bandwidth)
        cell_of_point = into[cell_of_point]
        farthest = np.linalg.norm(moved.centroids - cells.centroids, axis=1).max()
        at_rest = len(merged.counts) == len(cells.counts) and farthest < TOLERANCE * bandwidth
        cells = merged
        if at_rest:
            break
    labels = clusters_at_rest(cells.centroids, bandwidth)
    return Result(labels[cell_of_point], cluster_means(cells.centroids, cells.counts, labels))


def shift(cells: Cells, bandwidth: float) -> Cells:
    """Move every cell to the mean of its and its neighbours' centroids, weighted by their counts.

    Parameters
    ----------
    cells : Cells
    bandwidth : float
        Side of a cell.

    Returns
    -------
    Cells
        As many, in the same order; some may be in one place of the grid now.
    """
    places = grid(cells.centroids, bandwidth)
    counted = np.hstack([cells.centroids * cells.counts[:, None], cells.counts[:, None]])
    sums = places.neighbourhood_totals(places.totals(counted))
    means: NDArray[np.float64] = sums[:, :-1] / sums[:, -1:]
    return Cells(means[places.cell], cells.counts)


def merge(cells: Cells, bandwidth: float) -> tuple[Cells, NDArray[np.int64]]:
    """Make one of the cells that are in the same place of the grid.

    Parameters
    ----------
    cells : Cells
    bandwidth : float
        Side of a cell.

    Returns
    -------
    Cells
        With the joint counts and mean centroids, in the order of their places.
    numpy.ndarray, (m,) int64
        Which of these each cell went into.
    """
    places = grid(cells.centroids, bandwidth)
    totals = places.totals(np.hstack([cells.centroids * cells.counts[:, None], cells.counts[:, None]]))
    return Cells(totals[:, :-1] / totals[:, -1:], totals[:, -1]), places.cell
