"""Runs what there is to do, keeps account of it, and goes on when a movie fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from pathlib import Path
from typing import Any, Protocol, Self

from cellseg.batch.job import Job, Outcome
from cellseg.batch.plan import Planned, State
from cellseg.batch.worker import describe_error, run_job
from cellseg.result_folder import frames_begun

_SECONDS_BETWEEN_LOOKS = 1.0


class Executor(Protocol):
    """Runs calls somewhere: in processes of this computer, or on a cluster."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        """Call a function as soon as there is somebody to do it."""

    def stop(self) -> None:
        """Begin nothing more, and let what runs save what it has."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


def run(
    planned: Sequence[Planned],
    executor: Callable[[], Executor],
    job_of: Callable[[Planned], Job],
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
    job_of : callable
        Makes the job of a movie.
    report : callable
        Given the outcomes whenever one of them has changed.
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
        futures = {pool.submit(run_job, job_of(planned[index])): index for index in todo}
        try:
            _follow(futures, outcomes, report, progress)
        except KeyboardInterrupt:
            pool.stop()
            for future, index in futures.items():
                if outcomes[index].status == "waiting":
                    outcomes[index] = _outcome(future, outcomes[index])
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
    futures: dict[Future[Any], int],
    outcomes: list[Outcome],
    report: Callable[[list[Outcome]], Any],
    progress: Callable[[int], Any],
) -> None:
    """Wait for all movies; tell what the disk says of those that are not done."""
    running = set(futures)
    seen = dict.fromkeys(futures.values(), 0)

    def tell(index: int, frames: int) -> None:
        if frames > seen[index]:
            progress(frames - seen[index])
            seen[index] = frames

    while running:
        finished, running = wait(running, timeout=_SECONDS_BETWEEN_LOOKS, return_when=FIRST_COMPLETED)
        for future in finished:
            index = futures[future]
            outcomes[index] = _outcome(future, outcomes[index])
            if outcomes[index].status == "done":
                tell(index, outcomes[index].frames or 0)
        if finished:
            report(outcomes)
        for future in running:
            index = futures[future]
            tell(index, frames_begun(Path(outcomes[index].result)))


def _outcome(future: Future[Any], waiting: Outcome) -> Outcome:
    """Take what came back, or say why nothing did."""
    try:
        outcome: Outcome = future.result()
        return outcome
    except CancelledError:
        return waiting
    except Exception as error:
        waiting.status, waiting.error = "failed", describe_error(error)
        return waiting
