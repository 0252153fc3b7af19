"""The published linker, for comparison: chains by overlap, parents by overlap (Payer et al. 2019).

Labels here are numbers of tracks, one per node; pieces of a cell share one.
"""

from __future__ import annotations

import numpy as np

from cellseg.tracking.links import Links, choose_disjoint
from cellseg.tracking.nodes import Indices, Nodes
from cellseg.tracking.overlap import Overlap

_LONGEST_PIECE = 10
"""Life in frames beyond which a track is not taken for a piece of its neighbour."""
_PARENT_OVERLAP = 0.01
"""Intersection over union that makes a parent."""


def link_as_published(
    nodes: Nodes, chain: Overlap, overlap: Overlap, min_overlap: float, min_track_length: int
) -> tuple[Indices, Indices]:
    """Chain objects by overlap, merge false splits, drop short tracks and look for parents.

    Parameters
    ----------
    nodes : Nodes
    chain : Overlap
        Of the network's instances of a frame pair with the objects of its first frame; without any, `overlap`
        does its work.
    overlap : Overlap
        Of objects in consecutive frames.
    min_overlap : float
        Least intersection over union for two objects to be the same cell.
    min_track_length : int
        Shorter tracks (frames) without a parent are dropped.

    Returns
    -------
    label : numpy.ndarray, (n,) int64
        Track of each node; -1 is dropped.
    parent : numpy.ndarray, (m,) int64
        Track that each track comes from; -1 is none.

    Notes
    -----
    Specification, sections 5.6 to 5.8. The tables know what overlaps in consecutive frames: parents are
    sought in the frame before alone, and first masks are not dilated.
    """
    links = Links(len(nodes))
    evidence = chain if len(chain.source) else overlap
    kept = evidence.iou >= min_overlap
    source, target = evidence.source[kept], evidence.target[kept]
    # Counted on from the sources: the same node may be a source in one pair and a target in another.
    parties = np.column_stack([source, target + len(nodes)])
    chosen = choose_disjoint(parties, -evidence.iou[kept])
    links.join(source[chosen], target[chosen])
    label = _merge_pieces(nodes, links.firsts, overlap)
    label = _drop_short(nodes, label, overlap, min_track_length)
    return _find_parents(nodes, label, overlap)


def _merge_pieces(nodes: Nodes, label: Indices, overlap: Overlap) -> Indices:
    """Give short tracks that another one swallows its label (specification, section 5.6)."""
    label = label.copy()
    heir, origin = (_largest(len(nodes), side, overlap) for side in (overlap.source, overlap.target))
    # One more place, for -1.
    other, before = np.append(overlap.target, -1)[heir], np.append(overlap.source, -1)[origin]
    for node in np.flatnonzero((other >= 0) & (label[other] != label)):
        piece, whole = label[node], label[other[node]]
        members = np.flatnonzero(label == piece)
        first, last = members[0], members[-1]
        if piece == whole or nodes.frame[last] - nodes.frame[first] > _LONGEST_PIECE:
            continue
        if nodes.frame[first] == nodes.frame[0] or (before[first] >= 0 and label[before[first]] == whole):
            label[members] = whole
    return label


def _largest(count: int, node: Indices, overlap: Overlap) -> Indices:
    """For each node the row in which it shares most pixels, the first of equals; -1 is none."""
    row = np.full(count, -1, np.int64)
    order = np.lexsort((-np.arange(len(node)), overlap.pixels))
    row[node[order]] = order
    return row


def _drop_short(nodes: Nodes, label: Indices, overlap: Overlap, min_track_length: int) -> Indices:
    """Drop short tracks for which there is no parent (section 5.7)."""
    begin, end = _life(nodes, label)
    short = end - begin + 1 < min_track_length
    for track in np.flatnonzero(short & (end >= 0)).tolist():
        if _parent(nodes, label, track, int(begin[track]), overlap) < 0:
            label[label == track] = -1
    return label


def _life(nodes: Nodes, label: Indices) -> tuple[Indices, Indices]:
    """First and last frame of each track; -1 of numbers that are no track."""
    begin, end = np.full((2, len(nodes)), -1, np.int64)
    present = np.flatnonzero(label >= 0)
    end[label[present]] = nodes.frame[present]
    begin[label[present[::-1]]] = nodes.frame[present[::-1]]
    return begin, end


def _find_parents(nodes: Nodes, label: Indices, overlap: Overlap) -> tuple[Indices, Indices]:
    """Look for a parent of each track, in order of time; one that lives on is cut there (section 5.8)."""
    begin, end = _life(nodes, label)
    parent = dict.fromkeys(range(len(nodes)), -1)
    for frame in np.unique(begin[end >= 0])[1:].tolist():
        born = np.flatnonzero(begin == frame).tolist()
        found = {track: _parent(nodes, label, track, frame, overlap) for track in born}
        parent |= found
        for mother in sorted({mother for mother in found.values() if mother >= 0}):
            rest = np.flatnonzero((label == mother) & (nodes.frame >= frame))
            if len(rest):
                label[rest] = len(parent)
                parent[len(parent)] = mother
    return label, np.array(list(parent.values()), np.int64)


def _parent(nodes: Nodes, label: Indices, track: int, begin: int, overlap: Overlap) -> int:
    """Track whose mask in the frame before overlaps the first mask of this one most; -1 is none."""
    first = np.flatnonzero((label == track) & (nodes.frame == begin))
    rows = np.isin(overlap.target, first)
    tracks = label[overlap.source[rows]]
    pixels = overlap.pixels[rows][tracks >= 0]
    best, parent = _PARENT_OVERLAP, -1
    for candidate in np.unique(tracks[tracks >= 0]):
        mask = (label == candidate) & (nodes.frame == begin - 1)
        shared = pixels[tracks[tracks >= 0] == candidate].sum()
        iou = shared / (nodes.area[first].sum() + nodes.area[mask].sum() - shared)
        if iou > best:
            best, parent = iou, int(candidate)
    return parent
