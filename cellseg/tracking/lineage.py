"""The result of linking: tracks, and which track each object of each frame belongs to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellseg.tracking.drawing import Drawn, draw
from cellseg.types import Track


@dataclass(frozen=True)
class Lineage:
    """Tracks 1..K of a movie, in order of first frame, then position (y, x).

    Every track has an object in each of its frames: one or several of the provisional frame, or one that is
    yet to be drawn.

    Attributes
    ----------
    tracks : tuple of Track
    frame, provisional, final : numpy.ndarray, (n,) int64
        Of every object, in order of frame: its frame, its id there, and its track's label; 0 is removed.
    drawn : tuple of Drawn
        Objects that the provisional frames do not show.
    """

    tracks: tuple[Track, ...]
    frame: NDArray[np.int64]
    provisional: NDArray[np.int64]
    final: NDArray[np.int64]
    drawn: tuple[Drawn, ...] = ()

    def final_labels(self, frame: int) -> NDArray[np.uint16]:
        """Lookup table from the ids of a provisional frame to track labels.

        Parameters
        ----------
        frame : int
            Frame index within the sequence.

        Returns
        -------
        numpy.ndarray, (largest id + 1,) uint16
            0 for background, removed objects, and those whose pixels are shared out.
        """
        rows = slice(*np.searchsorted(self.frame, [frame, frame + 1]))
        lookup = np.zeros(self.provisional[rows].max(initial=0) + 1, np.uint16)
        lookup[self.provisional[rows]] = self.final[rows]
        return lookup

    def final_frame(self, frame: int, read: Callable[[int], NDArray[np.integer[Any]]]) -> NDArray[np.uint16]:
        """Give the objects of a frame their final labels, and draw those that are missing.

        Parameters
        ----------
        frame : int
            Frame index within the sequence.
        read : callable
            Gives a provisional frame, (Y, X) int; besides this one, those nearby that show a missing object.

        Returns
        -------
        numpy.ndarray, (Y, X) uint16

        Raises
        ------
        ValueError
            The frame has an id that the linker never saw.
        """
        provisional = read(frame)
        lookup = self.final_labels(frame)
        largest = provisional.max(initial=0)
        if largest >= len(lookup):
            raise ValueError(f"id {largest} is not in the lookup table of {len(lookup)} entries")
        final = np.asarray(lookup[provisional])
        draw(final, provisional, self._drawn_in.get(frame, ()), read)
        return final

    @cached_property
    def _drawn_in(self) -> dict[int, list[Drawn]]:
        """What is to be drawn in each frame."""
        found = defaultdict(list)
        for drawn in self.drawn:
            found[drawn.frame].append(drawn)
        return dict(found)
