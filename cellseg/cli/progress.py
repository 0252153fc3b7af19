"""Progress of long work: a bar on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, NoReturn, Protocol, Self

_SECONDS_BETWEEN_LINES = 30.0


class Progress(Protocol):
    """What the verbs use of a progress bar; a context manager."""

    n: float

    def update(self, count: int = 1, /) -> Any:
        """Tell that `count` more are done."""

    def set_postfix_str(self, text: str, /) -> Any:
        """Show a text behind the figures."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> Any: ...


def show_progress(total: int, unit: str, description: str = "") -> Progress:
    """Begin to show progress on stderr.

    Parameters
    ----------
    total : int
        How many there are to do.
    unit : str
        What they are, such as `frame`.
    description : str
        Shown in front.

    Returns
    -------
    Progress
    """
    if not sys.stderr.isatty():
        return _Lines(total, unit, description)
    from tqdm import tqdm

    bar: Progress = tqdm(total=total, unit=unit, desc=description or None, disable=total == 0)
    return bar


def show_bytes(description: str) -> Callable[[int, int | None], None]:
    """Begin to show on stderr how much of a file is done.

    Parameters
    ----------
    description : str
        Shown in front.

    Returns
    -------
    callable
        To be told the bytes that are done, and those there will be if that is known.
    """
    if not sys.stderr.isatty():
        return _ByteLines(description).update
    from tqdm import tqdm

    bar: tqdm[NoReturn] = tqdm(unit="B", unit_scale=True, desc=description)

    def update(done: int, total: int | None) -> None:
        bar.total = total
        bar.update(done - bar.n)
        if done == total:
            bar.close()

    return update


class _ByteLines:
    """A line at most every half minute, and one when all is done."""

    def __init__(self, description: str) -> None:
        self._description = description
        self._said = time.monotonic()

    def update(self, done: int, total: int | None) -> None:
        if done == total or time.monotonic() - self._said >= _SECONDS_BETWEEN_LINES:
            self._said = time.monotonic()
            whole = "" if total is None else f" of {total / 1e6:,.1f}"
            print(f"{self._description}: {done / 1e6:,.1f}{whole} MB", file=sys.stderr, flush=True)


class _Lines:
    """A line at most every half minute, and one at the end."""

    def __init__(self, total: int, unit: str, description: str) -> None:
        self.n = 0.0
        self._total, self._unit = total, unit
        self._start = f"{description}: " if description else ""
        self._text = ""
        self._said = time.monotonic()
        self._said_n = 0.0

    def update(self, count: int = 1) -> None:
        self.n += count
        if time.monotonic() - self._said >= _SECONDS_BETWEEN_LINES:
            self._say()

    def set_postfix_str(self, text: str) -> None:
        self._text = text

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._total:
            self._say()

    def _say(self) -> None:
        now = time.monotonic()
        rate = (self.n - self._said_n) / max(now - self._said, 1e-9)
        self._said, self._said_n = now, self.n
        figures = f"{self.n:.0f}/{self._total} {self._unit}s, now {rate:.2f} {self._unit}s/s"
        print(" ".join(filter(None, [f"{self._start}{figures}", self._text])), file=sys.stderr, flush=True)
