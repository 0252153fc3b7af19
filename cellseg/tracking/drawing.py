"""Objects that a provisional frame does not show: drawn with the shape that the cell has nearby in time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

LabelImage = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Drawn:
    """One object to draw.

    Attributes
    ----------
    frame : int
    label : int
        The final label of its track.
    among : tuple of int
        Provisional ids of the objects whose pixels it shares with others; none for a cell that is missing,
        which is drawn on the background.
    source_frame : int
        Where its shape is taken from.
    source : tuple of int
        Its provisional ids there.
    box : tuple of int
        The box around it there, (y0, x0, y1, x1) in pixels, upper ends excluded.
    shift : tuple of int
        How far it has moved, (y, x) in pixels.
    """

    frame: int
    label: int
    among: tuple[int, ...]
    source_frame: int
    source: tuple[int, ...]
    box: tuple[int, int, int, int]
    shift: tuple[int, int]


def draw(
    final: NDArray[np.uint16],
    provisional: LabelImage,
    wanted: Sequence[Drawn],
    read: Callable[[int], LabelImage],
) -> None:
    """Draw the missing objects of a frame, in place.

    Parameters
    ----------
    final : numpy.ndarray, (Y, X) uint16
        The other objects of the frame under their final labels.
    provisional : numpy.ndarray, (Y, X) int
        The frame.
    wanted : sequence of Drawn
        What is to be drawn in it. Each gets at least one pixel.
    read : callable
        Gives the provisional frame of a number.
    """
    frames = {number: read(number) for number in {each.source_frame for each in wanted}}
    shapes = {each.label: _shape(each, frames[each.source_frame]) for each in wanted}
    ordered = sorted(wanted, key=lambda each: (each.among, each.label), reverse=True)
    for among, group in groupby(ordered, lambda each: each.among):
        labels = [each.label for each in group]
        if among:
            _share_out(final, np.isin(provisional, among), labels, shapes)
        else:
            for label in labels:
                _fill(final, label, shapes[label])


def _shape(wanted: Drawn, frame: LabelImage) -> NDArray[np.int64]:
    """Pixels (n, 2) of the object, moved; they may lie outside the frame."""
    y0, x0, y1, x1 = wanted.box
    return np.argwhere(np.isin(frame[y0:y1, x0:x1], wanted.source)) + np.add((y0, x0), wanted.shift)


def _fill(final: NDArray[np.uint16], label: int, shape: NDArray[np.int64]) -> None:
    inside = shape[((shape >= 0) & (shape < final.shape)).all(axis=1)]
    free = inside[final[tuple(inside.T)] == 0]
    if len(free) == 0:
        free = _nearest(_to_spare(final), shape)
    final[tuple(free.T)] = label


def _to_spare(final: NDArray[np.uint16]) -> NDArray[np.int64]:
    """Find background; where there is none, pixels (n, 2) of objects that have others."""
    if (final == 0).any():
        return np.argwhere(final == 0)
    return np.argwhere(np.bincount(final.ravel())[final] > 1)


def _nearest(pixels: NDArray[np.int64], shape: NDArray[np.int64]) -> NDArray[np.int64]:
    """Find the pixel that is nearest to the middle of a shape, (1, 2)."""
    return pixels[[((pixels - shape.mean(axis=0)) ** 2).sum(axis=1).argmin()]]


def _share_out(
    final: NDArray[np.uint16],
    region: NDArray[np.bool_],
    labels: list[int],
    shapes: dict[int, NDArray[np.int64]],
) -> None:
    """Give each pixel of a region to the nearest of the shapes."""
    pixels = np.argwhere(region)
    low = np.minimum(pixels.min(axis=0), np.min([shapes[label].min(axis=0) for label in labels], axis=0))
    high = np.maximum(pixels.max(axis=0), np.max([shapes[label].max(axis=0) for label in labels], axis=0))
    distance = []
    for label in labels:
        outside = np.ones(high - low + 1, bool)
        outside[tuple((shapes[label] - low).T)] = False
        distance.append(distance_transform_edt(outside)[tuple((pixels - low).T)])
    owner = np.argmin(distance, axis=0)
    for index, label in enumerate(labels):
        if not (owner == index).any():
            to_spare = np.flatnonzero(np.bincount(owner)[owner] > 1)
            distance_from_middle = np.linalg.norm(pixels[to_spare] - shapes[label].mean(axis=0), axis=1)
            owner[to_spare[np.argmin(distance_from_middle)]] = index
    final[tuple(pixels.T)] = np.asarray(labels, np.uint16)[owner]
