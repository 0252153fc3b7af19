"""The objects of a whole movie as numbered nodes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]
"""Node numbers; -1 is none."""


class Nodes:
    """Objects in order of frame, then id: node n is row n.

    Parameters
    ----------
    objects : numpy.ndarray, (n,) of `cellseg.types.object_dtype`
        In any order.

    Attributes
    ----------
    frame, id, area : numpy.ndarray, (n,) int64
    centroid : numpy.ndarray, (n, 2) float64
        (y, x), pixels.
    box : numpy.ndarray, (n, 4) float64
        (y0, x0, y1, x1), upper ends excluded.
    width : numpy.ndarray, (n,) float64
        Square root of the area: the unit of distances around an object.

    Raises
    ------
    ValueError
        Two objects of one frame share an id, or an object has id 0.
    """

    def __init__(self, objects: NDArray[np.void]) -> None:
        objects = objects[np.lexsort((objects["id"], objects["frame"]))]
        self.frame = objects["frame"].astype(np.int64)
        self.id = objects["id"].astype(np.int64)
        self.area = objects["area"].astype(np.int64)
        self.centroid = objects["centroid"].astype(np.float64)
        self.box = objects["bbox"].astype(np.float64)
        self.width = np.sqrt(self.area)
        self._key = frame_id_key(self.frame, self.id)
        if (np.diff(self._key) == 0).any():
            raise ValueError("two objects of one frame have the same id")
        if (self.id == 0).any():
            raise ValueError("an object has id 0, which is background")

    def __len__(self) -> int:
        return len(self.frame)

    def find(self, frame: NDArray[np.integer], object_id: NDArray[np.integer]) -> Indices:
        """Node of each (frame, id), or -1 where there is no such object."""
        if len(self) == 0:
            return np.full(len(frame), -1, np.int64)
        wanted = frame_id_key(frame, object_id)
        row = np.minimum(np.searchsorted(self._key, wanted), len(self) - 1)
        return np.where(self._key[row] == wanted, row, -1)


def frame_id_key(frame: NDArray[np.integer], object_id: NDArray[np.integer]) -> NDArray[np.int64]:
    """Make one number of frame and id, in order of frame, then id; ids have 32 bits."""
    return (frame.astype(np.int64) << 32) | object_id.astype(np.int64)
