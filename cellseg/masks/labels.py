"""What makes an image a label image."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellseg.errors import CellsegError


def as_labels(image: NDArray[Any], path: Path, what: str = "") -> NDArray[np.int64]:
    """Take an image for a label image.

    Parameters
    ----------
    image : ndarray, (Y, X)
    path : Path
        Where it comes from, for the error.
    what : str
        What to call it in a file of several, such as `page 3`.

    Returns
    -------
    ndarray, (Y, X) int64

    Raises
    ------
    CellsegError
        It is not one plane of whole numbers from 0.
    """
    subject = f"{what} " if what else ""
    remedy = "Save the masks as 16-bit TIFF or PNG: 0 for background, and a number of its own for each cell."
    if image.ndim != 2 or image.size == 0:
        raise CellsegError(
            f"{subject}is not one plane (Y, X); its shape is {image.shape}", path=path, remedy=remedy
        )
    if image.dtype.kind == "b":
        raise CellsegError(
            f"{subject}tells only cell from background, not cell from cell",
            path=path,
            remedy="Number the cells first, as Analyze Particles (Count Masks) in Fiji or "
            "skimage.measure.label do.",
        )
    if image.dtype.kind not in "ui":
        raise CellsegError(f"{subject}holds {image.dtype} values, no labels", path=path, remedy=remedy)
    labels = image.astype(np.int64)
    if labels.min() < 0:
        wrong = image[labels < 0][0]
        what = "negative label" if wrong < 0 else "label"
        raise CellsegError(f"{subject}holds the {what} {wrong}", path=path, remedy=remedy)
    return labels
