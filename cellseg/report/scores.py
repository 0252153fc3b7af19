"""Scores of a result against a ground truth, and its errors with their places in the movie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cellseg.ctc import GroundTruth, evaluate
from cellseg.metrics import KINDS, list_errors
from cellseg.report.table import ObjectTable
from cellseg.tracking import object_rows

_SHOWN = ("SEG", "SEG_silver", "DET", "TRA", "LNK", "CT", "TF", "BC(1)", "CCA", "OP_CTB", "OP_CSB")


@dataclass(frozen=True)
class Judgement:
    """What a ground truth says of a result.

    Attributes
    ----------
    measures : dict of str to str
        Values to four digits; why it is undefined where it is.
    errors : list of dict
        `frame`, `kind`, `label` (of the result), `truth` (label), `y`, `x` (None if unknown), `cost`.
    warnings : tuple of str
    """

    measures: dict[str, str]
    errors: list[dict[str, Any]]
    warnings: tuple[str, ...]


def judge(result: Path, ground_truth: Path, table: ObjectTable) -> Judgement:
    """Score a result, and find its errors in the movie.

    Parameters
    ----------
    result, ground_truth : Path
        Such as `01_RES` and `01_GT`.
    table : ObjectTable
        Of the result.

    Returns
    -------
    Judgement

    Raises
    ------
    CellsegError
        As `cellseg.ctc.evaluate`.
    """
    markers = GroundTruth(ground_truth).markers
    # A result of a part of the movie is scored on that part.
    whole = set(markers) <= set(table.frames)
    evaluation = evaluate(
        result, ground_truth, frames=None if whole else (table.frames[0], table.frames[-1] + 1)
    )
    undefined = evaluation.scores.undefined
    measures = {
        name: f"undefined: {undefined[name]}" if name in undefined else f"{value:.4f}"
        for name, value in evaluation.scores.measures.items()
        if name in _SHOWN
    }
    found = list_errors(evaluation.comparison)
    errors: list[dict[str, Any]] = []
    for frame in np.unique(found["frame"]).tolist():
        here = found[found["frame"] == frame]
        places = _places(object_rows(markers[frame], frame)) if (here["result"] == 0).any() else {}
        rows = table.rows[table.rows["frame"] == frame]
        own = dict(zip(rows["label"].tolist(), rows["centroid"].tolist(), strict=True))
        for row in here:
            label, truth = int(row["result"]), int(row["truth"])
            y, x = own.get(label) or places.get(truth) or (None, None)
            errors.append(
                {
                    "frame": frame,
                    "kind": KINDS[row["kind"]],
                    "label": label,
                    "truth": truth,
                    "y": y,
                    "x": x,
                    "cost": float(row["cost"]),
                }
            )
    return Judgement(measures, errors, evaluation.warnings)


def _places(rows: np.ndarray[Any, Any]) -> dict[int, list[float]]:
    return dict(zip(rows["id"].tolist(), rows["centroid"].tolist(), strict=True))
