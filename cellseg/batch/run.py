"""Runs what there is to do, keeps account of it, and goes on when a movie fails."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, wait
from pathlib import Path
from typing import Any

from cellseg.batch.job import Outcome
from cellseg.batch.plan import Planned, State
from cellseg.batch.steps import Executor, MovieSteps, Steps
from cellseg.batch.worker import describe_error
from cellseg.result_folder import frames_begun

_SECONDS_BETWEEN_LOOKS = 1.0
_SECONDS_BETWEEN_REPORTS = 5.0
"""The account of a hundred thousand movies is long: it is not written anew for each of them."""


def run(
    planned: Sequence[Planned],
    executor: Callable[[], Executor],
    steps_of: Callable[[Planned], Steps],
    *,
    report: Callable[[list[Outcome]], Any],
    progress: Callable[[int], Any],
) -> list[Outcome]:
    """Do what is to be done.

    Parameters
    ----------
    planned : sequence of Planned
    executor : callable
        Makes the executor, if there is anything to do at all.
    steps_of : callable
        Makes the jobs of a movie (`cellseg.batch.steps`).
    report : callable
        Given the outcomes when some of them have changed, now and then, and at the end.
    progress : callable
        Told the number of frames that were done since it was last told.

    Returns
    -------
    list of Outcome
        In the order of the plan.

    Raises
    ------
    KeyboardInterrupt
        As soon as what was running has saved what it had; `report` has been told.
    """
    outcomes = [first_outcome(entry) for entry in planned]
    report(outcomes)
    todo = [index for index, outcome in enumerate(outcomes) if outcome.status == "waiting"]
    if not todo:
        return outcomes
    with executor() as pool:
        movies = {index: MovieSteps(steps_of(planned[index]), outcomes[index], pool) for index in todo}
        try:
            _follow(movies, outcomes, report, progress)
        except KeyboardInterrupt:
            pool.stop()
            for index, movie in movies.items():
                outcomes[index] = movie.stopped()
            report(outcomes)
            raise
    return outcomes


def first_outcome(entry: Planned) -> Outcome:
    """Say what is known of a movie before anything is done.

    Parameters
    ----------
    entry : Planned

    Returns
    -------
    Outcome
        `done before`, `failed`, or `waiting`.
    """
    outcome = Outcome(entry.movie.name, "waiting", str(entry.movie.result))
    if entry.error is not None:
        outcome.status, outcome.error = "failed", describe_error(entry.error)
    elif entry.state is State.DONE:
        assert entry.record is not None
        outcome.status = "done before"
        outcome.frames, outcome.tracks = entry.record["input"]["shape"][0], entry.record["tracks"]
        outcome.diameter = entry.record["model"]["preparation"]["cell_diameter_px"]
    return outcome


def _follow(
    movies: dict[int, MovieSteps],
    outcomes: list[Outcome],
    report: Callable[[list[Outcome]], Any],
    progress: Callable[[int], Any],
) -> None:
    """Wait for all movies; tell what the disk says of those that are not done."""
    seen = dict.fromkeys(movies, 0)

    def tell(index: int, frames: int) -> None:
        if frames > seen[index]:
            progress(frames - seen[index])
            seen[index] = frames

    going, news, reported = dict(movies), False, time.monotonic()
    while going:
        futures = {future for movie in going.values() for future in movie.running}
        wait(futures, timeout=_SECONDS_BETWEEN_LOOKS, return_when=FIRST_COMPLETED)
        settled = {index for index, movie in going.items() if movie.go_on()}
        for index in settled:
            outcomes[index] = going.pop(index).outcome
            if outcomes[index].status == "done":
                tell(index, outcomes[index].frames or 0)
        for index in going:
            tell(index, frames_begun(Path(outcomes[index].result)))
        news |= bool(settled)
        if news and (not going or time.monotonic() - reported >= _SECONDS_BETWEEN_REPORTS):
            report(outcomes)
            news, reported = False, time.monotonic()
