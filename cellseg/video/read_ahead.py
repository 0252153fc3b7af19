"""Frames are read and prepared before they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Generic, Self, TypeVar

Frame = TypeVar("Frame")


class ReadAhead(Generic[Frame]):
    """A context in which a thread gets the next frames while the last ones are worked on.

    Parameters
    ----------
    frame : callable
        Gets frame t; only called in one thread.
    length : int
        Number T of frames.
    depth : int
        Frames to get ahead.
    """

    def __init__(self, frame: Callable[[int], Frame], length: int, depth: int = 2) -> None:
        self._frame = frame
        self._length = length
        self._depth = depth
        self._pending: dict[int, Future[Frame]] = {}

    def __enter__(self) -> Self:
        self._reader = ThreadPoolExecutor(1, "reader")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reader.shutdown(cancel_futures=True)

    def __call__(self, t: int) -> Frame:
        """Give frame t, and begin to get those behind it.

        Raises
        ------
        Exception
            Whatever `frame` raised for t.
        """
        wanted = range(t, min(t + self._depth + 1, self._length))
        # Of what lies behind, one frame is kept: a window begins with the last frame of the window before.
        self._pending = {number: found for number, found in self._pending.items() if number >= t - 1}
        for number in wanted:
            if number not in self._pending:
                self._pending[number] = self._reader.submit(self._frame, number)
        return self._pending[t].result()
