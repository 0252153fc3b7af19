"""Tracks get the labels they keep."""

from __future__ import annotations

import numpy as np

from cellseg.tracking.links import Links
from cellseg.tracking.nodes import Indices, Nodes
from cellseg.types import Track

_MOST_TRACKS = 65_535
"""Labels have 16 bits (Cell Tracking Challenge, naming and file content conventions)."""


def tracks_that_stay(nodes: Nodes, links: Links, min_track_length: int) -> Indices:
    """Tell the track of each node, by the number of its first node; -1 if nothing speaks for the track.

    Parameters
    ----------
    nodes : Nodes
    links : Links
    min_track_length : int
        Shorter tracks (frames) without parent and children go, unless the movie cuts them off at either end.

    Returns
    -------
    numpy.ndarray, (n,) int64
    """
    first, last = links.firsts, links.lasts
    begin, end = nodes.frame[first], nodes.frame[last]
    complete = (begin > nodes.frame.min(initial=0)) & (end < nodes.frame.max(initial=0))
    lonely = (links.parent[first] < 0) & links.childless[last]
    goes = complete & lonely & (end - begin + 1 < min_track_length)
    return np.where(goes, -1, first)


def number_tracks(nodes: Nodes, track: Indices, parent: Indices) -> tuple[tuple[Track, ...], Indices]:
    """Give tracks the labels 1, 2, ... by first frame and position.

    Parameters
    ----------
    nodes : Nodes
    track : numpy.ndarray, (n,) int64
        Track of each node, by any number; -1 is none.
    parent : numpy.ndarray, (m,) int64
        For each of these numbers that of the parent; -1 is none. A parent without nodes is none.

    Returns
    -------
    tracks : tuple of Track
        Labels 1, 2, ...
    label : numpy.ndarray, (n,) int64
        Of each node; 0 is none.

    Raises
    ------
    ValueError
        There are more than 65,535 tracks.
    """
    present, first = np.unique(track, return_index=True)
    first = first[present >= 0]
    if len(first) > _MOST_TRACKS:
        raise ValueError(f"{len(first)} tracks; 16-bit labels number at most {_MOST_TRACKS}")
    first = first[np.lexsort((nodes.centroid[first, 1], nodes.centroid[first, 0], nodes.frame[first]))]
    # One more place, for -1.
    label_of_track = np.zeros(len(parent) + 1, np.int64)
    label_of_track[track[first]] = np.arange(1, len(first) + 1)
    label = label_of_track[track]
    end = np.zeros(len(first) + 1, np.int64)
    end[label] = nodes.frame
    rows = np.column_stack(
        [label[first], nodes.frame[first], end[label[first]], label_of_track[parent[track[first]]]]
    )
    return tuple(Track(*row) for row in rows.tolist()), label
