"""Writes the comparison in Markdown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..clustering.tables import number, table
from .linked import MEASURES

Provenance = Callable[[dict[str, Any], str], str]

_ABOUT = """\
Every linker gets the same masks, whose numbers tell nothing, and gives tracks with parents. Seconds are
those it keeps a processor busy, from masks in memory to tracks in memory, centroids, areas and overlaps
included. Scores are against the tracking truth (`cellseg.metrics`); a dash: not defined. The best of each
movie is bold. Ultrack, which chooses among candidate masks, has no row.

Challenge datasets: the silver truth of sequence 01, whose lineage is `man_track.txt`. **The weights of our
linker's events were fitted on these four, among others** (`cellseg/tracking/moves.py`): they are no unseen
data for it. The simulated scenes have exact truth, and a seed that nothing was fitted on, but come from the
simulator that is part of this repository, as did some of the movies of that fit."""


def render(record: dict[str, Any], provenance: Provenance) -> str:
    """Write the section of a record.

    Parameters
    ----------
    record : dict
        What `linking.py` wrote.
    provenance : callable
        Says on what a part of it was made.

    Returns
    -------
    str
    """
    parts = [_ABOUT]
    told = {name: said for part in record.values() for name, said in part["linkers"].items()}
    versions = {name: version for part in record.values() for name, version in part["packages"].items()}
    parts.append(
        "\n".join(f"* {name} {versions.get(name, '')}".rstrip() + f": {said}" for name, said in told.items())
    )
    if absent := {name: why for part in record.values() for name, why in part["absent"].items()}:
        parts.append(f"Not in the tables: {'; '.join(f'{name}: {why}' for name, why in absent.items())}.")
    for part, write in (("movies", _movie), ("big", _big)):
        if part in record:
            parts += [write(movie) for movie in record[part]["movies"]]
            parts.append(provenance(record[part], "linking.json"))
    return "\n\n".join(parts)


def _movie(movie: dict[str, Any]) -> str:
    best = {name: max((row.get(name) or 0.0 for row in movie["rows"]), default=0.0) for name in MEASURES}
    lines = [
        [row["linker"], *(_score(row, name, best[name]) for name in MEASURES), _seconds(row)]
        for row in movie["rows"]
    ]
    size = (
        f"{movie['frames']} frames, {movie['objects']:,} objects, {movie['tracks']} tracks, "
        f"{movie['divisions']} divisions"
    )
    return f"#### {movie['name']}\n\n{size}.\n\n{table(['', *MEASURES, 'seconds'], lines)}"


def _big(movie: dict[str, Any]) -> str:
    lines = [[row["linker"], _score(row, "LNK", 0.0), _seconds(row), _memory(row)] for row in movie["rows"]]
    return (
        f"#### {movie['name']}\n\n{movie['objects']:,} objects as tables, without pixels: nothing is drawn. "
        "Each linker runs in a process of its own; memory is what linking adds to that of the tables.\n\n"
        + table(["", "LNK", "seconds", "peak memory, MiB"], lines)
    )


def _score(row: dict[str, Any], name: str, best: float) -> str:
    value = row.get(name)
    if value is None:
        return "-"
    text = f"{value:.4f}"
    return f"**{text}**" if text == f"{best:.4f}" and best > 0 else text


def _seconds(row: dict[str, Any]) -> str:
    if row["status"] == "done":
        return number(row["busy_seconds"])
    return f"> {row['cap']:g}" if row["status"] == "over the cap" else str(row["status"])


def _memory(row: dict[str, Any]) -> str:
    return number(row["peak_mib"]) if row.get("peak_mib") is not None else "-"
