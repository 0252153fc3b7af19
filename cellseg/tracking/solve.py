"""The linker: from the tables of a whole movie to its lineage."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cellseg.tracking.divisions import find_divisions
from cellseg.tracking.gaps import close_gaps
from cellseg.tracking.lineage import Lineage
from cellseg.tracking.links import Links
from cellseg.tracking.nodes import Nodes
from cellseg.tracking.overlap import link_by_overlap, node_overlap
from cellseg.tracking.settings import LinkerSettings
from cellseg.types import CHAIN, NEXT, Track

_MOST_TRACKS = 65_535
"""Labels have 16 bits (Cell Tracking Challenge, naming and file content conventions)."""


def solve_lineage(
    objects: NDArray[np.void], overlaps: NDArray[np.void], settings: LinkerSettings | None = None
) -> Lineage:
    """Link the objects of a movie to tracks with parents.

    Parameters
    ----------
    objects : numpy.ndarray, (n,) of `cellseg.types.object_dtype`
        Objects of the provisional frames.
    overlaps : numpy.ndarray, (m,) of `cellseg.types.OVERLAP_DTYPE`
        Joint histograms with background. CHAIN at frame t: provisional frame t (`id_a`) and the first half of
        the pair (t, t + 1) (`id_b`), whose ids provisional frame t + 1 carries. NEXT at frame t: provisional
        frames t and t + 1. Without CHAIN rows (masks of another program) the NEXT rows do all the work.
    settings : LinkerSettings, optional
        Default: `LinkerSettings()`.

    Returns
    -------
    Lineage
        Valid by the Cell Tracking Challenge's rules.

    Raises
    ------
    ValueError
        More than 65,535 tracks, an id that occurs twice in a frame, or id 0.

    Notes
    -----
    Overlap first (specification, section 5.6). Then what is left over is explained step by step, the nearest
    in time first: a mother gone and two newcomers around her place; a cell that moved too far to overlap or
    was missing for some frames; a mother that seems to live on beside one newcomer.
    """
    settings = settings or LinkerSettings()
    nodes = Nodes(objects)
    links = Links(len(nodes))
    in_place = node_overlap(nodes, overlaps[overlaps["kind"] == NEXT])
    # The network's word goes first; where it has none, a mask that stays in its place is the same cell.
    link_by_overlap(links, node_overlap(nodes, overlaps[overlaps["kind"] == CHAIN]), settings.min_overlap)
    link_by_overlap(links, in_place, settings.min_overlap)
    for lag in range(1, max(settings.parent_search_frames, settings.max_gap + 1) + 1):
        if lag <= settings.parent_search_frames:
            find_divisions(nodes, links, in_place, settings, lag=lag, living=False)
        if lag <= settings.max_gap + 1:
            close_gaps(nodes, links, lag=lag)
        if lag <= settings.parent_search_frames:
            find_divisions(nodes, links, in_place, settings, lag=lag, living=True)
    return _number_tracks(nodes, links, settings.min_track_length)


def _number_tracks(nodes: Nodes, links: Links, min_track_length: int) -> Lineage:
    """Give the tracks labels by first frame and position; short ones that nothing speaks for get none."""
    first, last = np.flatnonzero(links.before < 0), links.lasts
    begin, end = nodes.frame[first], nodes.frame[last[first]]
    # What the movie cuts off at either end may have been longer.
    complete = (begin > nodes.frame.min(initial=0)) & (end < nodes.frame.max(initial=0))
    lonely = (links.parent[first] < 0) & links.childless[last[first]]
    first = first[~(complete & lonely & (end - begin + 1 < min_track_length))]
    if len(first) > _MOST_TRACKS:
        raise ValueError(f"{len(first)} tracks; 16-bit labels number at most {_MOST_TRACKS}")

    first = first[np.lexsort((nodes.centroid[first, 1], nodes.centroid[first, 0], nodes.frame[first]))]
    label_of_first = np.zeros(len(nodes), np.int64)
    label_of_first[first] = np.arange(1, len(first) + 1)
    label = label_of_first[links.firsts]
    parent = np.where(links.parent[first] >= 0, label[links.parent[first]], 0)
    rows = np.column_stack([label[first], nodes.frame[first], nodes.frame[last[first]], parent])
    return Lineage(tuple(Track(*row) for row in rows.tolist()), nodes.frame, nodes.id, label)
