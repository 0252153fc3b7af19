"""`Video`: a movie as a lazy sequence of frames, whatever files it lives in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from cellseg.errors import CellsegError
from cellseg.video.header import Header
from cellseg.video.selection import Selection


class Video(ABC):
    """A movie of equal frames, read one at a time; a context manager that closes its files.

    Attributes
    ----------
    path : Path
        The folder or file.
    name : str
        Name of the folder, or of the file without its suffix.
    frame_numbers : tuple of int
        Consecutive numbers of the frames, as in the file names or as page indices.
    digits : int
        Digits of the numbers in the file names; results are named with as many.
    shape : tuple of int
        (T, Y, X).
    dtype : numpy.dtype
        Integer or float, in the byte order of this computer.
    pixel_size_um : tuple of float or None
        Size (y, x) of a pixel in micrometres, if the files say it.
    frame_interval_s : float or None
        Seconds between frames, if the files say it.
    selection : Selection
        What was chosen from the recording, but for the frames: the same choice opens the same movie again.
    """

    selection = Selection()

    def __init__(
        self, path: Path, *, name: str, frame_numbers: tuple[int, ...], digits: int, header: Header
    ) -> None:
        self.path = path
        self.name = name
        self.frame_numbers = frame_numbers
        self.digits = digits
        self.shape = (len(frame_numbers), *header.shape)
        self.dtype = header.dtype
        self.pixel_size_um = header.pixel_size_um
        self.frame_interval_s = header.frame_interval_s

    def __len__(self) -> int:
        return len(self.frame_numbers)

    def frame(self, t: int) -> NDArray[Any]:
        """Read one frame.

        Parameters
        ----------
        t : int
            Index from 0 to T - 1, which is not the frame number when the movie begins later.

        Returns
        -------
        ndarray, (Y, X) of the movie's dtype
            Finite intensities, as recorded.

        Raises
        ------
        IndexError
            `t` is outside the movie.
        CellsegError
            The frame cannot be read, is in colour, has another size or type, or holds NaN or infinity.
        """
        if not 0 <= t < len(self):
            raise IndexError(f"frame index {t} is outside the movie of {len(self)} frames")
        image = self._read(t)
        complaint = self._complaint(image)
        if complaint is not None:
            path, what = self._place(t)
            raise CellsegError(f"{what} {complaint[0]}", path=path, remedy=complaint[1])
        return image

    def fingerprint(self) -> list[dict[str, str | int]]:
        """Identify the files the frames come from, without reading them.

        Returns
        -------
        list of dict
            For every file: `path` (relative to the folder of frames, with forward slashes), `size` in bytes,
            `mtime_ns`.
        """
        records: list[dict[str, str | int]] = []
        for path in self._files():
            status = path.stat()
            records.append({"path": path.name, "size": status.st_size, "mtime_ns": status.st_mtime_ns})
        return records

    @abstractmethod
    def close(self) -> None:
        """Close all files; the movie cannot be read afterwards."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @abstractmethod
    def _read(self, t: int) -> NDArray[Any]:
        """Grey image of one frame, not yet compared with the rest of the movie."""

    @abstractmethod
    def _place(self, t: int) -> tuple[Path, str]:
        """File of one frame, and what to call the frame in a sentence about that file."""

    @abstractmethod
    def _files(self) -> list[Path]:
        """All files the frames are read from."""

    def _complaint(self, image: NDArray[Any]) -> tuple[str, str] | None:
        """Say what is wrong with a frame of this movie and what to do, or None."""
        if image.shape != self.shape[1:]:
            here, there = (f"{y} x {x}" for y, x in (image.shape, self.shape[1:]))
            return (
                f"is {here} pixels (y, x), the first frame is {there}",
                "All frames of a movie must have one size: remove or crop the odd one.",
            )
        if image.dtype != self.dtype:
            return (
                f"is of type {image.dtype}, the first frame is {self.dtype}",
                "Save all frames with the same bit depth.",
            )
        # The network computes in float32, so what overflows there counts as infinite.
        with np.errstate(over="ignore"):
            bad = 0 if image.dtype.kind != "f" else np.count_nonzero(~np.isfinite(image.astype(np.float32)))
        if bad:
            return (
                f"holds {bad} pixels that are NaN or infinite",
                "Replace them, for example by the background intensity, and save the frame again.",
            )
        return None
