"""A movie of masks with its truth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellseg.tracking import Lineage, object_rows, overlap_rows
from cellseg.types import NEXT, OVERLAP_DTYPE, Track


@dataclass
class Masks:
    """All that a linker is given.

    Attributes
    ----------
    labels : numpy.ndarray, (T, Y, X) integer
        A number of its own for every object of a frame; numbers say nothing from frame to frame.
    border : int
        E of the dataset: width of the rim outside the field of interest.
    images : numpy.ndarray, (T, Y, X), or None
        The movie itself, for linkers that look at it.
    """

    labels: NDArray[Any]
    border: int = 0
    images: NDArray[Any] | None = None

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def shape(self) -> tuple[int, int]:
        """Size (Y, X) of a frame."""
        return self.labels.shape[1], self.labels.shape[2]

    @cached_property
    def objects(self) -> NDArray[np.void]:
        """Rows of `cellseg.types.object_dtype`, in order of frame and number."""
        return np.concatenate([object_rows(labels, t) for t, labels in enumerate(self.labels)])

    @cached_property
    def overlaps(self) -> NDArray[np.void]:
        """Rows of `cellseg.types.OVERLAP_DTYPE`."""
        neighbours = enumerate(zip(self.labels[:-1], self.labels[1:], strict=True))
        rows = [overlap_rows(first, second, t, NEXT) for t, (first, second) in neighbours]
        return np.concatenate([np.zeros(0, OVERLAP_DTYPE), *rows])

    def fresh(self) -> Masks:
        """Forget the tables, which are part of a linker's work."""
        return Masks(self.labels, self.border, self.images)

    def draw(self, lineage: Lineage, t: int) -> NDArray[Any]:
        """Give the objects of a frame their final labels, and draw those that the lineage adds."""
        return lineage.final_frame(t, lambda u: self.labels[u])

    @property
    def diameter(self) -> float:
        """Median diameter of the objects, in pixels: that of a disc of as many."""
        return float(2 * np.sqrt(np.median(self.objects["area"]) / np.pi))


@dataclass(frozen=True)
class Movie:
    """What linkers are judged on.

    Attributes
    ----------
    name : str
    masks : Masks
    markers : numpy.ndarray, (T, Y, X) integer
        The truth's objects; labels are those of tracks.
    tracks : tuple of Track
        The truth's lineage.
    """

    name: str
    masks: Masks
    markers: NDArray[Any]
    tracks: tuple[Track, ...]

    def described(self) -> dict[str, Any]:
        """Say how large it is, in JSON values."""
        parents = np.array([track.parent for track in self.tracks if track.parent])
        return {
            "name": self.name,
            "frames": len(self.masks),
            "shape": list(self.masks.shape),
            "objects": len(self.masks.objects),
            "tracks": len(self.tracks),
            "divisions": int((np.unique(parents, return_counts=True)[1] > 1).sum()),
        }
