"""Which object, link or division is wrong, where, and what it costs: the measures, row by row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cellseg.metrics.comparison import Comparison
from cellseg.metrics.divisions import pair_divisions
from cellseg.metrics.graph import TrackGraph
from cellseg.metrics.operations import WEIGHTS, find_corrections

KINDS = (
    "missed",
    "false positive",
    "merged",
    "wrong link",
    "missing link",
    "wrong semantics",
    "missed division",
    "false division",
    "shifted division",
)
"""What an error can be; the first six are FN, FP, NS, ED, EA and EC."""

ERROR_DTYPE = np.dtype(
    [
        ("frame", "i8"),
        ("kind", "i1"),
        ("result", "i8"),
        ("truth", "i8"),
        ("other_frame", "i8"),
        ("other_result", "i8"),
        ("other_truth", "i8"),
        ("cost", "f8"),
    ]
)
"""One error: a frame, an index into KINDS, the labels there (0: none), the frame and the labels of a second
place (-1, 0, 0: there is none), and the cost in AOGM weights."""
_PLACE = ("frame", "result", "truth")
_OTHER = ("other_frame", "other_result", "other_truth")

Errors = NDArray[np.void]


def list_errors(comparison: Comparison) -> Errors:
    """List all errors of a result, in order of frame, kind and labels.

    Parameters
    ----------
    comparison : Comparison

    Returns
    -------
    numpy.ndarray, (e,) ERROR_DTYPE
        The sum of `cost` is the AOGM. The second place is, for a link, where it comes from; for a merged
        object, the reference object that it shares its result object with; for a division that is up to 3
        frames early or late (`shifted division`), the result's mother in her last frame. Divisions have no
        cost of their own: their links have.
    """
    found = find_corrections(comparison)
    truth, result = _truth_places(comparison), _result_places(comparison)
    missed, false, shifted = _division_vertices(comparison)
    rows = np.concatenate(
        [
            _rows("missed", "FN", truth[found.FN]),
            _rows("false positive", "FP", result[found.FP]),
            _rows("merged", "NS", truth[found.NS[:, 0]], truth[found.NS[:, 1]]),
            _rows("wrong link", "ED", result[found.ED[:, 1]], result[found.ED[:, 0]]),
            _rows("missing link", "EA", truth[found.EA[:, 1]], truth[found.EA[:, 0]]),
            _rows("wrong semantics", "EC", result[found.EC[:, 1]], result[found.EC[:, 0]]),
            _rows("missed division", None, truth[missed]),
            _rows("false division", None, result[false]),
            _rows("shifted division", None, truth[shifted[:, 0]], result[shifted[:, 1]]),
        ]
    )
    return rows[np.lexsort([rows[name] for name in ("result", "truth", "kind", "frame")])]


def _rows(
    kind: str,
    operation: str | None,
    places: NDArray[np.int64],
    others: NDArray[np.int64] | None = None,
) -> Errors:
    rows = np.zeros(len(places), ERROR_DTYPE)
    rows["kind"] = KINDS.index(kind)
    rows["cost"] = WEIGHTS[operation] if operation else 0.0
    if others is None:
        others = np.tile([-1, 0, 0], (len(places), 1))
    for names, columns in ((_PLACE, places), (_OTHER, others)):
        for name, column in zip(names, columns.T, strict=True):
            rows[name] = column
    return rows


def _truth_places(comparison: Comparison) -> NDArray[np.int64]:
    """Frame, label of the matching result object, and label of each reference vertex."""
    frame, label = comparison.reference.vertices.T
    return np.column_stack([frame, _labels(comparison.result, comparison.matched), label])


def _result_places(comparison: Comparison) -> NDArray[np.int64]:
    """Frame, label, and label of the one reference object of each result vertex."""
    frame, label = comparison.result.vertices.T
    return np.column_stack([frame, label, _labels(comparison.reference, comparison.stands_for)])


def _labels(graph: TrackGraph, vertices: NDArray[np.int64]) -> NDArray[np.int64]:
    """Labels of vertices; 0 for vertex -1."""
    labels: NDArray[np.int64] = np.append(graph.vertices[:, 1], 0)[vertices]
    return labels


def _division_vertices(
    comparison: Comparison,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Last vertices of the mothers: missed ones, false ones, and pairs that divide at other times."""
    divisions = pair_divisions(comparison)
    exact, pairs = divisions.pairs[0], divisions.pairs[-1]
    missed = [mother for mother in divisions.reference if mother not in pairs]
    false = sorted(divisions.result.keys() - set(pairs.values()))
    shifted = np.array([pair for pair in pairs.items() if pair[0] not in exact], np.int64).reshape(-1, 2)
    last, last_of_result = comparison.reference.tracks[:, 1], comparison.result.tracks[:, 1]
    return (
        last[missed],
        last_of_result[false],
        np.column_stack([last[shifted[:, 0]], last_of_result[shifted[:, 1]]]),
    )
