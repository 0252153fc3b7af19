"""From the ground truth of a challenge sequence to what the loss may teach.

A pixel's label is a track id (above 0), `BACKGROUND`, `IGNORED` (teaches nothing) or `FOREGROUND` (some cell,
nobody knows which).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

BACKGROUND = 0
IGNORED = -1
FOREGROUND = -2


def training_labels(markers: NDArray[Any], objects: NDArray[Any] | None, border: int) -> NDArray[np.int32]:
    """Give the objects of a segmentation the track ids of the markers inside them.

    Parameters
    ----------
    markers : ndarray, (Y, X) integer
        Tracking ground truth (TRA) of the frame: one marker per cell, valued with its track id.
    objects : ndarray, (Y, X) integer, or None
        Complete segmentation (silver truth); its labels are not track ids. None: the markers are full masks.
    border : int
        Width E of the frame around the field of interest, in pixels, in which not every cell is annotated.

    Returns
    -------
    ndarray, (Y, X) int32
        An object with one marker has its id; with several it is ignored; with none it is foreground only. A
        marker without an object becomes an ignored disc of the median cell radius. Outside the field of
        interest, what is no object is ignored.
    """
    if objects is None:
        labels = markers.astype(np.int32)
    else:
        labels = np.full(markers.shape, BACKGROUND, np.int32)
        sizes = np.bincount(markers.ravel())
        orphans = set(np.flatnonzero(sizes[1:]) + 1)
        areas = []
        for value, box in enumerate(ndimage.find_objects(objects), start=1):
            if box is None:
                continue
            mask = objects[box] == value
            areas.append(int(mask.sum()))
            ids = _markers_inside(markers[box][mask], sizes)
            orphans.difference_update(ids)
            labels[box][mask] = FOREGROUND if not ids else ids[0] if len(ids) == 1 else IGNORED
        radius = np.sqrt(np.median(areas) / np.pi) if areas else 0.0
        for orphan in sorted(orphans):
            distance = ndimage.distance_transform_edt(markers != orphan)
            labels[(distance <= radius) & (labels == BACKGROUND)] = IGNORED
    if border > 0:
        inside = np.zeros(labels.shape, bool)
        inside[border:-border, border:-border] = True
        labels[~inside & (labels == BACKGROUND)] = IGNORED
    return labels


def _markers_inside(markers: NDArray[Any], sizes: NDArray[np.int64]) -> list[int]:
    """Ids of the markers that have more than half of their pixels among those of an object."""
    inside = np.bincount(markers)
    inside[0] = 0
    return np.flatnonzero(2 * inside > sizes[: len(inside)]).tolist()
