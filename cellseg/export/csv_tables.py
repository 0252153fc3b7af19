"""Export to two CSV tables: `objects.csv`, a row per object and frame, and `tracks.csv`, a row per track."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO

from cellseg.errors import CellsegError
from cellseg.export.experiment import Experiment
from cellseg.export.measure import Wrap, measure
from cellseg.export.track_table import TrackTable


def write_csv(experiment: Experiment, folder: Path, progress: Wrap = iter) -> None:
    """Write `objects.csv` and `tracks.csv`.

    Parameters
    ----------
    experiment : Experiment
    folder : Path
        Is made.
    progress : callable
        Wraps the list of frame numbers, such as `tqdm.tqdm`.

    Raises
    ------
    CellsegError
        Masks and tracks do not agree.
    """
    folder.mkdir(parents=True)
    tracks = TrackTable(experiment)
    with _table(folder / "objects.csv") as file:
        writer = csv.writer(file, lineterminator="\n")
        for number, columns in enumerate(measure(experiment, progress)):
            if number == 0:
                writer.writerow(columns)
            values = [column.tolist() for column in columns.values()]
            writer.writerows(_written(row) for row in zip(*values, strict=True))
            tracks.add(columns)
    rows = list(tracks.rows())
    if not rows:
        raise CellsegError("holds no track, so there is nothing to measure", path=experiment.result.folder)
    with _table(folder / "tracks.csv") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(rows[0])
        writer.writerows(_written(row.values()) for row in rows)


def _table(path: Path) -> TextIO:
    return path.open("w", encoding="utf-8", newline="")


def _written(values: Iterable[Any]) -> list[Any]:
    """Eight digits of a number that is not whole; nothing where there is no number."""
    return [_digits(value) if isinstance(value, float) else value for value in values]


def _digits(value: float) -> str:
    return "" if value != value else f"{value:.8g}"
