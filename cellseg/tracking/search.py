"""Who was near, some frames earlier."""

from __future__ import annotations

import numpy as np
from scipy.spatial import KDTree

from cellseg.tracking.nodes import Indices, Nodes

_NEAREST = 8
"""Neighbours looked at: bounds the memory however crowded the frames are."""


def near_earlier(
    nodes: Nodes, earlier: Indices, later: Indices, lag: int, reach: float
) -> tuple[Indices, Indices]:
    """Pair each later node with the nearest of the earlier ones `lag` frames before it.

    Parameters
    ----------
    nodes : Nodes
    earlier, later : numpy.ndarray, (n,) and (m,) int64
        Nodes to pair.
    lag : int
        Frames between the two.
    reach : float
        Largest distance of the centroids, in widths of the larger of the two.

    Returns
    -------
    earlier, later : two numpy.ndarray, (k,) int64
    """
    if len(earlier) == 0 or len(later) == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    radius = reach * nodes.width[np.concatenate([earlier, later])].max()
    # Time is a third axis, stretched so far that only nodes of one frame can meet.
    tree = KDTree(_points(nodes, earlier, lag, 2 * radius))
    distance, found = tree.query(_points(nodes, later, 0, 2 * radius), _NEAREST, distance_upper_bound=radius)
    row, column = np.nonzero(np.isfinite(distance))
    before, after = earlier[found[row, column]], later[row]
    close = distance[row, column] <= reach * np.maximum(nodes.width[before], nodes.width[after])
    return before[close], after[close]


def _points(nodes: Nodes, chosen: Indices, lag: int, spacing: float) -> np.ndarray:
    return np.column_stack([(nodes.frame[chosen] + lag) * spacing, nodes.centroid[chosen]])
