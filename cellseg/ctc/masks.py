"""Label images of the challenge: 2-D TIFFs, 0 is background, written as 16-bit unsigned integers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from cellseg.errors import CellsegError

LARGEST_LABEL = 65_535
"""Labels are 16-bit unsigned (challenge's naming and file content conventions)."""


def read_labels(path: Path, *, binary: bool = False) -> NDArray[np.integer[Any]]:
    """Read one label image.

    Parameters
    ----------
    path : Path
        A TIFF of one 2-D image of integers.
    binary : bool
        Whether an image of 1 bit per pixel is taken, too, as uint8.

    Returns
    -------
    numpy.ndarray, (Y, X) integer
        In the type of the file.

    Raises
    ------
    CellsegError
        The file is missing, damaged, or not a 2-D image of whole numbers.
    """
    labels = read_plane(path)
    if binary and labels.dtype == bool:
        labels = labels.astype(np.uint8)
    if not np.issubdtype(labels.dtype, np.integer):
        remedy = "Labels must be whole numbers; save it as uint16."
        raise CellsegError(f"holds {labels.dtype} values", path=path, remedy=remedy)
    return labels


def read_plane(path: Path) -> NDArray[Any]:
    """Read one 2-D image.

    Parameters
    ----------
    path : Path
        A TIFF; leading axes of length 1 are dropped.

    Returns
    -------
    numpy.ndarray, (Y, X)
        In the type of the file, whatever that is.

    Raises
    ------
    CellsegError
        The file is missing, damaged, or not one 2-D image.
    """
    try:
        image: NDArray[Any] = tifffile.imread(path)
    except FileNotFoundError as error:
        raise CellsegError("does not exist", path=path) from error
    except Exception as error:  # a damaged TIFF fails in as many ways as there are decoders
        raise CellsegError(
            f"cannot be read as TIFF ({error})", path=path, remedy="Write or copy the file again."
        ) from error
    while image.ndim > 2 and image.shape[0] == 1:
        image = image[0]
    if image.ndim != 2 or image.size == 0:
        raise CellsegError(
            f"is not one 2-D image; its shape is {image.shape}",
            path=path,
            remedy="Save one plane of one channel, one whole number per cell: not in colour, not a stack.",
        )
    return image


def object_labels(labels: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """Labels of the objects in a label image, ascending, background left out."""
    present = np.unique(labels)
    return present[present > 0].astype(np.int64)


def write_mask(path: Path, labels: NDArray[np.integer[Any]]) -> None:
    """Write one label image; equal labels give equal bytes.

    Parameters
    ----------
    path : Path
    labels : numpy.ndarray, (Y, X) integer
        0 is background, at most 65,535. Written as uint16, zlib-compressed, without software or date tags.

    Raises
    ------
    CellsegError
        A label does not fit into 16 bits.
    """
    if labels.size and not 0 <= labels.min() <= labels.max() <= LARGEST_LABEL:
        wrong = labels.min() if labels.min() < 0 else labels.max()
        raise CellsegError(
            f"label {wrong} is outside 0..{LARGEST_LABEL}, the range of a challenge mask",
            path=path,
            remedy="Cut the movie into parts with fewer tracks.",
        )
    tifffile.imwrite(path, labels.astype(np.uint16), compression="zlib", software=False, metadata=None)
