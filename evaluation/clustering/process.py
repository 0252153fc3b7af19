"""Runs work in a process of its own: time, peak memory, and what happens if there is not enough of either."""

from __future__ import annotations

import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any, Protocol

MEMORY = 12 * 2**30
"""Bytes that the work may add: the memory of the card that the papers measured with."""
PREPARATION = 600.0
"""Seconds for what is not timed: to start the process, load the data, warm up, and describe the result."""
LEAST_TOTAL = 0.3
"""Seconds: fast work is repeated until it has run so long."""
MOST_RUNS = 50


class Work(Protocol):
    """What is measured. It is pickled on its way to the process."""

    @property
    def device(self) -> str:
        """Where it computes: `cpu` or `cuda`."""
        ...

    def prepare(self) -> Callable[[], Any]:
        """Load the data, warm up the libraries, and give what is to be timed."""
        ...

    def describe(self, result: Any) -> dict[str, Any]:
        """Say what the last run found, in JSON values."""
        ...


@dataclass(frozen=True)
class Outcome:
    """What became of the work.

    Attributes
    ----------
    status : str
        `done`, `over the cap`, `overflow` (out of memory) or `failed`.
    cap : float
        Seconds that a run was allowed.
    seconds : tuple of float
        Of every run.
    peak_bytes : int or None
        Largest memory held while running, less what was held before: of the process, or of the allocator of
        a GPU. None where the system does not tell.
    found : dict
        What `Work.describe` said.
    error : str
        What went wrong, if it failed.
    """

    status: str
    cap: float
    seconds: tuple[float, ...] = ()
    peak_bytes: int | None = None
    found: dict[str, Any] = field(default_factory=dict)
    error: str = ""

    def row(self) -> dict[str, Any]:
        """Give JSON values: the status, and min, median, runs, MiB and findings, or what went wrong."""
        if self.status != "done":
            return {"status": self.status, "cap": self.cap, **({"error": self.error} if self.error else {})}
        return {
            "status": self.status,
            "min": min(self.seconds),
            "median": statistics.median(self.seconds),
            "runs": len(self.seconds),
            "peak_mib": None if self.peak_bytes is None else self.peak_bytes / 2**20,
            **self.found,
        }


def measure(work: Work, cap: float, repeats: int, memory: int = MEMORY) -> Outcome:
    """Run work in a fresh process.

    Parameters
    ----------
    work : Work
    cap : float
        Seconds that a run may take; the process is ended at that time.
    repeats : int
        Runs wanted, as long as all of them together stay within the cap.
    memory : int
        Bytes that running may add to what the process holds.

    Returns
    -------
    Outcome
    """
    context = _context(work)
    receiver, sender = context.Pipe(duplex=False)
    arguments = (sender, work, cap, repeats, memory)
    process = context.Process(target=_run, args=arguments, daemon=True)  # type: ignore[attr-defined]
    process.start()
    sender.close()
    seconds: list[float] = []
    limit = PREPARATION
    try:
        while receiver.poll(limit):
            kind, value = receiver.recv()
            if kind == "ready":
                limit = cap
            elif kind == "seconds":
                seconds.append(value)
                limit = PREPARATION
            elif kind == "done":
                peak_bytes, found = value
                return Outcome("done", cap, tuple(seconds), peak_bytes, found)
            else:
                return Outcome(kind, cap, error=value)
        status = "over the cap" if limit == cap and not seconds else "failed"
        return Outcome(status, cap, error="" if status == "over the cap" else "it does not answer")
    except EOFError:
        process.join()
        # A library that is refused memory may end the process; so does a system that runs out of it.
        return Outcome("failed", cap, error=f"the process ended with exit code {process.exitcode}")
    finally:
        receiver.close()
        process.kill()
        process.join()


def _context(work: Work) -> BaseContext:
    """How processes are started: by a server that has loaded the libraries, where the system can.

    The server only loads them: whatever starts with their use, such as a GPU's, is each process's own.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([type(work).__module__])
    return context


def _run(sender: Connection, work: Work, cap: float, repeats: int, memory: int) -> None:
    """Work, in the process of its own."""
    try:
        run = work.prepare()
        _limit_memory(work.device, memory)
        before = _peak(work.device, reset=True)
        sender.send(("ready", None))
        total, longest, runs = 0.0, 0.0, 0
        while runs == 0 or (
            total + longest <= cap and (runs < repeats or (total < LEAST_TOTAL and runs < MOST_RUNS))
        ):
            begin = time.perf_counter()
            result = run()
            _synchronise(work.device)
            seconds = time.perf_counter() - begin
            total, longest, runs = total + seconds, max(longest, seconds), runs + 1
            sender.send(("seconds", seconds))
        after = _peak(work.device, reset=False)
        peak = None if before is None or after is None else after - before
        sender.send(("done", (peak, work.describe(result))))
    except Exception as error:
        message = f"{type(error).__name__}: {error}"
        is_memory = (
            isinstance(error, MemoryError) or "out of memory" in message or "allocate memory" in message
        )
        sender.send(("overflow" if is_memory else "failed", message.splitlines()[0]))


def _limit_memory(device: str, memory: int) -> None:
    if device == "cuda":
        import torch

        total = torch.cuda.get_device_properties(0).total_memory
        torch.cuda.set_per_process_memory_fraction(min(1.0, memory / total))
    elif sys.platform == "linux":
        import resource

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + memory, hard))


def _peak(device: str, *, reset: bool) -> int | None:
    """Most bytes held so far; with `reset`, "so far" begins now, where the system lets it."""
    if device == "cuda":
        import torch

        if reset:
            torch.cuda.reset_peak_memory_stats()
        return torch.cuda.max_memory_allocated()
    if sys.platform == "linux":
        if reset:
            with suppress(OSError):
                Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        # Not `getrusage`: its peak is at least that of the process which started this one.
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
        (peak,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
        return int(peak) * 1024
    if sys.platform == "darwin":
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return None


def _synchronise(device: str) -> None:
    if device == "cuda":
        import torch

        torch.cuda.synchronize()
