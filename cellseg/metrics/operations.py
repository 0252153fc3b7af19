"""How many corrections turn a result graph into the reference graph (AOGM, Matula et al. 2015)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellseg.metrics.graph import TrackGraph
from cellseg.metrics.matching import FrameMatch


@dataclass(frozen=True)
class Operations:
    """Counts of the six corrections of the acyclic oriented graph matching measure.

    Weights 5, 10, 1, 1, 1.5, 1: Matula et al., PLOS ONE 10 (2015), e0144959, as used by the challenge.

    Attributes
    ----------
    NS : int
        Splits of a result object that covers several reference objects (k objects need k - 1 splits).
    FN : int
        Reference objects to add.
    FP : int
        Result objects to delete.
    ED : int
        Edges to delete: both ends stand for exactly one reference object, between which there is no edge.
    EA : int
        Reference edges to add.
    EC : int
        Edges whose semantics (track link or parent link) is to change.
    """

    NS: int
    FN: int
    FP: int
    ED: int
    EA: int
    EC: int

    @property
    def vertex_cost(self) -> float:
        """Weighted cost of the vertex operations, AOGM-D."""
        return 5.0 * self.NS + 10.0 * self.FN + 1.0 * self.FP

    @property
    def edge_cost(self) -> float:
        """Weighted cost of the edge operations, AOGM-A."""
        return 1.0 * self.ED + 1.5 * self.EA + 1.0 * self.EC


def count_operations(matches: Sequence[FrameMatch], reference: TrackGraph, result: TrackGraph) -> Operations:
    """Count the corrections that turn the result graph into the reference graph.

    Only result objects that match exactly one reference object take part in edges: an edge of any other is
    neither right nor redundant, and the reference edges there are to be added.

    Parameters
    ----------
    matches : sequence of FrameMatch
        One per frame, in order.
    reference, result : TrackGraph
        Their vertices are the objects of `matches`, in the same order.

    Returns
    -------
    Operations
    """
    matched = _matched_vertex(matches)
    covered = np.bincount(matched[matched >= 0], minlength=len(result.vertices))
    stands_for = np.full(len(result.vertices), -1, np.int64)
    reference_vertex = np.flatnonzero(matched >= 0)
    stands_for[matched[reference_vertex]] = reference_vertex
    stands_for[covered != 1] = -1

    carried = result.edges.copy()
    carried[:, :2] = stands_for[result.edges[:, :2]]
    carried = carried[(carried[:, :2] >= 0).all(axis=1)]
    result_key, reference_key = _edge_key(carried, reference), _edge_key(reference.edges, reference)
    common, in_result, in_reference = np.intersect1d(
        result_key, reference_key, assume_unique=True, return_indices=True
    )
    return Operations(
        NS=int(np.maximum(covered - 1, 0).sum()),
        FN=int((matched < 0).sum()),
        FP=int((covered == 0).sum()),
        ED=len(carried) - len(common),
        EA=len(reference.edges) - len(common),
        EC=int((carried[in_result, 2] != reference.edges[in_reference, 2]).sum()),
    )


def _matched_vertex(matches: Sequence[FrameMatch]) -> NDArray[np.int64]:
    """Index of the result vertex that matches each reference vertex; -1 for none."""
    frames: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    offset = 0
    for match in matches:
        vertex = offset + np.searchsorted(match.result, match.matched)
        frames.append(np.where(match.matched > 0, vertex, -1))
        offset += len(match.result)
    return np.concatenate(frames)


def _edge_key(edges: NDArray[np.int64], graph: TrackGraph) -> NDArray[np.int64]:
    key: NDArray[np.int64] = edges[:, 0] * len(graph.vertices) + edges[:, 1]
    return key
