"""The cores of a CPU share the points among them, and meet once per pass over the points."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import RLock
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


_turns = RLock()


def _after_fork() -> None:
    """Forget the threads, which do not live on in a forked process, and whose turn it was."""
    global _turns
    _turns = RLock()
    _workers.cache_clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


class Cores:
    """A context in which every core works on points of its own, instead of on a part of every operation.

    Torch by itself shares out each operation, so that the cores wait for each other several times per chunk;
    and long, if another program keeps one of them busy: a pass was measured to take 30 times as long. It also
    keeps torch from starting threads of its own, which a process that is forked later would wait for in vain.

    The number of torch's threads is one for the whole process: contexts of several threads take turns.

    Parameters
    ----------
    device : torch.device
        Where the points are; work is not shared out unless it is a CPU. There are as many cores as torch has
        threads.
    """

    def __init__(self, device: torch.device) -> None:
        self.device = device

    def __enter__(self) -> Self:
        _turns.acquire()
        self.threads = torch.get_num_threads()
        self.count = self.threads if self.device.type == "cpu" else 1
        torch.set_num_threads(1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        torch.set_num_threads(self.threads)
        _turns.release()

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
