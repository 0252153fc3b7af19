"""The account of a batch: a table to read, `batch.json` and `batch.csv` to work with."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from cellseg import __version__
from cellseg.batch.job import Outcome
from cellseg.quantity import counted
from cellseg.scale_range import WARNING
from cellseg.whole_file import write_whole

_COLUMNS = (
    "movie",
    "status",
    "frames",
    "tracks",
    "diameter",
    "seconds",
    "where",
    "result",
    "reason",
    "remedy",
)


def write_summary(outcomes: list[Outcome], folder: Path, name: str) -> None:
    """Write `<name>.json` and `<name>.csv`, each at one stroke.

    Parameters
    ----------
    outcomes : list of Outcome
    folder : Path
        Made if need be.
    name : str
        Such as `batch`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    content = {"format": 1, "version": __version__, "movies": [asdict(outcome) for outcome in outcomes]}
    write_whole(folder / f"{name}.json", json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    table = io.StringIO()
    writer = csv.DictWriter(table, _COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for outcome in outcomes:
        error = outcome.error or {}
        writer.writerow({**asdict(outcome), "reason": error.get("reason"), "remedy": error.get("remedy")})
    write_whole(folder / f"{name}.csv", table.getvalue())


def summary_table(outcomes: list[Outcome]) -> str:
    """Draw the summary for a terminal: what was done, one line a movie, and what failed and why.

    Parameters
    ----------
    outcomes : list of Outcome

    Returns
    -------
    str
        Movies that were done before are counted, not listed; warnings are.
    """
    rows: list[tuple[str, ...]] = [("movie", "status", "frames", "tracks", "cells px", "min")]
    for outcome in outcomes:
        if outcome.status != "done before":
            across = "" if outcome.diameter is None else f"{outcome.diameter:.3g}"
            spent = f"{outcome.seconds / 60:.1f}" if outcome.seconds else ""
            rows.append(
                (
                    *(outcome.movie, outcome.status),
                    *("" if count is None else str(count) for count in (outcome.frames, outcome.tracks)),
                    *(across, spent),
                )
            )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows if len(rows) > 1 else []:
        words = [word.ljust(width) for word, width in zip(row[:2], widths[:2], strict=True)]
        figures = [word.rjust(width) for word, width in zip(row[2:], widths[2:], strict=True)]
        lines.append("  ".join((*words, *figures)).rstrip())
    for outcome in outcomes:
        if outcome.error is not None:
            lines.append(f"{outcome.movie} failed: {outcome.failure}")
            lines += [f"  {more}" for key in ("remedy", "traceback") if (more := outcome.error.get(key))]
        lines += [f"{outcome.movie}: {note}" for note in outcome.notes if note.startswith(WARNING)]
    counts = Counter(outcome.status for outcome in outcomes)
    lines.append(
        f"{counted(len(outcomes), 'movie')}: "
        + ", ".join(f"{counts[status]} {status}" for status in sorted(counts, key=_ORDER.index))
    )
    return "\n".join(lines)


_ORDER = ["done", "done before", "in part", "failed", "interrupted", "waiting"]
