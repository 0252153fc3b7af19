"""Who is near whom, some frames apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from cellseg.tracking.nodes import Indices, Nodes


def near_expected(
    nodes: Nodes,
    sources: slice,
    expected: NDArray[np.float64],
    lag: int,
    *,
    widths: float,
    pixels: float,
    nearest: int,
) -> tuple[Indices, Indices]:
    """Pair nodes with those `lag` frames later that are near where they are expected.

    Parameters
    ----------
    nodes : Nodes
    sources : slice
        Nodes to pair, of whole frames.
    expected : numpy.ndarray, (k, 2) float64
        Where each of them is expected `lag` frames later.
    lag : int
    widths, pixels : float
        Largest distance, in widths of the larger of the two nodes and in pixels, together.
    nearest : int
        Most pairs per later node: bounds the memory however crowded the frames are.

    Returns
    -------
    source, target : two numpy.ndarray, (k,) int64
    """
    targets = _later(nodes.frame, sources, lag)
    if sources.start == sources.stop or targets.start == targets.stop:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    farthest = widths * float(max(nodes.width[sources].max(), nodes.width[targets].max())) + pixels
    before = _in_space_and_time(nodes.frame[sources] + lag, expected, farthest)
    after = _in_space_and_time(nodes.frame[targets], nodes.centroid[targets], farthest)
    distance, found = _nearest(before, after, range(1, nearest + 1), farthest)
    row, column = np.nonzero(np.isfinite(distance))
    source, target = sources.start + found[row, column], targets.start + row
    close = distance[row, column] <= widths * np.maximum(nodes.width[source], nodes.width[target]) + pixels
    return source[close], target[close]


def _later(frame: Indices, sources: slice, lag: int) -> slice:
    """Nodes of the frames `lag` after those of the sources."""
    if sources.start == sources.stop:
        return sources
    first, last = frame[sources.start] + lag, frame[sources.stop - 1] + lag
    return slice(*np.searchsorted(frame, [first, last + 1]).tolist())


def mutual_nearest(nodes: Nodes, expected: NDArray[np.float64]) -> tuple[Indices, Indices]:
    """Pair the nodes of consecutive frames that are each other's nearest.

    Parameters
    ----------
    nodes : Nodes
    expected : numpy.ndarray, (n, 2) float64
        Where each node is expected in the next frame.

    Returns
    -------
    earlier, later : two numpy.ndarray, (k,) int64
    """
    if len(nodes) == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    reach = float(np.linalg.norm(np.ptp(np.concatenate([expected, nodes.centroid]), axis=0))) + 1
    before = _in_space_and_time(nodes.frame + 1, expected, reach)
    now = _in_space_and_time(nodes.frame, nodes.centroid, reach)
    distance, earlier = _nearest(before, now, 1, reach)
    _, later = _nearest(now, before, 1, reach)
    found = np.flatnonzero(np.isfinite(distance))
    mutual = found[later[earlier[found]] == found]
    return earlier[mutual], mutual


def _in_space_and_time(frame: Indices, place: NDArray[np.float64], reach: float) -> NDArray[np.float64]:
    """Points (time, y, x); time is stretched so far that only points of one frame are within reach."""
    return np.column_stack([2 * reach * frame, place])


def _nearest(
    points: NDArray[np.float64], around: NDArray[np.float64], which: int | Sequence[int], reach: float
) -> tuple[NDArray[np.float64], Indices]:
    """Distance and number of the nearest points within reach of each place; infinity where there is none."""
    # Splitting by medians takes longer than it saves. Threads, for this is a good part of all the time.
    tree = KDTree(points, balanced_tree=False)
    distance, found = tree.query(around, which, distance_upper_bound=reach, workers=-1)
    return distance, found
