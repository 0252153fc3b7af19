"""What every microscope of this room offers, and what they share: the individual looks of the cells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from cellseg.simulate.scene import CellView


class Painter(Protocol):
    """Draws the frames of one movie in order."""

    def paint(self, views: list[CellView], labels: NDArray[np.uint16]) -> NDArray[np.integer[Any]]:
        """Draw one frame.

        Parameters
        ----------
        views : list of CellView
            The cells to be seen.
        labels : numpy.ndarray, (Y, X) uint16
            Their masks.

        Returns
        -------
        numpy.ndarray, (Y, X) uint8 or uint16
            What the camera records.
        """


class Optics(Protocol):
    """A microscope and its camera."""

    def painter(self, shape: tuple[int, int], rng: np.random.Generator) -> Painter:
        """Set up for a movie.

        Parameters
        ----------
        shape : tuple of int
            (Y, X) of the image.
        rng : numpy.random.Generator
            Source of textures and noise.

        Returns
        -------
        Painter
            Draws the frames in order.
        """


class Look(Protocol):
    """What makes one cell look different from the others."""

    def advance(self, rng: np.random.Generator) -> None:
        """Let one frame pass."""


AnyLook = TypeVar("AnyLook", bound=Look)


class Looks(Generic[AnyLook]):
    """The looks of the cells in view: kept while a cell is seen, forgotten when it is gone.

    Parameters
    ----------
    create : callable
        Makes the look of a cell seen for the first time.
    rng : numpy.random.Generator
        Source of the changes.
    """

    def __init__(self, create: Callable[[CellView], AnyLook], rng: np.random.Generator) -> None:
        self._create = create
        self._rng = rng
        self._by_identity: dict[int, AnyLook] = {}

    def of(self, views: list[CellView]) -> list[AnyLook]:
        """Give the looks of the cells of the next frame.

        Parameters
        ----------
        views : list of CellView
            The cells to be seen.

        Returns
        -------
        list
            One look for each.
        """
        known, self._by_identity = self._by_identity, {}
        for view in views:
            look = known.get(view.cell.identity) or self._create(view)
            look.advance(self._rng)
            self._by_identity[view.cell.identity] = look
        return list(self._by_identity.values())
