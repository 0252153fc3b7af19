"""Which corrections turn a result graph into the reference graph (AOGM, Matula et al. 2015), at what cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellseg.metrics.comparison import Comparison
from cellseg.metrics.graph import TrackGraph

WEIGHTS = {"NS": 5.0, "FN": 10.0, "FP": 1.0, "ED": 1.0, "EA": 1.5, "EC": 1.0}
"""Costs of the operations: Matula et al., PLOS ONE 10 (2015), e0144959, as used by the challenge."""


@dataclass(frozen=True)
class Operations:
    """Counts of the six corrections of the acyclic oriented graph matching measure.

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
        return WEIGHTS["NS"] * self.NS + WEIGHTS["FN"] * self.FN + WEIGHTS["FP"] * self.FP

    @property
    def edge_cost(self) -> float:
        """Weighted cost of the edge operations, AOGM-A."""
        return WEIGHTS["ED"] * self.ED + WEIGHTS["EA"] * self.EA + WEIGHTS["EC"] * self.EC


@dataclass(frozen=True)
class Corrections:
    """The vertices and edges that the six operations change.

    Attributes
    ----------
    NS : numpy.ndarray, (NS, 2) int64
        Reference vertex that needs an object of its own, and the one that keeps the object both are in.
    FN : numpy.ndarray, (FN,) int64
        Reference vertices.
    FP : numpy.ndarray, (FP,) int64
        Result vertices.
    ED, EC : numpy.ndarray, (ED or EC, 3) int64
        Result edges.
    EA : numpy.ndarray, (EA, 3) int64
        Reference edges.
    """

    NS: NDArray[np.int64]
    FN: NDArray[np.int64]
    FP: NDArray[np.int64]
    ED: NDArray[np.int64]
    EA: NDArray[np.int64]
    EC: NDArray[np.int64]

    @property
    def operations(self) -> Operations:
        """How many of each there are."""
        return Operations(**{name: len(getattr(self, name)) for name in WEIGHTS})


def find_corrections(comparison: Comparison) -> Corrections:
    """Find the corrections that turn the result graph into the reference graph.

    Only result objects that match exactly one reference object take part in edges: an edge of any other is
    neither right nor redundant, and the reference edges there are to be added.

    Parameters
    ----------
    comparison : Comparison

    Returns
    -------
    Corrections
    """
    reference, result, matched = comparison.reference, comparison.result, comparison.matched
    has_match = np.zeros(len(result.vertices), bool)
    has_match[matched[matched >= 0]] = True

    kept = np.flatnonzero((comparison.stands_for[result.edges[:, :2]] >= 0).all(axis=1))
    carried = result.edges[kept]
    carried[:, :2] = comparison.stands_for[carried[:, :2]]
    _, in_result, in_reference = np.intersect1d(
        _edge_key(carried, reference),
        _edge_key(reference.edges, reference),
        assume_unique=True,
        return_indices=True,
    )
    differs = carried[in_result, 2] != reference.edges[in_reference, 2]
    return Corrections(
        NS=_merged(matched),
        FN=np.flatnonzero(matched < 0),
        FP=np.flatnonzero(~has_match),
        ED=result.edges[np.delete(kept, in_result)],
        EA=np.delete(reference.edges, in_reference, axis=0),
        EC=result.edges[kept[in_result[differs]]],
    )


def _merged(matched: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pair each reference vertex whose result vertex matches an earlier one, too, with the first of them."""
    vertex = np.flatnonzero(matched >= 0)
    vertex = vertex[np.argsort(matched[vertex], kind="stable")]
    objects = matched[vertex]
    further = np.flatnonzero(objects[1:] == objects[:-1]) + 1
    return np.column_stack([vertex[further], vertex[np.searchsorted(objects, objects[further])]])


def _edge_key(edges: NDArray[np.int64], graph: TrackGraph) -> NDArray[np.int64]:
    key: NDArray[np.int64] = edges[:, 0] * len(graph.vertices) + edges[:, 1]
    return key
