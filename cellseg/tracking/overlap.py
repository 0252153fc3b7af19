"""Links by overlap: what two neighbouring pairs call the same cell, and what stays in its place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cellseg.tracking.nodes import Indices, Nodes


@dataclass(frozen=True)
class Overlap:
    """Pairs of nodes in consecutive frames and the pixels that speak for them, by source, then target.

    Attributes
    ----------
    source, target : numpy.ndarray, (n,) int64
        Nodes of frames t and t + 1.
    pixels : numpy.ndarray, (n,) int64
        Shared pixels.
    iou : numpy.ndarray, (n,) float64
        Intersection over union.
    """

    source: Indices
    target: Indices
    pixels: NDArray[np.int64]
    iou: NDArray[np.float64]

    def between(self, source: Indices, target: Indices) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Look up pairs of nodes: shared pixels and intersection over union, 0 of those that share none."""
        pixels, iou = np.zeros(len(source), np.int64), np.zeros(len(source))
        if len(self.source):
            wanted = pair_key(source, target)
            row = np.minimum(np.searchsorted(self._key, wanted), len(self._key) - 1)
            found = self._key[row] == wanted
            pixels[found], iou[found] = self.pixels[row[found]], self.iou[row[found]]
        return pixels, iou

    def heirs(self, area: NDArray[np.int64]) -> Indices:
        """For each node, the one of the frame after that covers more than half of it; -1 is none."""
        heir = np.full(len(area), -1, np.int64)
        most = 2 * self.pixels > area[self.source]
        heir[self.source[most]] = self.target[most]
        return heir

    def origins(self, area: NDArray[np.int64]) -> Indices:
        """For each node, the one of the frame before that covers more than half of it; -1 is none."""
        origin = np.full(len(area), -1, np.int64)
        most = 2 * self.pixels > area[self.target]
        origin[self.target[most]] = self.source[most]
        return origin

    @cached_property
    def _key(self) -> NDArray[np.int64]:
        return pair_key(self.source, self.target)


def pair_key(source: Indices, target: Indices) -> NDArray[np.int64]:
    """Make one number of two nodes, in order of the first, then the second."""
    return (source << 32) | target


def split_key(key: NDArray[np.int64]) -> tuple[Indices, Indices]:
    """Give the two nodes back that `pair_key` made one number of."""
    return key >> 32, key & 0xFFFFFFFF


def node_overlap(nodes: Nodes, overlaps: NDArray[np.void]) -> Overlap:
    """Read overlap rows of one kind as evidence between objects of frames t and t + 1.

    For NEXT rows that is what they say. For CHAIN rows `id_b` is the later pair's instance in frame t; being
    the same cell in both frames of its pair, it continues as the object of that id in frame t + 1.

    Parameters
    ----------
    nodes : Nodes
    overlaps : numpy.ndarray, (n,) of `cellseg.types.OVERLAP_DTYPE`
        Rows of one kind, with background.

    Returns
    -------
    Overlap
        Without the rows in which an object is missing.
    """
    frame, pixels = overlaps["frame"].astype(np.int64), overlaps["pixels"]
    source, target = nodes.find(frame, overlaps["id_a"]), nodes.find(frame + 1, overlaps["id_b"])
    rows = np.flatnonzero((source >= 0) & (target >= 0))
    rows = rows[np.lexsort((target[rows], source[rows]))]
    # Background is in the table, so the area of each side is the sum over its rows.
    union = _total(source, pixels)[rows] + _total(target, pixels)[rows] - pixels[rows]
    return Overlap(source[rows], target[rows], pixels[rows], pixels[rows] / union)


def _total(node: Indices, pixels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sum the pixels of all rows of the same node, for each row."""
    return np.bincount(node + 1, pixels)[node + 1].astype(np.int64)
