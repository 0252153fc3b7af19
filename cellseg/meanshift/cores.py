"""The cores of a CPU share the points among them, and meet once per pass over the points."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from types import TracebackType
from typing import Self, TypeVar

import torch

Result = TypeVar("Result")

FEWEST_ENTRIES = 1 << 20
"""Fewer entries of the table of points against centres are not worth waking another core for (measured with
4,096 to 200,000 points and 10 to 512 centres)."""


@cache
def _workers(count: int) -> ThreadPoolExecutor:
    """Threads that stay for the next clustering: a new one is slow at first, its memory is not in place."""
    return ThreadPoolExecutor(count, "meanshift", initializer=torch.set_num_threads, initargs=(1,))


if hasattr(os, "register_at_fork"):  # threads do not live on in a forked process
    os.register_at_fork(after_in_child=_workers.cache_clear)


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
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        torch.set_num_threads(self.threads)

    def share_out(self, count: int, entries: int, work: Callable[[slice], Result]) -> list[Result]:
        """Work on all points.

        Parameters
        ----------
        count : int
            Number of points.
        entries : int
            Numbers to compute for each.
        work : callable
            Takes the slice of points to work on.

        Returns
        -------
        list
            What `work` returned, in the order of the points.
        """
        if self.count == 1 or count * entries < FEWEST_ENTRIES:
            return [work(slice(0, count))]
        bounds = [count * core // self.count for core in range(self.count + 1)]
        return list(_workers(self.count).map(work, map(slice, bounds, bounds[1:])))
