"""The result of linking: tracks, and which track each object of each frame belongs to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellseg.types import Track


@dataclass(frozen=True)
class Lineage:
    """Tracks 1..K of a movie, in order of first frame, then position (y, x).

    Every track has exactly one object in each of its frames. A track with a parent is one of two daughters,
    or an only child: the same cell after a gap.

    Attributes
    ----------
    tracks : tuple of Track
    frame, provisional, final : numpy.ndarray, (n,) int64
        Of every object, in order of frame: its frame, its id there, and its track's label; 0 is removed.
    """

    tracks: tuple[Track, ...]
    frame: NDArray[np.int64]
    provisional: NDArray[np.int64]
    final: NDArray[np.int64]

    def final_labels(self, frame: int) -> NDArray[np.uint16]:
        """Lookup table from the ids of a provisional frame to track labels.

        Parameters
        ----------
        frame : int
            Frame index within the sequence.

        Returns
        -------
        numpy.ndarray, (largest id + 1,) uint16
            0 for background and removed objects.
        """
        rows = slice(*np.searchsorted(self.frame, [frame, frame + 1]))
        lookup = np.zeros(self.provisional[rows].max(initial=0) + 1, np.uint16)
        lookup[self.provisional[rows]] = self.final[rows]
        return lookup


def relabel(provisional: NDArray[np.integer], lookup: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Give the objects of a provisional frame their final labels.

    Parameters
    ----------
    provisional : numpy.ndarray, (Y, X) uint32
        Ids of one frame.
    lookup : numpy.ndarray, (largest id + 1,) uint16
        `Lineage.final_labels` of that frame.

    Returns
    -------
    numpy.ndarray, (Y, X) uint16

    Raises
    ------
    ValueError
        The frame has an id that the linker never saw.
    """
    if provisional.max(initial=0) >= len(lookup):
        raise ValueError(f"id {provisional.max()} is not in the lookup table of {len(lookup)} entries")
    return np.asarray(lookup[provisional])
