"""Places of a result that a person should look at: pure functions of tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellseg.report.table import ObjectTable

KINDS = {
    "begins": "Begins inside the field",
    "ends": "Ends inside the field",
    "one frame": "Seen in one frame only",
    "area": "Sudden change of area",
    "move": "Sudden move",
    "many daughters": "More than two daughters",
    "margin": "Hardly told from another cell",
    "uncovered": "Like no mode",
    "unlabelled": "Foreground in no cell",
    "unsettled": "Clustering did not settle",
}
"""Headings of the kinds of doubt."""

_NEAR_EDGE = 2
"""Pixels: masks that end so close to the edge, or to the border of the field, may be cut off by it."""
_AREA_FACTOR = 1.5
"""A smaller change of area from frame to frame is never sudden."""
_DEVIATIONS = 6.0
"""Median absolute deviations beyond which a change is sudden among those of the same movie."""
_LOW_MARGIN = 0.2
"""A cell with a larger margin is told from others well enough."""
_UNLIKE = 0.5
"""Share of a cell that is farther than the bandwidth from every mode, beyond which it is like none."""
_MANY = 0.2
"""Share of all cells, beyond which these are no single ones."""
_LEFT_OVER = 0.5
"""Typical cells' worth of foreground that is in no cell."""


@dataclass(frozen=True, order=True)
class Doubt:
    """One place.

    Attributes
    ----------
    frame : int
        Frame number.
    kind : str
        One of `KINDS`.
    label : int
        Of the cell; 0 for the whole frame.
    message : str
    """

    frame: int
    kind: str
    label: int
    message: str


def find_doubts(table: ObjectTable, border: int = 0) -> list[Doubt]:
    """Find what is unlikely of cells: to come from nowhere, to vanish, to jump in size or place.

    Parameters
    ----------
    table : ObjectTable
    border : int
        Pixels along the edge of the image that are outside the field of interest.

    Returns
    -------
    list of Doubt
        Sorted by frame, kind and label.
    """
    return sorted([*_ends_of_tracks(table, border + _NEAR_EDGE), *_changes(table, border + _NEAR_EDGE)])


def find_run_doubts(record: Mapping[str, Any]) -> list[Doubt]:
    """Find frames with which the run itself had trouble.

    Parameters
    ----------
    record : mapping
        Contents of `run.json`; empty for results of other programs.

    Returns
    -------
    list of Doubt
    """
    most = record.get("settings", {}).get("clustering", {}).get("max_iterations")
    preparation = record.get("model", {}).get("preparation", {})
    diameter, factors = preparation.get("cell_diameter_px"), preparation.get("input_px_per_network_px")
    found = []
    for index, pair in enumerate(record.get("pairs", ())):
        frame = pair["frame"]
        if diameter and factors:
            cell = np.pi / 4 * diameter**2 / np.prod(factors)
            # Objects come from the pair that ends with their frame, but for those of the first frame.
            for half in (0, 1)[index > 0 :]:
                left = pair.get("unlabelled", (0, 0))[half]
                if left > _LEFT_OVER * cell:
                    message = f"foreground as large as {left / cell:.1f} cells is in no cell"
                    found.append(Doubt(frame + half, "unlabelled", 0, message))
        if most is not None and pair.get("iterations", 0) >= most:
            message = f"seeds of frames {frame} and {frame + 1} were still moving after {most} iterations"
            found.append(Doubt(frame, "unsettled", 0, message))
    return sorted(found)


def find_certainty_doubts(
    rows: Sequence[Mapping[str, float]], table: ObjectTable, network_pixel: float = 1.0
) -> list[Doubt]:
    """Find cells whose embeddings are hardly told from those of others, or are like those of none.

    Parameters
    ----------
    rows : sequence of mapping
        Contents of `certainty.csv`; empty for results of other programs.
    table : ObjectTable
        Objects that it lacks have been removed or renamed since.
    network_pixel : float
        Area of a pixel of the network, in pixels of the movie.

    Returns
    -------
    list of Doubt
        One for each cell and run of frames, in the worst of them. Where many cells are like none, it is told
        once, of the whole movie.
    """
    measured = {(row["frame"], row["label"]): row for row in rows}
    low, unlike, count = [], [], 0
    for label, frame, area in table.rows[["label", "frame", "area"]].tolist():
        row = measured.get((frame, label))
        if row is None:
            continue
        count += 1
        if row["margin"] < _LOW_MARGIN:
            low.append((label, frame, row["margin"]))
        if (share := row["uncovered"] * network_pixel / area) > _UNLIKE:
            unlike.append((label, frame, -min(share, 1.0)))
    found = [
        Doubt(
            frame, "margin", label, f"cell {label} is hardly told from another one {when} (margin {low:.2f})"
        )
        for label, frame, low, when in _worst(low)
    ]
    if len(unlike) > _MANY * count:
        share = len(unlike) / count
        message = (
            f"{share:.0%} of the cells of this movie are like no mode: is clustering.bandwidth too small?"
        )
        found.append(Doubt(table.frames[0], "uncovered", 0, message))
    else:
        found += [
            Doubt(frame, "uncovered", label, f"{-share:.0%} of cell {label} is like no mode {when}")
            for label, frame, share, when in _worst(unlike)
        ]
    return sorted(found)


