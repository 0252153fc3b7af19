"""Linkers on one movie, one after the other: scores and time; on a big one also memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.clustering.process import measure
from evaluation.linkers.linked import Linked
from evaluation.linkers.linker import Linker
from evaluation.linkers.movie import Movie


def race(linkers: Sequence[Linker], movie: Movie) -> list[dict[str, Any]]:
    """Run every linker over a movie.

    Parameters
    ----------
    linkers : sequence of Linker
        Those that are there.
    movie : Movie

    Returns
    -------
    list of dict
        A row for each: `linker`, `status`, `busy_seconds`, `tracks_found` and the scores, or an `error`.
    """
    rows = []
    for linker in linkers:
        work = Link(linker, movie)
        try:
            row = {"status": "done", **work.describe(work.prepare()())}
        except Exception as error:  # a peer may fail in any way, and the others are still to be measured
            row = {"status": "failed", "error": f"{type(error).__name__}: {error}"}
        rows.append({"linker": linker.name, **row})
        print(f"{movie.name:<40} {linker.name:<18} {_said(row)}", flush=True)
    return rows


def race_big(linkers: Sequence[Linker], movie: Movie, cap: float) -> list[dict[str, Any]]:
    """Run every linker over a movie, each in a process of its own, which is ended at a cap.

    Parameters
    ----------
    linkers : sequence of Linker
        Those that are there.
    movie : Movie
    cap : float
        Seconds for one run.

    Returns
    -------
    list of dict
        A row for each: as of `race`, and the outcome of `clustering.process.measure`.
    """
    rows = []
    for linker in linkers:
        row = measure(Link(linker, movie), cap, repeats=1).row()
        rows.append({"linker": linker.name, **row})
        print(f"{movie.name:<40} {linker.name:<18} {_said(row)}", flush=True)
    return rows


@dataclass(frozen=True)
class Link:
    """From masks in memory to a lineage in memory; tables that a linker wants are part of its work."""

    linker: Linker
    movie: Movie
    device: str = "cpu"

    def prepare(self) -> Callable[[], tuple[Linked, float]]:
        """Load the linker, and give what is timed."""
        self.linker.load()

        def run() -> tuple[Linked, float]:
            begin = time.process_time()
            linked = self.linker.link(self.movie.masks.fresh())
            return linked, time.process_time() - begin

        return run

    def describe(self, result: tuple[Linked, float]) -> dict[str, Any]:
        """Score a run, and say how long it kept a processor busy."""
        linked, busy = result
        return {"busy_seconds": busy, "tracks_found": len(linked.tracks), **linked.scores(self.movie)}


def _said(row: dict[str, Any]) -> str:
    if row["status"] != "done":
        return f"{row['status']} {row.get('error', '')}"
    scores = " ".join(f"{name} {row[name]:.4f}" for name in ("LNK", "TRA") if row.get(name) is not None)
    return f"{scores} {row['busy_seconds']:.2f} s"
