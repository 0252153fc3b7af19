"""The exceptions a user is meant to read: which file, why, and what to do."""

from __future__ import annotations

from pathlib import Path


class CellsegError(Exception):
    """The work cannot go on, for a reason the user can act on.

    Parameters
    ----------
    reason : str
        What is wrong, as a clause without a full stop.
    path : path, optional
        The file or folder concerned.
    remedy : str, optional
        What the user can do, as a sentence.
    """

    def __init__(self, reason: str, *, path: str | Path | None = None, remedy: str | None = None) -> None:
        self.reason = reason
        self.path = None if path is None else Path(path)
        self.remedy = remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path is not None else ""
        what_to_do = f"\n  {self.remedy}" if self.remedy else ""
        return f"{where}{self.reason}{what_to_do}"


class UsageError(CellsegError):
    """What was asked for cannot be, whatever the data: the command line exits with 2, not 1."""
