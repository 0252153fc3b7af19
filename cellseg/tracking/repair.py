"""Objects that are not one cell each are put right where the frames before and after agree on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellseg.tracking.false_merges import Hidden, find_merged
from cellseg.tracking.false_splits import find_pieces
from cellseg.tracking.nodes import Indices, Nodes
from cellseg.tracking.overlap import Overlap, node_overlap
from cellseg.tracking.unite import unite_rows
from cellseg.types import NEXT


@dataclass(frozen=True)
class Cells:
    """What there is to link.

    Attributes
    ----------
    nodes : Nodes
        One for each cell that a frame shows by itself.
    overlaps : numpy.ndarray, (m,) of `cellseg.types.OVERLAP_DTYPE`
        Of their masks.
    whole : numpy.ndarray, (n,) int64
        For each object, in order of frame, then id, the first object that it is one cell (or merger) with.
    root : numpy.ndarray, (k,) int64
        That object of each node, ascending.
    hidden : Hidden
        Pairs of nodes that may be one cell, hidden in a merger between; mergers are given by object.
    """

    nodes: Nodes
    overlaps: NDArray[np.void]
    whole: Indices
    root: Indices
    hidden: Hidden

    def node_of_objects(self) -> Indices:
        """For each object the node it is or is a piece of; -1 for mergers, (n,)."""
        node = np.full(len(self.whole), -1, np.int64)
        node[self.root] = np.arange(len(self.root))
        return np.asarray(node[self.whole])


def cells_of(objects: NDArray[np.void], overlaps: NDArray[np.void], longest: int) -> Cells:
    """Unite the pieces of falsely split cells and take mergers out.

    Parameters
    ----------
    objects : numpy.ndarray, (n,) of `cellseg.types.object_dtype`
        In order of frame, then id.
    overlaps : numpy.ndarray, (m,) of `cellseg.types.OVERLAP_DTYPE`
    longest : int
        Most frames in a row that are put right; 0 leaves everything as it is.

    Returns
    -------
    Cells
    """
    nodes = Nodes(objects)
    longest = min(longest, len(np.unique(nodes.frame)))
    whole = find_pieces(nodes, _next(nodes, overlaps), longest)
    objects, overlaps = unite_rows(nodes, objects, overlaps, whole)
    united, root = Nodes(objects), np.flatnonzero(whole == np.arange(len(whole)))
    hidden = find_merged(united, _next(united, overlaps), longest)
    is_cell = np.ones(len(united), bool)
    is_cell[hidden.cover[hidden.cover >= 0]] = False
    node = np.cumsum(is_cell) - 1
    # A merger that goes into another one is no cell that was hidden.
    seen = is_cell[hidden.source] & is_cell[hidden.target]
    source, target, cover = hidden.source[seen], hidden.target[seen], hidden.cover[seen]
    return Cells(
        Nodes(objects[is_cell]),
        overlaps,
        whole,
        root[is_cell],
        Hidden(node[source], node[target], np.where(cover >= 0, root[cover], -1)),
    )


def _next(nodes: Nodes, overlaps: NDArray[np.void]) -> Overlap:
    return node_overlap(nodes, overlaps[overlaps["kind"] == NEXT])
