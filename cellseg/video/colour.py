"""Grey images from images in colour."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellseg.errors import CellsegError

COLOURS = ("red", "green", "blue")


def grey(image: NDArray[Any], colour: int | None, path: Path, what: str) -> NDArray[Any]:
    """Take one colour of an image, or what all of them agree on.

    Parameters
    ----------
    image : ndarray, (Y, X, S)
        Red, green, blue, and perhaps opacity.
    colour : int or None
        Index of the colour; None for the grey image that all agree on.
    path : Path
        The file, for the error.
    what : str
        What to call the image in an error.

    Returns
    -------
    ndarray, (Y, X)

    Raises
    ------
    CellsegError
        The colours differ and none is chosen.
    """
    image = image[..., : len(COLOURS)]
    if colour is None and not (image == image[..., :1]).all():
        named = ", ".join(f"{index} ({name})" for index, name in enumerate(COLOURS))
        raise CellsegError(
            f"{what} is in colour",
            path=path,
            remedy=f"Choose one with --channel: {named}. Lines drawn into it are no intensities.",
        )
    return np.ascontiguousarray(image[..., colour or 0])
