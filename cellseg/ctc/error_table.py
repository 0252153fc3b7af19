"""The errors of a result as a table: one row each, for a spreadsheet or a program."""

from __future__ import annotations

import csv
from pathlib import Path

from cellseg.metrics import ERROR_DTYPE, KINDS, Errors


def write_errors(path: Path, errors: Errors) -> None:
    """Write errors as CSV, one row each, under the names of `ERROR_DTYPE`; what there is not stays empty.

    Parameters
    ----------
    path : Path
    errors : numpy.ndarray, (e,) ERROR_DTYPE
        From `cellseg.metrics.list_errors`.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(ERROR_DTYPE.names or ())
        for row in errors:
            frame, kind, result, truth, other_frame, other_result, other_truth, cost = row.item()
            labels = (result or "", truth or "")
            other = ("",) * 3 if other_frame < 0 else (other_frame, other_result or "", other_truth or "")
            writer.writerow((frame, KINDS[kind], *labels, *other, f"{cost:g}"))
