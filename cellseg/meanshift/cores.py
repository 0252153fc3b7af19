"""The cores of a CPU share the points among them, and meet once per pass over the points."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

import torch

Result = TypeVar("Result")

FEWEST_POINTS = 4096
"""Fewer points are not worth waking another core for."""


class Cores:
    """A context in which every core works on points of its own, instead of on a part of every operation.

    Torch by itself shares out each operation, so that the cores wait for each other several times per chunk;
    and long, if another program keeps one of them busy: a pass was measured to take 30 times as long.

    Parameters
    ----------
    device : torch.device
        Where the points are; work is not shared out unless it is a CPU. There are as many cores as torch has
        threads.
    """

    def __init__(self, device: torch.device) -> None:
        self.threads = torch.get_num_threads()
        self.count = self.threads if device.type == "cpu" else 1

    def __enter__(self) -> Self:
        torch.set_num_threads(1)
        self._pool = ThreadPoolExecutor(self.count, initializer=torch.set_num_threads, initargs=(1,))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown()
        torch.set_num_threads(self.threads)

    def share_out(self, count: int, work: Callable[[slice], Result]) -> list[Result]:
        """Work on all points.

        Parameters
        ----------
        count : int
            Number of points.
        work : callable
            Takes the slice of points to work on.

        Returns
        -------
        list
            What `work` returned, in the order of the points.
        """
        if self.count == 1 or count < FEWEST_POINTS:
            return [work(slice(0, count))]
        bounds = [count * core // self.count for core in range(self.count + 1)]
        return list(self._pool.map(work, map(slice, bounds, bounds[1:])))
