"""Tracks as other programs know them: points in frames, and links between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellseg.types import Track


@dataclass(frozen=True)
class Points:
    """Points of n cells in frames, with m links.

    Attributes
    ----------
    frame : ndarray, (n,) int64
        Frame numbers.
    place : ndarray, (n, 2) float64
        (y, x) in pixels, pixel centres at integers.
    radius : ndarray, (n,) float64
        Pixels; NaN where it is unknown.
    label : ndarray, (n,) int64
        Label in the masks the file was exported from; 0 where it is unknown.
    links : ndarray, (m, 2) int64
        Indices of the earlier and of the later point.
    """

    frame: NDArray[np.int64]
    place: NDArray[np.float64]
    radius: NDArray[np.float64]
    label: NDArray[np.int64]
    links: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.frame)


def tracks_of(points: Points) -> tuple[NDArray[np.int64], list[Track], int]:
    """Cut linked points into the tracks of the challenge.

    A track ends where its cell divides. Where a link leaves out frames, a new track goes on, the only child
    of the one before. The challenge knows no cell with two parents: where links merge, the nearest
    parent, first in time and then in space, stays.

    Parameters
    ----------
    points : Points

    Returns
    -------
    labels : ndarray, (n,) int64
        Label of the track of every point, from 1 on, in the order in which tracks begin.
    tracks : list of Track
        Ascending.
    dropped : int
        Links that were left out because a cell had two parents, or a link did not lead forward in time.
    """
    parent, dropped = _parents(points)
    children = np.bincount(parent[parent >= 0], minlength=len(points))
    labels = np.zeros(len(points), np.int64)
    tracks: list[Track] = []
    for point in np.lexsort((*points.place.T[::-1], points.frame)).tolist():
        before = int(parent[point])
        frame = int(points.frame[point])
        if before >= 0 and children[before] == 1 and frame == points.frame[before] + 1:
            labels[point] = labels[before]
            tracks[labels[point] - 1] = tracks[labels[point] - 1]._replace(end=frame)
        else:
            labels[point] = len(tracks) + 1
            tracks.append(Track(len(tracks) + 1, frame, frame, int(labels[before]) if before >= 0 else 0))
    return labels, tracks, dropped


def _parents(points: Points) -> tuple[NDArray[np.int64], int]:
    """Index of the parent of each point, -1 for none, and the number of links that were left out."""
    source, target = points.links.T
    gap = points.frame[target] - points.frame[source]
    forward = gap > 0
    source, target, gap = source[forward], target[forward], gap[forward]
    distance = np.hypot(*(points.place[target] - points.place[source]).T)
    parent = np.full(len(points), -1, np.int64)
    # Of several assignments the last one stays, so the nearest comes last.
    order = np.lexsort((-distance, -gap))
    parent[target[order]] = source[order]
    return parent, len(points.links) - int(np.count_nonzero(parent >= 0))
