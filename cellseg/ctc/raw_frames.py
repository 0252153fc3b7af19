"""What the raw frames of a sequence say about the masks there should be: numbers, digits, size."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tifffile

from cellseg.ctc.names import FRAME, digits_of, numbered_files
from cellseg.errors import CellsegError


@dataclass(frozen=True)
class RawFrames:
    """The frames of a sequence, without their pixels.

    Attributes
    ----------
    numbers : tuple of int
        Ascending.
    digits : int
        Digits in the names.
    shape : tuple of int
        Size (Y, X) in pixels.
    """

    numbers: tuple[int, ...]
    digits: int
    shape: tuple[int, int]


def find_raw_frames(folder: Path) -> RawFrames:
    """Look at the frames `tTTT.tif` of a folder; only the header of the first is read.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    RawFrames

    Raises
    ------
    CellsegError
        The folder holds no frames, or the first is damaged.
    """
    files = numbered_files(folder, FRAME)
    if not files:
        raise CellsegError("holds no frames tTTT.tif", path=folder)
    return RawFrames(tuple(files), max(map(digits_of, files.values())), _size(next(iter(files.values()))))


def _size(path: Path) -> tuple[int, int]:
    try:
        with tifffile.TiffFile(path) as tiff:
            shape: tuple[Any, ...] = tiff.pages[0].shape
    except Exception as error:  # a damaged TIFF fails in as many ways as there are tags
        raise CellsegError(f"cannot be read as TIFF ({error})", path=path) from error
    return shape[0], shape[1]
