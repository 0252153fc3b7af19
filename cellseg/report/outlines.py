"""Outlines of the objects of a label image, small enough for a page."""

from __future__ import annotations

import base64
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import find_objects
from skimage.measure import approximate_polygon, find_contours

_TOLERANCE = 0.6
"""Pixels that a simplified outline may be off by."""
_LONGEST_STEP = 127
"""Half pixels; what a signed byte holds."""


_TRIANGLE = 4
"""Points of the simplest polygon, the first one repeated."""


class Outlines(NamedTuple):
    """The outlines of one frame.

    Attributes
    ----------
    rings : list of [label, y, x, n]
        Closed polygons, holes included, by label: start in half pixels and the number of steps from there.
    steps : str
        Base64 of the (dy, dx) of all steps, in order, signed bytes in half pixels.
    """

    rings: list[list[int]]
    steps: str


def outline(labels: NDArray[np.integer[Any]], tolerance: float = _TOLERANCE) -> Outlines:
    """Trace every object of a label image.

    Parameters
    ----------
    labels : ndarray, (Y, X) integer
        0 is background.
    tolerance : float
        Pixels that an outline may be off by.

    Returns
    -------
    Outlines
    """
    rings: list[list[int]] = []
    steps: list[NDArray[np.int64]] = []
    for label, box in enumerate(find_objects(labels.astype(np.int32, copy=False)), start=1):
        if box is None:
            continue
        inside = np.pad(labels[box] == label, 1).astype(np.float32)
        for contour in find_contours(inside, 0.5):  # type: ignore[no-untyped-call]
            polygon = approximate_polygon(contour, tolerance)  # type: ignore[no-untyped-call]
            if len(polygon) < _TRIANGLE:  # a few pixels are no line
                polygon = contour
            corner = np.array([box[0].start - 1, box[1].start - 1])
            points = np.rint(2 * (polygon + corner)).astype(np.int64)
            walked = _short(np.diff(points, axis=0))[:-1]  # the last step is back to the start
            rings.append([label, int(points[0, 0]), int(points[0, 1]), len(walked)])
            steps.append(walked)
    whole = np.concatenate([np.zeros((0, 2), np.int64), *steps]).astype(np.int8)
    return Outlines(rings, base64.b64encode(whole.tobytes()).decode("ascii"))


def _short(steps: NDArray[np.int64]) -> NDArray[np.int64]:
    """Cut steps that are longer than a byte holds into shorter ones."""
    parts = np.maximum(1, -(-np.abs(steps).max(axis=1, initial=0) // _LONGEST_STEP))
    if (parts == 1).all():
        return steps
    places = np.concatenate([[[0, 0]], np.cumsum(steps, axis=0)])
    between = [
        np.rint(np.linspace(start, stop, count + 1)[1:]).astype(np.int64)
        for start, stop, count in zip(places, places[1:], parts, strict=False)
    ]
    return np.diff(np.concatenate([[[0, 0]], *between]), axis=0)
