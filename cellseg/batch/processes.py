"""Processes of this computer that work on movies: an executor that survives the death of any of them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from queue import SimpleQueue
from typing import Any, NoReturn

from cellseg.cores import usable_cores
from cellseg.errors import CellsegError

_ATTEMPTS = 2
"""A process may be killed by mistake; one that is killed twice most likely takes too much memory."""
_PATIENCE = 60.0
"""Seconds that a process may take to save what it has."""

_Answer = tuple[Any, BaseException | None]


class Processes:
    """Runs calls in processes, one call at a time in each; used like an executor of `concurrent.futures`.

    Parameters
    ----------
    workers : int
        Number of processes, which are started when first needed.
    gpus : sequence of str
        Names of GPUs, as in `CUDA_VISIBLE_DEVICES`, that are dealt out to the processes; none leaves them be.
    context : BaseContext, optional
        How processes are started; afresh (`spawn`), as on all systems, without it.
    """

    def __init__(self, workers: int, gpus: Sequence[str] = (), context: BaseContext | None = None) -> None:
        self._context = context or multiprocessing.get_context("spawn")
        self._threads = ThreadPoolExecutor(workers, "batch")
        self._idle: SimpleQueue[_Process] = SimpleQueue()
        self._stopped = False
        threads = max(1, usable_cores() // workers)
        self._all = [
            _Process(self._context, threads, gpus[index % len(gpus)] if gpus else None)
            for index in range(workers)
        ]
        for process in self._all:
            self._idle.put(process)

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Call a function in a process as soon as one is idle.

        Parameters
        ----------
        function : callable
            Of a module; like what it takes and returns, it must be picklable.
        *arguments

        Returns
        -------
        Future
        """
        return self._threads.submit(self._call, function, arguments)

    def stop(self) -> None:
        """Let all processes save what they have and end; what has not begun never begins."""
        self._stopped = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        for process in self._all:
            process.interrupt()

    def __enter__(self) -> Processes:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._threads.shutdown(cancel_futures=True)
            for process in self._all:
                process.end(_PATIENCE)
        except BaseException:  # interrupted once more: no time to save anything
            for process in self._all:
                process.end(0)
            raise

    def _call(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        process = self._idle.get()
        try:
            for _ in range(_ATTEMPTS):
                try:
                    returned, error = process.call(function, arguments)
                except (EOFError, OSError):
                    if self._stopped:
                        break
                    continue
                if error is not None:
                    raise error
                return returned
            raise CellsegError(
                f"the process that worked on it ended ({process.exit_code()})",
                remedy="Too little memory? Use fewer --workers, or --max-memory. "
                "The same command goes on where it stopped.",
            )
        finally:
            self._idle.put(process)


class _Process:
    """One process, started again when it has ended."""

    def __init__(self, context: BaseContext, threads: int, gpu: str | None) -> None:
        self._context, self._threads, self._gpu = context, threads, gpu
        self._process: Any = None
        self._connection: Connection | None = None

    def call(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> _Answer:
        """Call a function there; give what it returned, or raised.

        Raises
        ------
        EOFError, OSError
            The process ended meanwhile.
        """
        if self._connection is None:
            self._start()
        assert self._connection is not None
        try:
            self._connection.send((function, arguments))
            answer: _Answer = self._connection.recv()
            return answer
        except (EOFError, OSError):
            self._connection.close()
            self._connection = None
            raise

    def interrupt(self) -> None:
        """Let what runs save what it has."""
        if self._process is not None and self._process.is_alive():
            self._process.terminate()

    def end(self, patience: float) -> None:
        """Let the process end; kill it after so many seconds."""
        if self._process is None:
            return
        if self._connection is not None:
            self._connection.close()
        self._process.join(patience)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def exit_code(self) -> str:
        """Say how the process ended."""
        if self._process is None:
            return "never begun"
        self._process.join(1)
        code = self._process.exitcode
        return signal.Signals(-code).name if code is not None and code < 0 else f"exit code {code}"

    def _start(self) -> None:
        self._connection, theirs = self._context.Pipe()
        self._process = self._context.Process(  # type: ignore[attr-defined]
            target=_serve, args=(theirs, self._threads, self._gpu), daemon=True
        )
        self._process.start()
        theirs.close()


def _serve(connection: Connection, threads: int, gpu: str | None) -> None:
    """Answer calls until the other side is gone."""
    _die_with_parent()
    at_work = threading.Event()

    def stop(number: int, frame: object) -> None:
        if not at_work.is_set():
            os._exit(0)
        raise KeyboardInterrupt

    # Ctrl-C reaches every process of a terminal; the first one decides what becomes of the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, stop)
    if gpu is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = gpu
    import torch  # which looks at the environment

    torch.set_num_threads(threads)
    while True:
        try:
            function, arguments = connection.recv()
        except (EOFError, ConnectionError):
            return
        answer: _Answer
        at_work.set()
        try:
            answer = function(*arguments), None
        except BaseException as error:
            answer = None, error
        at_work.clear()
        try:
            connection.send(answer)
        except OSError:
            return


def _die_with_parent() -> None:
    """End at once when the parent has died, before its successor begins with the same movies."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> NoReturn:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def visible_gpus() -> list[str]:
    """List the NVIDIA GPUs this process may use, as in `CUDA_VISIBLE_DEVICES`, without torch."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return [name for name in visible.split(",") if name.strip() not in ("", "-1", "NoDevFiles")]
    try:
        import pynvml

        pynvml.nvmlInit()
        return [str(index) for index in range(pynvml.nvmlDeviceGetCount())]
    except Exception:  # no driver, no library, no permission: no GPU for us
        return []