def _worst(rows: Iterable[tuple[int, int, float]]) -> Iterable[tuple[int, int, float, str]]:
    """Give the lowest of each run of consecutive frames of a cell, and say which frames those are."""
    for run in _runs(rows):
        when = f"in frames {run[0][1]} to {run[-1][1]}" if len(run) > 1 else "here"
        yield *min(run, key=lambda row: row[2]), when


def _runs(rows: Iterable[tuple[int, int, float]]) -> list[list[tuple[int, int, float]]]:
    """Group rows (label, frame, ...), by label and frame, into runs of consecutive frames of a cell."""
    runs: list[list[tuple[int, int, float]]] = []
    for row in rows:
        if runs and runs[-1][-1][:2] == (row[0], row[1] - 1):
            runs[-1].append(row)
        else:
            runs.append([row])
    return runs


def _ends_of_tracks(table: ObjectTable, near: int) -> Iterable[Doubt]:
    if not table.frames:
        return
    first, last = table.frames[0], table.frames[-1]
    labels = {track.label for track in table.tracks}
    daughters: dict[int, int] = {}
    for track in table.tracks:
        daughters[track.parent] = daughters.get(track.parent, 0) + 1
    for track in table.tracks:
        rows = table.of(track.label)
        if not len(rows):
            continue
        begins = track.begin > first and track.parent not in labels and rows["edge"][0] > near
        ends = track.end < last and track.label not in daughters and rows["edge"][-1] > near
        if track.begin == track.end and first < track.begin < last:
            yield Doubt(track.begin, "one frame", track.label, f"cell {track.label} is in this frame only")
        else:
            if begins:
                message = f"cell {track.label} has no mother and comes from no edge"
                yield Doubt(track.begin, "begins", track.label, message)
            if ends:
                message = f"cell {track.label} has no daughters and leaves by no edge"
                yield Doubt(track.end, "ends", track.label, message)
        if (count := daughters.get(track.label, 0)) > 2:
            yield Doubt(track.end, "many daughters", track.label, f"cell {track.label} divides into {count}")


def _changes(table: ObjectTable, near: int) -> Iterable[Doubt]:
    before, after = table.steps()
    inside = (before["edge"] > near) & (after["edge"] > near)
    before, after = before[inside], after[inside]
    growth = np.log(after["area"] / before["area"])
    for step in _sudden(np.abs(growth), np.log(_AREA_FACTOR)):
        label, frame = int(after["label"][step]), int(after["frame"][step])
        areas = f"from {before['area'][step]} to {after['area'][step]} pixels"
        yield Doubt(frame, "area", label, f"cell {label} goes {areas}")
    moves = np.hypot(*(after["centroid"] - before["centroid"]).T)
    radii = np.sqrt(before["area"] / np.pi)
    # A cell that leaves its own place within a frame.
    for step in _sudden(moves / radii, 1.0):
        label, frame = int(after["label"][step]), int(after["frame"][step])
        yield Doubt(frame, "move", label, f"cell {label} moves {moves[step]:.0f} pixels")


def _sudden(sizes: NDArray[np.floating[Any]], least: float) -> Sequence[int]:
    """Find sizes above the least that are far from what is usual; give their indices."""
    if not len(sizes):
        return ()
    usual = float(np.median(sizes))
    spread = float(np.median(np.abs(sizes - usual)))
    indices: list[int] = np.flatnonzero(sizes > max(least, usual + _DEVIATIONS * spread)).tolist()
    return indices


def first_of_each_kind(doubts: Iterable[Doubt], most: int) -> list[Doubt]:
    """Leave out what is more than so many of one kind, so that no kind crowds out another."""
    seen: dict[str, int] = {}
    kept = []
    for doubt in sorted(doubts):
        seen[doubt.kind] = seen.get(doubt.kind, 0) + 1
        if seen[doubt.kind] <= most:
            kept.append(doubt)
    return kept


def count_kinds(doubts: Collection[Doubt]) -> dict[str, int]:
    """How many doubts there are of each kind, in the order of `KINDS`; kinds without any are left out."""
    kinds = [doubt.kind for doubt in doubts]
    return {kind: kinds.count(kind) for kind in KINDS if kind in kinds}
