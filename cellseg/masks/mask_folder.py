"""Masks in files of their own, one a frame."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellseg.ctc import read_plane
from cellseg.masks.labels import as_labels
from cellseg.masks.names import digits_of
from cellseg.masks.numpy_mask import read_numpy
from cellseg.masks.png import read_png
from cellseg.video import Header, Video, is_pattern

_NAMELESS = re.compile(r"[_\-. ]*\{t\}")
"""What of a pattern says nothing of the movie."""
_READERS = {".png": read_png, ".npy": read_numpy}


class MaskFolder(Video):
    """Label images of any type; no file stays open between frames.

    Parameters
    ----------
    path : Path
        The folder, or a pattern of names in it.
    files : dict of int to Path
        By frame number, ascending, without gaps.
    """

    def __init__(self, path: Path, files: dict[int, Path]) -> None:
        self._by_index = list(files.values())
        shape = _read(self._by_index[0]).shape
        super().__init__(
            path,
            name=_name(path),
            frame_numbers=tuple(files),
            digits=digits_of(self._by_index, max(files)),
            header=Header((shape[0], shape[1]), np.dtype(np.int64)),
        )

    def close(self) -> None:
        """Nothing is open."""

    def _read(self, t: int) -> NDArray[Any]:
        return _read(self._by_index[t])

    def _place(self, t: int) -> tuple[Path, str]:
        return self._by_index[t], "the mask"

    def _files(self) -> list[Path]:
        return self._by_index


def _read(path: Path) -> NDArray[np.int64]:
    return as_labels(_READERS.get(path.suffix.lower(), read_plane)(path), path)


def _name(path: Path) -> str:
    """Name the movie by its pattern or folder, or as the challenge does: 01_ST/SEG and 01_RES are of 01."""
    folder = path.resolve()
    if is_pattern(path):
        return _NAMELESS.sub("", path.stem).strip("_-. ") or folder.parent.name
    if folder.name in ("SEG", "TRA") and folder.parent.name.endswith(("_ST", "_GT")):
        return folder.parent.name[:-3]
    return folder.name.removesuffix("_RES") or folder.name
