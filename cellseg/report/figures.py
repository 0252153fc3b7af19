"""The numbers behind the plots of a page: how many cells, how large, how fast, when they divide."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellseg.report.table import ObjectTable


def cells_per_frame(table: ObjectTable) -> list[int]:
    """How many objects there are in every frame of the table."""
    counts = Counter(table.rows["frame"].tolist())
    return [counts[frame] for frame in table.frames]


def spread_per_frame(
    table: ObjectTable, frames: NDArray[np.integer[Any]], values: NDArray[np.floating[Any]]
) -> list[list[float] | None]:
    """Give the 10th percentile, the median and the 90th percentile of values in every frame.

    Parameters
    ----------
    table : ObjectTable
    frames : (n,) int
        Frame of each value.
    values : (n,) float

    Returns
    -------
    list of [low, median, high] or None
        None for frames without a value.
    """
    order = np.argsort(frames, kind="stable")
    frames, values = frames[order], values[order]
    bounds = np.searchsorted(frames, [*table.frames, table.frames[-1] + 1])
    found: list[list[float] | None] = []
    for frame, begin in zip(table.frames, bounds[:-1], strict=True):
        here = values[begin : np.searchsorted(frames, frame, "right")]
        found.append(np.percentile(here, (10, 50, 90)).round(3).tolist() if len(here) else None)
    return found


def speeds(table: ObjectTable) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Pixels that each cell moved since the frame before.

    Returns
    -------
    frames : (s,) int64
        The later frame of each step.
    moved : (s,) float64
    """
    before, after = table.steps()
    moved = np.hypot(*(after["centroid"] - before["centroid"]).astype(float).T)
    return after["frame"], np.asarray(moved, float)


def divisions(table: ObjectTable) -> list[int]:
    """Frames in which daughters of a division are first seen, ascending; a division is told once."""
    daughters: dict[int, list[int]] = {}
    for track in table.tracks:
        daughters.setdefault(track.parent, []).append(track.begin)
    labels = {track.label for track in table.tracks}
    return sorted(min(begins) for label, begins in daughters.items() if label in labels and len(begins) > 1)


def cycles(table: ObjectTable) -> list[int]:
    """Frames from a cell's birth in a division to its own division, for every cell of which both are seen."""
    children = Counter(track.parent for track in table.tracks)
    return sorted(
        track.end - track.begin + 1
        for track in table.tracks
        if track.parent and children[track.parent] > 1 and children[track.label] > 1
    )
