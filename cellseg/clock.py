"""How long each stage of a run has been busy."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

STAGES = (
    "reading",
    "waiting for frames",
    "network",
    "clustering",
    "instances",
    "linking",
    "writing",
    "elapsed",
)


class Clock:
    """Counts the seconds of stages that overlap, each in a thread of its own.

    Parameters
    ----------
    seconds : mapping of str to float
        Of each stage so far.

    Attributes
    ----------
    seconds : dict of str to float
        Busy time of each of `STAGES`, and `elapsed`: how long the run has taken.
    """

    def __init__(self, seconds: Mapping[str, float]) -> None:
        # Every entry is there from the beginning: threads may write to one while they are written out.
        self.seconds = {**dict.fromkeys(STAGES, 0.0), **seconds}
        self._within = threading.local()
        self._counted = time.perf_counter()

    @contextmanager
    def busy(self, stage: str) -> Iterator[None]:
        """Count the time inside; a stage inside another one, in the same thread, counts for itself alone."""
        begin, outer = time.perf_counter(), getattr(self._within, "seconds", 0.0)
        self._within.seconds = 0.0
        try:
            yield
        finally:
            spent = time.perf_counter() - begin
            # Each stage has a thread of its own, so nobody else writes to its entry.
            self.seconds[stage] += spent - self._within.seconds
            self._within.seconds = outer + spent

    def count_elapsed(self) -> None:
        """Count what has elapsed since this was last done, or since the beginning."""
        now = time.perf_counter()
        self.seconds["elapsed"] += now - self._counted
        self._counted = now
