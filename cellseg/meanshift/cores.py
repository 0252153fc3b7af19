"""The cores of a CPU share the points among them, and meet once per pass."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import torch

Result = TypeVar("Result")


def share_out(count: int, device: torch.device, work: Callable[[slice], Result]) -> list[Result]:
    """Let every core work on points of its own.

    Torch by itself shares out each single operation. The cores then wait for each other several times a chunk,
    and wait long if another program keeps one of them busy: a pass was measured to take 30 times as long.

    Parameters
    ----------
    count : int
        Number of points.
    device : torch.device
        Where they are; the work is not split unless it is a CPU.
    work : callable
        Takes the slice of points to work on.

    Returns
    -------
    list
        What `work` returned, in the order of the points.
    """
    cores = torch.get_num_threads() if device.type == "cpu" else 1
    if cores == 1:
        return [work(slice(0, count))]
    bounds = [count * core // cores for core in range(cores + 1)]
    try:
        with ThreadPoolExecutor(cores, initializer=partial(torch.set_num_threads, 1)) as pool:
            return list(pool.map(work, map(slice, bounds, bounds[1:])))
    finally:
        torch.set_num_threads(cores)  # threads that begin later inherit the number that was set last
