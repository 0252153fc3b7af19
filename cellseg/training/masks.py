"""Label images of any origin: what is wrong with them, how large their cells are, what their labels mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from cellseg.ctc import LARGEST_LABEL
from cellseg.errors import CellsegError

Labels = NDArray[np.integer[Any]]

PIECES = (
    "the masks know no cells apart, so every connected piece is taken for a cell; "
    "cells that touch need numbers of their own"
)
"""What is said of masks that have one label for all cells."""

_Item = TypeVar("_Item")
_LOOKED_AT = 8
_GREY = 0.4
"""Of neighbouring pixels of cells, the share of those with different labels that no masks have."""
_SAME_PLACE = 0.5
"""Intersection over union beyond which two masks of neighbouring frames must be the same cell."""
_DEBRIS = 0.1
"""Of the area of the largest piece: smaller ones are no cells of their own."""


def check_masks(labels: Labels, shape: tuple[int, int], path: Path) -> None:
    """Refuse masks that do not fit their image, and labels that no cell can have.

    Parameters
    ----------
    labels : ndarray, (Y, X) integer
    shape : tuple of int
        (Y, X) of the image.
    path : Path
        File of the masks.

    Raises
    ------
    CellsegError
        The sizes differ, a label is negative or does not fit into 16 bits, or these are grey values.
    """
    if labels.shape != shape:
        here, there = (f"{y} x {x}" for y, x in (labels.shape, shape))
        raise CellsegError(
            f"is {here} pixels (y, x), but its image is {there}",
            path=path,
            remedy="Save the masks again in the size of the image, neither cropped nor resized.",
        )
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high > LARGEST_LABEL:
        raise CellsegError(
            f"holds the label {low if low < 0 else high}",
            path=path,
            remedy=f"Number the cells from 1 to at most {LARGEST_LABEL}; 0 is background.",
        )
    left, right = labels[:, :-1], labels[:, 1:]
    cells = (left > 0) & (right > 0)
    if np.count_nonzero(cells & (left != right)) > _GREY * np.count_nonzero(cells):
        raise CellsegError(
            "looks like an image of grey values, not like masks: nearly every pixel has a label of its own",
            path=path,
            remedy="Check that images and masks are not mistaken for each other.",
        )


def some(items: Sequence[_Item]) -> Sequence[_Item]:
    """Take about eight, evenly spread: enough to learn what masks are like."""
    return items[:: max(1, len(items) // _LOOKED_AT)]


def typical_diameter_of(images: Iterable[Labels], path: Path) -> float:
    """Measure the cells of label images.

    Parameters
    ----------
    images : iterable of ndarray, (Y, X) integer
    path : Path
        Where they come from.

    Returns
    -------
    float
        Diameter of a disc of the median area of all cells, in pixels.

    Raises
    ------
    CellsegError
        There is no cell.
    """
    areas = [area for image in images for area in np.unique(image[image > 0], return_counts=True)[1]]
    if not areas:
        raise CellsegError(
            "there is no cell in the ground truth: the masks are empty",
            path=path,
            remedy="Check that these are the masks, or choose other --frames.",
        )
    return float(2 * np.sqrt(np.median(areas) / np.pi))


def know_no_cells_apart(images: Sequence[Labels]) -> bool:
    """Tell whether all cells have one and the same label, although there are several.

    Parameters
    ----------
    images : sequence of ndarray, (Y, X) integer

    Returns
    -------
    bool
    """
    values = {int(value) for image in images for value in np.unique(image) if value > 0}
    if len(values) != 1:
        return False
    for image in images:
        areas = np.bincount(connected_pieces(image).ravel())[1:]
        if np.count_nonzero(areas > _DEBRIS * areas.max(initial=0)) > 1:
            return True
    return False


def connected_pieces(image: Labels) -> NDArray[np.int32]:
    """Label the connected pieces of a mask; those that touch at a corner only are two.

    Parameters
    ----------
    image : ndarray, (Y, X) integer

    Returns
    -------
    ndarray, (Y, X) int32
    """
    pieces: NDArray[np.int32] = ndimage.label(image > 0)[0].astype(np.int32)
    return pieces


def count_in_place(before: Labels, after: Labels) -> tuple[int, int]:
    """Count the cells that stay in their place from one frame to the next.

    Parameters
    ----------
    before, after : ndarray, (Y, X) integer
        Labels of two consecutive frames.

    Returns
    -------
    same, different : int
        Cells that have the same label in both, and cells that have not.
    """
    same = different = 0
    for label in np.unique(before[before > 0]):
        mask = before == label
        labels, pixels = np.unique(after[mask], return_counts=True)
        heir = labels[pixels.argmax()]
        if heir > 0 and pixels.max() > _SAME_PLACE * np.count_nonzero(mask | (after == heir)):
            same, different = same + int(heir == label), different + int(heir != label)
    return same, different
