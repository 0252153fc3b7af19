"""Which axis of an array is what: time, channels, focal planes, rows and columns."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cellseg.errors import CellsegError

_LETTERS = "TCZYXS"
_ITEM = re.compile(r"([A-Z])([0-9]*)")


@dataclass(frozen=True)
class Axes:
    """Axes of an array, by letters: T time, C channels, Z focal planes, Y rows, X columns, S colours.

    Attributes
    ----------
    letters : str
    shape : tuple of int
        Their lengths.
    """

    letters: str
    shape: tuple[int, ...]

    def size(self, letter: str) -> int:
        """Length of an axis; 1 where there is none."""
        return self.shape[self.letters.index(letter)] if letter in self.letters else 1

    def plane(self, t: int, c: int, z: int) -> tuple[int | slice, ...]:
        """Index of the array that gives one plane, with Y, X and S as they are."""
        where = {"T": t, "C": c, "Z": z}
        return tuple(slice(None) if letter in "YXS" else where.get(letter, 0) for letter in self.letters)

    def page(self, t: int, c: int, z: int) -> int:
        """Place of a plane among all, in the order of the axes."""
        index = 0
        where = {"T": t, "C": c, "Z": z}
        for letter, size in zip(self.letters, self.shape, strict=True):
            if letter not in "YXS":
                index = index * size + where.get(letter, 0)
        return index

    @property
    def pages(self) -> int:
        """Number of planes."""
        return math.prod(
            size for letter, size in zip(self.letters, self.shape, strict=True) if letter not in "YXS"
        )


def understand_axes(letters: str, shape: Sequence[int], path: Path) -> Axes:
    """Find the axis of time: where none is called so, the one axis of unknown meaning.

    Parameters
    ----------
    letters : str
        One for every axis, as the file has them.
    shape : sequence of int
    path : Path
        The file, for the error.

    Returns
    -------
    Axes

    Raises
    ------
    CellsegError
        Several axes of unknown meaning have more than one element.
    """
    known = [(letter, size) for letter, size in zip(letters, shape, strict=True)]
    strange = [place for place, (letter, size) in enumerate(known) if letter not in _LETTERS and size > 1]
    timed = any(letter == "T" and size > 1 for letter, size in known)
    if len(strange) > 1 or (strange and timed):
        sizes = ", ".join(f"{letter} = {size}" for letter, size in known)
        raise CellsegError(
            f"has axes of unknown meaning ({sizes})",
            path=path,
            remedy="Say what they are with --axes, one letter for each, such as --axes TCYX.",
        )
    if strange:
        known = [("t" if letter == "T" else letter, size) for letter, size in known]
        known[strange[0]] = ("T", known[strange[0]][1])
    return Axes("".join(letter for letter, _ in known), tuple(size for _, size in known))


def name_axes(text: str, shape: Sequence[int], path: Path) -> Axes:
    """Give the axes of an array the meaning a user says they have.

    Parameters
    ----------
    text : str
        `TCYX`, or with lengths, `TC2YX`, where planes simply follow each other.
    shape : sequence of int
        Of the array, or with all planes along the first axis.
    path : Path
        The file, for the error.

    Returns
    -------
    Axes

    Raises
    ------
    CellsegError
        The text names no axes, or other ones than the array has.
    """
    items = _ITEM.findall(text.upper())
    letters = "".join(letter for letter, _ in items)
    if (
        "".join(letter + size for letter, size in items) != text.upper()
        or set(letters) - set(_LETTERS)
        or len(set(letters)) < len(letters)
        or not letters.rstrip("S").endswith("YX")
    ):
        raise CellsegError(
            f"cannot have the axes {text!r}",
            path=path,
            remedy="--axes takes T (time), C (channels) and Z (focal planes) in any order, then YX: TCYX.",
        )
    sizes = [int(size or 0) for _, size in items]
    if len(sizes) == len(shape):
        found = list(shape)
    else:
        leading = letters.index("Y")
        rest = list(shape[len(shape) - (len(letters) - leading) :])
        found = [*_shared_out(math.prod(shape[: len(shape) - len(rest)]), sizes[:leading]), *rest]
    if len(found) != len(sizes) or any(
        size not in (0, there) for size, there in zip(sizes, found, strict=True)
    ):
        raise CellsegError(
            f"has the shape {' x '.join(map(str, shape))}, which does not fit the axes {text}",
            path=path,
            remedy="Give one letter for each; where planes simply follow each other, with lengths: TC2YX.",
        )
    return Axes(letters, tuple(found))


def _shared_out(total: int, sizes: list[int]) -> list[int]:
    """Lengths of axes over which planes are spread, where at most one is left open."""
    known = math.prod(size for size in sizes if size)
    if sizes.count(0) > 1 or total % known or (0 not in sizes and known != total):
        return []
    return [size or total // known for size in sizes]
