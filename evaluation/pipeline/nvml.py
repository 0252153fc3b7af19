"""Peak memory of a GPU, as the driver counts it: libraries and allocator's reserve included."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread
from typing import Any

import torch

INTERVAL = 0.01
"""Seconds between two looks."""


def with_peak(run: Callable[[], Any], device: torch.device) -> tuple[Any, int | None]:
    """Run something, and look at the memory meanwhile.

    Parameters
    ----------
    run : callable
    device : torch.device

    Returns
    -------
    result : object
    peak : int or None
        Most bytes in use by all programs on the device (NVML); None on a CPU.
    """
    if device.type != "cuda":
        return run(), None
    peak, stopped = 0, Event()

    def watch() -> None:
        nonlocal peak
        while not stopped.is_set():
            peak = max(peak, torch.cuda.device_memory_used(device))
            stopped.wait(INTERVAL)

    thread = Thread(target=watch, daemon=True)
    thread.start()
    try:
        result = run()
    finally:
        stopped.set()
        thread.join()
    return result, peak
