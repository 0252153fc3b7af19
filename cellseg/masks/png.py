"""PNG files of labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellseg.errors import CellsegError

_LABELS = ("L", "P", "I", "I;16", "I;16B")
"""Pillow's names of images of one number a pixel, of 8 and 16 bits; of "P" the number is that of a colour."""


def read_png(path: Path) -> NDArray[Any]:
    """Read the numbers of a PNG file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    ndarray, (Y, X)
        Integer; bool if it has one bit a pixel.

    Raises
    ------
    CellsegError
        The file is damaged, or a picture in colour.
    """
    from PIL import Image

    try:
        with Image.open(path, formats=["PNG"]) as image:
            mode, labels = image.mode, np.asarray(image)
    except Exception as error:  # a damaged picture fails in as many ways as there are decoders
        raise CellsegError(
            f"cannot be read as PNG ({error})", path=path, remedy="Write or copy the file again."
        ) from error
    if mode not in ("1", *_LABELS):
        raise CellsegError(
            f"is a picture in colour ({mode}), no labels",
            path=path,
            remedy="Save the masks as 16-bit TIFF or PNG, not a picture that shows them.",
        )
    return labels
