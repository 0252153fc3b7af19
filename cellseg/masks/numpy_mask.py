"""NumPy files of one mask: plain arrays, and the pickled dictionaries of Cellpose, which are read safely."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from cellseg.errors import CellsegError
from cellseg.masks.safe_pickle import PickledArray, Unsafe, load_pickle

_REMEDY = "Save the masks as TIFF or PNG: --save_tif or --save_png in Cellpose, or its File menu."


def read_numpy(path: Path) -> NDArray[Any]:
    """Read an array, or the one called `masks` in a `_seg.npy` of Cellpose.

    Parameters
    ----------
    path : Path

    Returns
    -------
    ndarray

    Raises
    ------
    CellsegError
        The file is damaged, has no masks, or would have to be trusted to be read.
    """
    try:
        with path.open("rb") as file:
            version = npy.read_magic(file)
            read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
            _, _, dtype = read_header(file)
            masks = _masks(load_pickle(file)) if dtype.hasobject else np.load(path, allow_pickle=False)
    except Unsafe as error:
        raise CellsegError(
            f"names {error}, which could run anything when it is loaded", path=path, remedy=_REMEDY
        ) from error
    except Exception as error:  # a damaged pickle fails in as many ways as there are opcodes
        raise CellsegError(f"is not a readable NumPy file ({error})", path=path, remedy=_REMEDY) from error
    if masks is None:
        raise CellsegError("holds no masks as Cellpose writes them", path=path, remedy=_REMEDY)
    return masks


def _masks(found: Any) -> NDArray[Any] | None:
    """Take the masks out of the dictionary, which is the one item of an array."""
    held = found.items() if isinstance(found, PickledArray) else []
    masks = held[0].get("masks") if len(held) == 1 and isinstance(held[0], dict) else None
    return masks.array() if isinstance(masks, PickledArray) else None
