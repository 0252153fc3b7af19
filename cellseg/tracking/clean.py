"""Per-frame tidying of instances at original resolution."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cellseg.tracking.regions import connected_regions, count_contacts, split_pieces


def clean_instances(
    labels: NDArray[np.integer], *, min_area: int = 1, fill_holes: bool = True, border: int = 0
) -> NDArray[np.integer]:
    """Make each label one solid object; drop the small ones and those outside the field of interest.

    Parameters
    ----------
    labels : numpy.ndarray, (Y, X) int
        Instances of one frame; 0 is background.
    min_area : int
        Smallest object kept, in pixels.
    fill_holes : bool
        Fill background that a single object encloses; holes with another object in them stay.
    border : int
        Width in pixels of the frame around the field of interest: an object without a pixel in the inner
        rectangle is dropped.

    Returns
    -------
    numpy.ndarray, (Y, X), dtype of `labels`
        The same ids. Of several 8-connected pieces of a label only the largest is left, of equals the first.

    Raises
    ------
    ValueError
        The border leaves no field of interest.

    Notes
    -----
    Specification, sections 5.7 (field of interest) and 9, defect 13.
    """
    height, width = labels.shape
    if 2 * border >= min(height, width):
        raise ValueError(f"a border of {border} pixels leaves nothing of a frame of {height} x {width}")
    pieces, owner, _, surplus = split_pieces(labels)
    owner[surplus] = 0
    result = owner[pieces]
    if fill_holes:
        _fill_holes(result)
    area = np.bincount(result.ravel())
    in_field = np.zeros(len(area), bool)
    in_field[result[border : height - border, border : width - border]] = True
    kept = in_field & (area >= min_area)
    return np.where(kept[result], result, 0).astype(labels.dtype)


def _fill_holes(labels: NDArray[np.int64]) -> None:
    """Fill the background regions that border a single label and no edge of the image, in place."""
    holes = connected_regions(labels == 0, connectivity=1)
    is_open = np.zeros(holes.max(initial=0) + 1, bool)
    for edge in (holes[0], holes[-1], holes[:, 0], holes[:, -1]):
        is_open[edge] = True
    holes[is_open[holes]] = 0
    hole, label, _ = count_contacts(holes, labels)
    single = np.bincount(hole)[hole] == 1
    filling = np.zeros(len(is_open), np.int64)
    filling[hole[single]] = label[single]
    inside = holes > 0
    labels[inside] = filling[holes[inside]]
