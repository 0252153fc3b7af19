"""What is done of one movie: all at once; or step by step the size of its cells, its chunks, the whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import replace
from typing import Any, Protocol, Self

from cellseg.batch.job import Job, Outcome
from cellseg.batch.plan import Planned
from cellseg.batch.worker import describe_error, run_job

Steps = Sequence[Sequence[Job]]
"""Jobs of one movie; those of one step may run at the same time, and the next step needs all of them."""


class Executor(Protocol):
    """Runs calls somewhere: in processes of this computer, or on a cluster."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        """Call a function as soon as there is somebody to do it."""

    def stop(self) -> None:
        """Begin nothing more, and let what runs save what it has."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


def steps_of(entry: Planned, job: Job) -> Steps:
    """Tell what is done of a movie.

    Parameters
    ----------
    entry : Planned
    job : Job
        For all of it, in one piece.

    Returns
    -------
    sequence of sequence of Job
        Of one in chunks: the size of the cells, if it is estimated, once for all; then the chunks; then, if
        all of the movie is done here, what they make together.
    """
    if not entry.chunks:
        return [[job]]
    chunks = [replace(job, pairs=pairs) for pairs in entry.chunks]
    if not entry.whole:
        return [chunks]
    said = any(value is not None for value in job.request["scale"].values())
    estimated = job.request["model"]["preparation"]["any_size"] and not said
    scale = [[replace(job, only_scale=True)]] if estimated else []
    return [*scale, chunks, [replace(job, chunks=entry.chunks)]]


class MovieSteps:
    """The jobs of a movie on their way through an executor.

    Parameters
    ----------
    steps : sequence of sequence of Job
        At least one, which begins at once.
    outcome : Outcome
        What is known of the movie before.
    executor : Executor

    Attributes
    ----------
    running : set of Future
        Of the jobs of the step that has begun; empty when nothing more happens.
    outcome : Outcome
        Of all steps so far.
    """

    def __init__(self, steps: Steps, outcome: Outcome, executor: Executor) -> None:
        self.outcome = outcome
        self.running: set[Future[Any]] = set()
        self._steps, self._executor = list(steps), executor
        self._diameter: float | None = None
        self._begin()

    def go_on(self) -> bool:
        """Begin the next step if all jobs of this one have ended well.

        Returns
        -------
        bool
            Whether nothing more happens.
        """
        if not all(future.done() for future in self.running):
            return False
        self._take()
        if self.outcome.status == "done" and self._steps:
            self._begin()
            return False
        return True

    def stopped(self) -> Outcome:
        """Wait until what runs has saved what it has.

        Returns
        -------
        Outcome
        """
        if self.running:
            self._take()
            if self.outcome.status == "done" and self._steps:
                self.outcome.status = "interrupted"
        return self.outcome

    def _begin(self) -> None:
        self._step = [replace(job, diameter=self._diameter) for job in self._steps.pop(0)]
        self.running = {self._executor.submit(run_job, job) for job in self._step}

    def _take(self) -> None:
        """Put together what came of the jobs of a step."""
        came = [_outcome(future, self.outcome) for future in self.running]
        self.running = set()
        # What went wrong says more than what went well.
        worst = max(came, key=lambda found: ("done", "waiting", "interrupted", "failed").index(found.status))
        places = dict.fromkeys(place for found in came for place in found.where.split(", ") if place)
        notes = dict.fromkeys(note for found in (self.outcome, *came) for note in found.notes)
        self.outcome = replace(
            worst,
            seconds=self.outcome.seconds + sum(found.seconds for found in came),
            where=", ".join(places),
            notes=list(notes),
        )
        if self._step[0].only_scale:
            self._diameter = self.outcome.diameter
        if self.outcome.status == "done" and self._step[0].pairs is not None and not self._steps:
            self.outcome.status = "in part"


def _outcome(future: Future[Any], before: Outcome) -> Outcome:
    """Take what came back, or say why nothing did."""
    nothing = replace(before, status="waiting", seconds=0.0, notes=[])
    try:
        outcome: Outcome = future.result()
        return outcome
    except CancelledError:
        return nothing
    except Exception as error:
        return replace(nothing, status="failed", error=describe_error(error))
