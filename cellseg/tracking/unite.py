"""Several objects of a frame become one row of the tables."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cellseg.tracking.nodes import Indices, Nodes
from cellseg.types import OVERLAP_DTYPE


def unite_rows(
    nodes: Nodes, objects: NDArray[np.void], overlaps: NDArray[np.void], whole: Indices
) -> tuple[NDArray[np.void], NDArray[np.void]]:
    """Give the tables in which the pieces of a cell are one object, under the id of the first of them.

    Parameters
    ----------
    nodes : Nodes
        Of `objects`.
    objects : numpy.ndarray, (n,) of `cellseg.types.object_dtype`
        In order of frame, then id.
    overlaps : numpy.ndarray, (m,) of `cellseg.types.OVERLAP_DTYPE`
    whole : numpy.ndarray, (n,) int64
        For each object the first one that it is one cell with.

    Returns
    -------
    objects, overlaps : two structured arrays
    """
    kept = np.flatnonzero(whole == np.arange(len(whole)))
    united = objects.copy()
    for piece in np.flatnonzero(whole != np.arange(len(whole))):
        _add(united[whole[piece]], objects[piece])

    new = np.full(len(nodes) + 1, -1, np.int64)
    new[:-1] = objects["id"][whole]
    changed = np.zeros(len(overlaps), bool)
    renamed = overlaps.copy()
    involved = np.append(np.bincount(whole, minlength=len(whole)) != 1, False)
    for side, later in (("id_a", 0), ("id_b", 1)):
        node = nodes.find(overlaps["frame"] + later, overlaps[side])
        changed |= involved[node]
        renamed[side] = np.where(node >= 0, new[node], overlaps[side])
    names = ["frame", "kind", "id_a", "id_b"]
    key, row = np.unique(renamed[changed][names], return_inverse=True)
    summed = np.zeros(len(key), OVERLAP_DTYPE)
    for name in names:
        summed[name] = key[name]
    summed["pixels"] = np.bincount(row, overlaps["pixels"][changed], len(key))
    return united[kept], np.concatenate([overlaps[~changed], summed])


def _add(cell: np.void, piece: np.void) -> None:
    """Make a row that of both objects together, in place."""
    share = piece["area"] / (cell["area"] + piece["area"])
    for name in ("centroid", "embedding"):
        cell[name] += share * (piece[name] - cell[name])
    cell["area"] += piece["area"]
    cell["bbox"][:2] = np.minimum(cell["bbox"][:2], piece["bbox"][:2])
    cell["bbox"][2:] = np.maximum(cell["bbox"][2:], piece["bbox"][2:])
    cell["touches_border"] |= piece["touches_border"]
