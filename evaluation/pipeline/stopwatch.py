"""Time by stage."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from cellseg.device import wait_for


class Stopwatch:
    """Counts the seconds of each stage; a stage inside another one counts for itself alone.

    Parameters
    ----------
    device : torch.device
        Is waited for at both ends of a stage.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._inner = 0.0
        self._seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Count what is inside."""
        begin, inner = self._now(), self._inner
        self._inner = 0.0
        try:
            yield
        finally:
            spent = self._now() - begin
            self._seconds[stage] = self._seconds.get(stage, 0.0) + spent - self._inner
            self._inner = inner + spent

    def lap(self) -> dict[str, float]:
        """Give the seconds since the last lap, by stage."""
        seconds, self._seconds = self._seconds, {}
        return seconds

    def _now(self) -> float:
        wait_for(self._device)
        return time.perf_counter()
