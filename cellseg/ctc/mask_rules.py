"""The rules of the mask files of a result: their names, and what is in each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from cellseg.ctc.masks import LARGEST_LABEL, object_labels
from cellseg.ctc.names import MASK, digits_of, mask_path, number_of
from cellseg.ctc.violation import Violation


def check_names(
    folder: Path, expected: Iterable[int] | None, digits: int | None
) -> tuple[dict[int, Path], list[Violation]]:
    """List the masks of a folder and check their names and numbers.

    Parameters
    ----------
    folder : Path
    expected : iterable of int or None
        Numbers of the raw frames; None: all from 0 to that of the last mask.
    digits : int or None
        Digits in the names of the raw frames; None: any, at least 3, as long as all names agree.

    Returns
    -------
    masks : dict of int to Path
        By frame number, ascending.
    violations : list of Violation
    """
    masks: dict[int, Path] = {}
    found: list[Violation] = []
    for path in sorted(folder.iterdir()):
        number = number_of(path, MASK)
        if number is None:
            if path.suffix.lower() in (".tif", ".tiff"):
                found.append(Violation(path, "mask-name", f"is not named like {mask_path(Path(), 0)}"))
        elif number in masks:
            found.append(Violation(path, "mask-number", f"has the frame number of {masks[number].name}"))
        else:
            masks[number] = path
    masks = dict(sorted(masks.items()))
    found.extend(_check_digits(masks, digits))

    width = digits or max(map(digits_of, masks.values()), default=3)
    if expected is None:
        holes = [(before + 1, after - 1) for before, after in pairwise([-1, *masks]) if after > before + 1]
    else:
        wanted = set(expected)
        holes = [(number, number) for number in sorted(wanted - masks.keys())]
        for number in sorted(masks.keys() - wanted):
            found.append(Violation(masks[number], "mask-extra", f"there is no frame {number}"))
    for first, last in holes:
        more = f", nor any up to {mask_path(Path(), last, width)}" if last > first else ""
        found.append(Violation(mask_path(folder, first, width), "mask-missing", f"does not exist{more}"))
    return masks, found


def _check_digits(masks: dict[int, Path], digits: int | None) -> Iterator[Violation]:
    if digits is None and masks:
        usual, _ = Counter(map(digits_of, masks.values())).most_common(1)[0]
        digits = max(3, usual)
    for path in masks.values():
        if digits_of(path) != digits:
            message = f"the frame number has {digits_of(path)} digits instead of {digits}"
            yield Violation(path, "digits", message)


def check_mask(path: Path, labels: NDArray[np.integer[Any]], shape: tuple[int, ...]) -> list[Violation]:
    """Check one mask.

    Parameters
    ----------
    path : Path
    labels : numpy.ndarray, (Y, X) integer
        What the file holds.
    shape : tuple of int
        What its shape should be, (Y, X) pixels.

    Returns
    -------
    list of Violation
    """
    found: list[Violation] = []
    if labels.shape != shape:
        found.append(Violation(path, "size", f"is {labels.shape} pixels instead of {shape}"))
    if labels.dtype != np.uint16:
        found.append(Violation(path, "type", f"holds {labels.dtype} instead of uint16 values"))
    if labels.min() < 0 or labels.max() > LARGEST_LABEL:
        found.append(Violation(path, "label-range", f"holds a label outside 0..{LARGEST_LABEL}"))
    if not labels.any():
        found.append(Violation(path, "empty-mask", "holds no object", severity="warning"))
    found.extend(
        Violation(path, "in-pieces", f"label {label} is in {pieces} pieces", label, "warning")
        for label, pieces in _objects_in_pieces(labels)
    )
    return found


def _objects_in_pieces(labels: NDArray[np.integer[Any]]) -> Iterator[tuple[int, int]]:
    """Label and number of pieces of every object that is not connected, corners counting as contact."""
    present = object_labels(labels)
    compact = np.where(labels > 0, np.searchsorted(present, labels) + 1, 0)
    for index, window in enumerate(ndimage.find_objects(compact), start=1):
        _, pieces = ndimage.label(compact[window] == index, structure=np.ones((3, 3), bool))
        if pieces > 1:
            yield int(present[index - 1]), pieces
