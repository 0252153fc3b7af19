"""Lets a generator work ahead in a thread of its own, so that stages of the flow overlap."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing, suppress
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import TypeVar

Item = TypeVar("Item")

NAME = "ahead"
"""Of the threads."""
_PATIENCE = 0.1
"""Seconds between looks at whether the other side is still there."""


def ahead(items: Generator[Item], depth: int = 1) -> Generator[Item]:
    """Hand out the items of a generator that works ahead.

    Closing the generator (also by leaving it to the garbage collector) stops the thread after the item it is
    at; what it has made ahead is thrown away.

    Parameters
    ----------
    items : generator
        Runs, and is closed, in one thread, which is not the caller's.
    depth : int
        Most items that are finished and wait, at least 1.

    Yields
    ------
    object
        The items, in their order.

    Raises
    ------
    BaseException
        Whatever the generator raised, where its next item would have been.
    """
    ready: Queue[tuple[Item | None, BaseException | None]] = Queue(depth)
    stopped = Event()

    def put(item: Item | None, error: BaseException | None) -> None:
        while not stopped.is_set():
            with suppress(Full):
                return ready.put((item, error), timeout=_PATIENCE)

    def work() -> None:
        try:
            with closing(items):
                for item in items:
                    put(item, None)
                    if stopped.is_set():
                        return
        except BaseException as error:
            put(None, error)
        else:
            put(None, StopIteration())

    thread = Thread(target=work, name=NAME, daemon=True)
    thread.start()
    try:
        while True:
            try:
                # Not without an end, or on some systems Ctrl-C would wait for the item.
                item, error = ready.get(timeout=_PATIENCE)
            except Empty:
                continue
            if isinstance(error, StopIteration):
                return
            if error is not None:
                raise error
            yield item  # type: ignore[misc]
    finally:
        stopped.set()
        thread.join()
