"""Tracking that a graphical program can follow and stop: no part of it knows of a window."""

from __future__ import annotations

from collections.abc import Generator
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any

from cellseg.api import TrackingResult, track


class Cancelled(Exception):
    """Somebody wanted it to stop."""


def follow(movie: Any, cancelled: Event, **options: Any) -> Generator[int | str, None, TrackingResult | None]:
    """Track a movie, and tell how far it is.

    Parameters
    ----------
    movie : path, Video or array, (T, Y, X)
    cancelled : Event
        Set it, or close the generator, to stop after the frame at hand.
    **options
        As of `cellseg.track`.

    Yields
    ------
    int or str
        Frames that are done so far; what a user should know.

    Returns
    -------
    TrackingResult or None
        None where it was cancelled.

    Raises
    ------
    CellsegError
        As `cellseg.track`.
    """
    told: SimpleQueue[int | str | None] = SimpleQueue()
    outcome: list[TrackingResult | BaseException] = []

    def advance(frames: int) -> None:
        if cancelled.is_set():
            raise Cancelled
        told.put(frames)

    def work() -> None:
        try:
            outcome.append(track(movie, progress=advance, say=told.put, **options))
        except BaseException as error:
            outcome.append(error)
        finally:
            told.put(None)

    # Not the thread that asks: it waits for what is told, and can be stopped at any time.
    thread = Thread(target=work, name="cellseg tracking", daemon=True)
    thread.start()
    done = 0
    try:
        while (news := told.get()) is not None:
            if isinstance(news, int):
                done += news
            yield done if isinstance(news, int) else news
    finally:
        cancelled.set()
    thread.join()
    (result,) = outcome
    if isinstance(result, Cancelled):
        return None
    if isinstance(result, BaseException):
        raise result
    return result
