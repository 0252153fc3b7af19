"""The objects of a whole movie as numbered nodes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

Indices = NDArray[np.int64]
"""Node numbers; -1 is none."""

_FRAMES_AROUND = 21


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
    relative_size : numpy.ndarray, (n,) float64
        Logarithm of the area over what is usual in the frames around.
    touches_border : numpy.ndarray, (n,) bool
    embedding : numpy.ndarray, (n, D) float32
        Unit vectors, or zeros; D may be 0.

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
        self.relative_size = np.log(self.area) - _usual(self.frame, np.log(self.area))
        self.touches_border = objects["touches_border"].astype(bool)
        self.embedding = _unit(objects["embedding"])
        self._key = frame_id_key(self.frame, self.id)
        if (np.diff(self._key) == 0).any():
            raise ValueError("two objects of one frame have the same id")
        if (self.id == 0).any():
            raise ValueError("an object has id 0, which is background")

    def __len__(self) -> int:
        return len(self.frame)

    def cosine(self, first: Indices, second: Indices) -> NDArray[np.float64]:
        """Cosine between the embeddings of pairs of nodes, (k,), without its sign.

        The loss of the network takes a vector and its opposite for equal (Payer et al. 2019).
        """
        product = np.einsum("kd,kd->k", self.embedding[first], self.embedding[second])
        return np.asarray(np.abs(product), np.float64)

    def find(self, frame: NDArray[np.integer], object_id: NDArray[np.integer]) -> Indices:
        """Node of each (frame, id), or -1 where there is no such object."""
        if len(self) == 0:
            return np.full(len(frame), -1, np.int64)
        wanted = frame_id_key(frame, object_id)
        row = np.minimum(np.searchsorted(self._key, wanted), len(self) - 1)
        return np.where(self._key[row] == wanted, row, -1)


def medians(group: Indices, values: NDArray[np.float64]) -> tuple[NDArray[np.float64], Indices]:
    """Median of the values of each group, in order of its number, and which of these each value goes with."""
    _, of_value, count = np.unique(group, return_inverse=True, return_counts=True)
    start = np.cumsum(count) - count
    ordered = values[np.lexsort((values, group))]
    return (ordered[start + (count - 1) // 2] + ordered[start + count // 2]) / 2, of_value


def _usual(frame: Indices, size: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the median size in the frames around: in one, there may be few cells, and these in pieces."""
    if len(frame) == 0:
        return size
    median, of_node = medians(frame, size)
    return np.asarray(median_filter(median, _FRAMES_AROUND, mode="nearest")[of_node])


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(length > 0, length, 1))


def frame_id_key(frame: NDArray[np.integer], object_id: NDArray[np.integer]) -> NDArray[np.int64]:
    """Make one number of frame and id, in order of frame, then id; ids have 32 bits."""
    return (frame.astype(np.int64) << 32) | object_id.astype(np.int64)
