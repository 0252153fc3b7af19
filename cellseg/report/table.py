"""The objects of a result as one table: a row per object, gathered frame by frame."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellseg.types import Track

ROW = np.dtype([("label", "i8"), ("frame", "i8"), ("area", "i8"), ("centroid", "f4", (2,)), ("edge", "i8")])
"""One object: area in pixels, centroid (y, x), and the pixels between it and the edge of the image."""


@dataclass(frozen=True)
class ObjectTable:
    """Objects and tracks of a result.

    Attributes
    ----------
    rows : numpy.ndarray, (n,) ROW
        By label, then frame.
    tracks : tuple of Track
        Sorted; every label of `rows` has one.
    frames : tuple of int
        Numbers of all frames, ascending.
    """

    rows: NDArray[np.void]
    tracks: tuple[Track, ...]
    frames: tuple[int, ...]

    @classmethod
    def gather(
        cls, frames: Iterable[int], rows: Iterable[NDArray[np.void]], tracks: Iterable[Track]
    ) -> ObjectTable:
        """Put the rows of all frames together; objects that no track lists get one of their own.

        Parameters
        ----------
        frames : iterable of int
        rows : iterable of numpy.ndarray of ROW
            Of each frame.
        tracks : iterable of Track
            What the track file says; the first line of a label counts.

        Returns
        -------
        ObjectTable
        """
        table = np.concatenate([np.zeros(0, ROW), *rows])
        table = table[np.lexsort((table["frame"], table["label"]))]
        listed: dict[int, Track] = {}
        for track in tracks:
            listed.setdefault(track.label, track)
        labels, first = np.unique(table["label"], return_index=True)
        last = np.searchsorted(table["label"], labels, "right") - 1
        for label, begin, end in zip(labels.tolist(), first, last, strict=True):
            seen = int(table["frame"][begin]), int(table["frame"][end])
            listed.setdefault(label, Track(label, *seen, 0))
        return cls(table, tuple(sorted(listed.values())), tuple(frames))

    def of(self, label: int) -> NDArray[np.void]:
        """Rows of one track, by frame."""
        begin, end = np.searchsorted(self.rows["label"], [label, label + 1])
        return self.rows[begin:end]

    def steps(self) -> tuple[NDArray[np.void], NDArray[np.void]]:
        """Pair every object with the same cell in the next frame.

        Returns
        -------
        before, after : numpy.ndarray, (s,) ROW
        """
        before, after = self.rows[:-1], self.rows[1:]
        linked = (before["label"] == after["label"]) & (before["frame"] + 1 == after["frame"])
        return before[linked], after[linked]
