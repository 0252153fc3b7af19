"""What a linker is."""

from __future__ import annotations

from typing import Protocol

from evaluation.linkers.linked import Linked
from evaluation.linkers.movie import Masks

REACH = 1.0
"""Farthest that a cell is sought by linkers that want to be told, in median diameters of the objects.

Of 0.5, 0.75, 1, 1.5 and 2 the best for laptrack, in the mean over such movies.
"""


class Linker(Protocol):
    """Gives the cells of masks their tracks; is pickled on its way to a process of its own."""

    name: str
    settings: str
    """What it is told, in a clause."""
    by_tables: bool
    """Whether objects and overlaps are enough: pixels are not looked at."""

    def absent(self) -> str | None:
        """Say why it cannot run here; None if it can."""
        ...

    def load(self) -> None:
        """Import and load what takes long and is not timed."""
        ...

    def link(self, masks: Masks) -> Linked:
        """Link the objects."""
        ...
