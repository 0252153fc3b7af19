"""A movie as one multi-page TIFF file: every page is a frame."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from cellseg.errors import CellsegError
from cellseg.video.selection import Frames, select_frames
from cellseg.video.tiff import DAMAGED, open_tiff, read_header, read_page, reading
from cellseg.video.video import Video

_SPLIT = "Save one channel and one plane of every frame as a stack of its own (in Fiji: Image > Duplicate)."


class TiffStack(Video):
    """Pages of one file, which stays open until `close`."""

    def __init__(self, path: Path, frames: Frames | None = None) -> None:
        self._tif = open_tiff(path)
        try:
            with reading(path):
                header = read_header(self._tif, path)
                self._series = _movie_series(self._tif, path)
                self._pages = self._tif.pages if self._series is None else self._series.pages
                total = len(self._pages) if self._series is None else _frame_count(self._series, path)
                _check_count(self._tif, total, path)
            self._contiguous = total > len(self._pages)
            selected = select_frames(range(total), frames, path, lambda _: path)
        except BaseException:
            self._tif.close()
            raise
        super().__init__(
            path,
            name=path.stem.removesuffix(".ome"),
            frame_numbers=selected,
            digits=3 if total < 1000 else 4,
            header=header,
        )

    def close(self) -> None:
        """Close the file."""
        self._tif.close()

    def _read(self, t: int) -> NDArray[Any]:
        number = self.frame_numbers[t]
        path, what = self._place(t)
        if self._contiguous:
            return self._read_contiguous(number, what)
        with reading(path, what):
            page = self._pages[number]
            if page is None:
                raise CellsegError(f"{what} is missing", path=path, remedy=DAMAGED)
            # A frame of tifffile borrows size and type from the first page; as a page it has its own.
            return read_page(page.aspage(), path, what)

    def _read_contiguous(self, number: int, what: str) -> NDArray[Any]:
        """ImageJ writes movies beyond 4 GB as one page, with the other frames right behind its pixels."""
        assert self._series is not None and self._series.dataoffset is not None
        dtype = self._series.dtype.newbyteorder(self._tif.byteorder)
        size = self.shape[1] * self.shape[2] * dtype.itemsize
        self._tif.filehandle.seek(self._series.dataoffset + number * size)
        data = self._tif.filehandle.read(size)
        if len(data) < size:
            raise CellsegError(f"{what} is cut off: the file is truncated", path=self.path, remedy=DAMAGED)
        return np.frombuffer(data, dtype).reshape(self.shape[1:]).astype(self.dtype)

    def _place(self, t: int) -> tuple[Path, str]:
        return self.path, f"page {self.frame_numbers[t]} (counted from 0)"

    def _files(self) -> list[Path]:
        return [self.path]


def _movie_series(tif: tifffile.TiffFile, path: Path) -> tifffile.TiffPageSeries | None:
    """Find the image series that describes the axes; None if the pages simply follow each other."""
    series = tif.series
    if len(series) > 1:
        if not (tif.is_ome or tif.is_imagej):
            return None
        raise CellsegError(
            f"holds {len(series)} image series, not one movie",
            path=path,
            remedy="Save the series wanted as a file of its own.",
        )
    if series[0].is_multifile:
        raise CellsegError(
            "is one of several files of an OME-TIFF set",
            path=path,
            remedy="Save the movie as one TIFF file, or as a folder of t000.tif, t001.tif, ...",
        )
    return series[0]


def _check_count(tif: tifffile.TiffFile, found: int, path: Path) -> None:
    """Compare the frames found with the pages present and with the number of images ImageJ has noted.

    After a cut in the wrong place these are the only traces of the frames that are lost.
    """
    noted = (tif.imagej_metadata or {}).get("images", 0) // tif.pages.first.samplesperpixel
    expected = max(noted, 0 if tif.is_ome else len(tif.pages))
    if expected > found:
        raise CellsegError(
            f"should hold {expected} frames but gives only {found}: it is truncated or damaged",
            path=path,
            remedy=DAMAGED,
        )


def _frame_count(series: tifffile.TiffPageSeries, path: Path) -> int:
    """Length of the one axis besides Y, X and the samples of a colour; a lone Z or unknown axis is time.

    Raises
    ------
    CellsegError
        There are channels, two such axes, or pages of more than one plane.
    """
    axes = {
        axis: size
        for axis, size in zip(series.axes, series.shape, strict=True)
        if axis not in "YXS" and size > 1
    }
    if len(axes) > 1 or "C" in axes:
        sizes = ", ".join(f"{axis} = {size}" for axis, size in axes.items())
        names = {"C": "channels", "Z": "focal planes", "T": "time points"}
        found = " and ".join(f"{size} {names.get(axis, f'of axis {axis}')}" for axis, size in axes.items())
        raise CellsegError(f"holds {found} ({sizes}), not one image per time point", path=path, remedy=_SPLIT)
    count = next(iter(axes.values()), 1)
    contiguous = len(series.pages) == 1 and series.dataoffset is not None and series.keyframe.ndim == 2
    if len(series.pages) != count and not contiguous:
        raise CellsegError(f"holds {count} frames in {len(series.pages)} pages", path=path, remedy=_SPLIT)
    return count
