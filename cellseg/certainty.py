"""How sure a run was of its objects: `certainty.csv` beside the masks.

The margin of an object is the mean cosine of its embeddings to their mode, minus that to the nearest other
mode. Embeddings of other cells are orthogonal to them where the network is sure: the margin is then near 1. A
small one says that two cells may be one, or one may be two.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROW = np.dtype([("frame", "i4"), ("id", "u4"), ("margin", "f4"), ("uncovered", "i8")])
"""One object: frame index, id in the provisional frame, margin, and its network pixels that are farther than
the bandwidth from every mode."""

_FIELDS = ("frame", "label", "margin", "uncovered")


def certainty_rows(
    labels: NDArray[np.integer[Any]],
    frame: int,
    means: NDArray[np.floating[Any]],
    modes: NDArray[np.floating[Any]] | None,
    uncovered: NDArray[np.bool_] | None = None,
) -> NDArray[np.void]:
    """Measure how far the objects of a frame are from the modes of others.

    Parameters
    ----------
    labels : numpy.ndarray, (Y', X') int
        Objects at network scale; 0 is background.
    frame : int
        Frame index within the sequence.
    means : numpy.ndarray, (largest label + 1, D) float
        Mean unit embedding of each label. Its cosine to a unit vector is the mean of the embeddings' cosines.
    modes : numpy.ndarray, (K, D) float, or None
        Of the pair of frames that the objects come from; None where it was clustered tile by tile.
    uncovered : numpy.ndarray, (Y', X') bool, optional
        Pixels farther than the bandwidth from every mode; none without it.

    Returns
    -------
    numpy.ndarray, (n,) of ROW
        By id; the margin is NaN where there is no other mode.
    """
    ids = np.flatnonzero(np.bincount(labels.ravel())[1:]) + 1
    rows = np.zeros(len(ids), ROW)
    rows["frame"], rows["id"], rows["margin"] = frame, ids, np.nan
    if uncovered is not None:
        rows["uncovered"] = np.bincount(labels[uncovered], minlength=len(means))[ids]
    if modes is not None and len(modes) > 1:
        cosines = means[ids] @ (modes / np.linalg.norm(modes, axis=1, keepdims=True)).T
        nearest, own = np.partition(cosines, -2, axis=1)[:, -2:].T
        rows["margin"] = own - nearest
    return rows


def write_certainty(
    path: Path,
    rows: NDArray[np.void],
    numbers: Sequence[int],
    final_labels: Callable[[int], NDArray[np.integer[Any]]],
) -> None:
    """Write `certainty.csv`: `frame` (number), `label` (track), `margin`, `uncovered` (network pixels).

    A cell that the linker put together from several objects has one row: their smallest margin, and what is
    uncovered of all of them.

    Parameters
    ----------
    path : Path
    rows : numpy.ndarray, (n,) of ROW
        By frame.
    numbers : sequence of int
        Frame numbers.
    final_labels : callable
        Gives the lookup table from the ids of frame t to labels; objects of label 0 have been removed.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(_FIELDS)
        for t, number in enumerate(numbers):
            here = rows[slice(*np.searchsorted(rows["frame"], [t, t + 1]))]
            lookup = final_labels(t)
            here = here[here["id"] < len(lookup)]
            labels = lookup[here["id"]]
            here, labels = here[labels > 0], labels[labels > 0]
            order = np.argsort(labels, kind="stable")
            cells, first = np.unique(labels[order], return_index=True)
            margins = np.fmin.reduceat(here["margin"][order], first)
            uncovered = np.add.reduceat(here["uncovered"][order], first)
            for label, margin, pixels in zip(cells, margins, uncovered, strict=True):
                table.writerow((number, label, "" if np.isnan(margin) else f"{margin:.3f}", pixels))


def read_certainty(path: Path) -> list[Mapping[str, float]]:
    """Read `certainty.csv`.

    Parameters
    ----------
    path : Path

    Returns
    -------
    list of mapping
        `frame`, `label`, `margin` (NaN where there is none), `uncovered` of every object; empty where the
        file is missing or is of another program.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [
                {name: float(row[name] or "nan") for name in _FIELDS}
                for row in csv.DictReader(file, strict=True)
            ]
    except (OSError, ValueError, KeyError, TypeError, csv.Error):
        return []
