"""A movie in an array that a Python program holds: NumPy, Dask, Zarr, or what indexes like them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellseg.errors import CellsegError
from cellseg.video.header import Header, intensity_type
from cellseg.video.video import Video

_NAME = "array"


class ArrayVideo(Video):
    """Frames of an array, of which one is computed at a time.

    Parameters
    ----------
    array : array, (T, Y, X)
        Integer, float or bool; has `shape`, `dtype` and indexing like an ndarray.
    pixel_size_um : tuple of float, optional
        Size (y, x) of a pixel in micrometres.
    frame_interval_s : float, optional
        Seconds between frames.

    Raises
    ------
    CellsegError
        The array has other axes or another type, or is empty.
    """

    def __init__(
        self,
        array: Any,
        pixel_size_um: tuple[float, float] | None = None,
        frame_interval_s: float | None = None,
    ) -> None:
        shape, dtype = tuple(map(int, array.shape)), np.dtype(array.dtype)
        if len(shape) != 3 or 0 in shape:
            raise CellsegError(
                f"an array of shape {shape} is not a movie (T, Y, X)",
                remedy="Choose one channel and one focal plane, such as array[:, channel].",
            )
        if dtype.kind not in "buif":
            raise CellsegError(
                f"an array of type {dtype} holds no intensities", remedy="Convert it to float32."
            )
        self._array = array
        # Nothing tells the contents of an array apart from those of another, so no result is ever taken for
        # one of the same movie.
        self._created = time.time_ns()
        super().__init__(
            Path(_NAME),
            name=_NAME,
            frame_numbers=tuple(range(shape[0])),
            digits=3 if shape[0] < 1000 else 4,
            header=Header((shape[1], shape[2]), intensity_type(dtype), pixel_size_um, frame_interval_s),
        )

    def fingerprint(self) -> list[dict[str, str | int]]:
        """Identify the array: by when it was given, as no other can be the same."""
        return [{"path": _NAME, "size": int(np.prod(self.shape)), "mtime_ns": self._created}]

    def close(self) -> None:
        """Nothing is open."""

    def _read(self, t: int) -> NDArray[Any]:
        return np.ascontiguousarray(np.asarray(self._array[t]), dtype=self.dtype)

    def _place(self, t: int) -> tuple[Path, str]:
        return self.path, f"frame {t}"

    def _files(self) -> list[Path]:
        return []
