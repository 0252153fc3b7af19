"""One TIFF file of many pages, plain, ImageJ's or OME's; or several files that OME makes one recording of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from cellseg.errors import CellsegError
from cellseg.video.axes import Axes, name_axes, understand_axes
from cellseg.video.colour import COLOURS
from cellseg.video.header import Header, intensity_type
from cellseg.video.recording import Recording, Scene
from cellseg.video.tiff import DAMAGED, open_tiff, read_header, read_page, reading
from cellseg.video.tiff_metadata import channel_names, frame_interval_s, image_names, pixel_size_um


class TiffStack(Recording):
    """Pages of one file, which stays open until `close`; the series of an OME file are scenes.

    Other files of the same recording are opened when a page of theirs is read.
    """

    def __init__(self, path: Path, axes: str | None = None) -> None:
        self._tif = open_tiff(path)
        self.path, self._named_axes = path, axes
        try:
            with reading(path):
                read_header(self._tif, path)
                self._series = _scenes(self._tif)
                scenes = len(self._series or [None])
                self._axes = [self._understand(index) for index in range(scenes)]
                self._files = _all_files(self._tif, self._series or [], path)
                if axes is None:
                    _check_count(self._tif, sum(found.pages for found in self._axes), path)
        except BaseException:
            self._tif.close()
            raise
        super().__init__(
            path, path.stem.removesuffix(".ome"), image_names(self._tif, scenes) if scenes > 1 else ("0",)
        )

    def scene(self, index: int) -> Scene:
        """Describe a series."""
        axes = self._axes[index]
        colour = axes.size("C") == 1 and axes.size("S") > 1
        named = channel_names(self._tif, index)
        channels = COLOURS if colour else (named if len(named) == axes.size("C") else ("",) * axes.size("C"))
        header = read_header(self._tif, self.path)
        if self._series is not None:
            page = self._series[index].keyframe
            header = Header(
                (page.imagelength, page.imagewidth),
                header.dtype if page.dtype is None else intensity_type(page.dtype),
                pixel_size_um(self._tif, index),
                frame_interval_s(self._tif, index),
            )
        return Scene(header, range(axes.size("T")), channels, axes.size("Z"), colour)

    def read(self, scene: int, number: int, channel: int | None, plane: int) -> NDArray[Any]:
        """Read one page."""
        axes = self._axes[scene]
        path, what = self.place(scene, number)
        colour = axes.size("C") == 1 and axes.size("S") > 1
        place = axes.page(number, 0 if colour else channel or 0, plane)
        series = self._series[scene] if self._series is not None else None
        pages = self._tif.pages if series is None else series.pages
        if axes.pages > len(pages):
            assert series is not None
            return self._read_contiguous(series, place, what)
        with reading(path, what):
            page = pages[place]
        if page is None:
            remedy = "Put all files of the recording into one folder, under the names they had."
            raise CellsegError(f"{what} is missing", path=path, remedy=remedy)
        path = _file_of(page)
        with reading(path, what), _open_again(page.parent.filehandle):
            # A frame of tifffile borrows size and type from the first page; as a page it has its own.
            return read_page(page.aspage(), path, what, channel if colour else None)

    def place(self, scene: int, number: int) -> tuple[Path, str]:
        """Name a page, or a frame of several."""
        axes = self._axes[scene]
        single = len(self._axes) == 1 and axes.pages == axes.size("T") and len(self._files) == 1
        return self.path, f"{'page' if single else 'frame'} {number} (counted from 0)"

    def files(self, numbers: Sequence[int]) -> list[Path]:
        """List all files of the recording."""
        return self._files

    def close(self) -> None:
        """Close the file."""
        self._tif.close()

    def _understand(self, index: int) -> Axes:
        """Axes of a series, of which every plane is a page."""
        if self._series is None:
            size = read_header(self._tif, self.path).shape
            letters, shape = "TYX", tuple([len(self._tif.pages), *size])
        else:
            series = self._series[index]
            letters, shape = series.axes, series.shape
        if self._named_axes is not None:
            if "S" in letters:
                raise CellsegError("is in colour, which --axes cannot change", path=self.path)
            axes = name_axes(self._named_axes, shape, self.path)
        else:
            axes = understand_axes(letters, shape, self.path)
            if axes.pages == axes.size("Z"):
                # ImageJ takes the frames of a movie for focal planes unless told otherwise.
                axes = Axes(axes.letters.replace("T", "t").replace("Z", "T"), axes.shape)
        if self._series is not None:
            pages = len(series.pages)
            contiguous = pages == 1 and series.dataoffset is not None and series.keyframe.ndim == 2
            if pages != axes.pages and not contiguous:
                raise CellsegError(
                    f"holds {axes.pages} planes in {pages} pages",
                    path=self.path,
                    remedy="Save it again with one plane per page (in Fiji: File > Save As > Tiff).",
                )
        return axes

    def _read_contiguous(self, series: tifffile.TiffPageSeries, place: int, what: str) -> NDArray[Any]:
        """ImageJ writes movies beyond 4 GB as one page, with the other frames right behind its pixels."""
        dtype = series.dtype.newbyteorder(self._tif.byteorder)
        shape = (series.keyframe.imagelength, series.keyframe.imagewidth)
        size = shape[0] * shape[1] * dtype.itemsize
        assert series.dataoffset is not None  # else its pages would not be counted as contiguous
        self._tif.filehandle.seek(series.dataoffset + place * size)
        data = self._tif.filehandle.read(size)
        if len(data) < size:
            raise CellsegError(f"{what} is cut off: the file is truncated", path=self.path, remedy=DAMAGED)
        return np.frombuffer(data, dtype).reshape(shape)


def _scenes(tif: tifffile.TiffFile) -> list[tifffile.TiffPageSeries] | None:
    """List the image series that describe axes; None if the pages simply follow each other."""
    series = list(tif.series)
    if len(series) > 1 and not (tif.is_ome or tif.is_imagej):
        return None
    return series


def _all_files(tif: tifffile.TiffFile, series: Sequence[tifffile.TiffPageSeries], path: Path) -> list[Path]:
    """List the files that pages are in; in one file they are not looked at, for there may be many."""
    if not any(one.is_multifile or one.keyframe.parent is not tif for one in series):
        return [path]
    return sorted({_file_of(page) for one in series for page in one.pages if page is not None})


def _file_of(page: tifffile.TiffPage | tifffile.TiffFrame) -> Path:
    return Path(page.parent.filehandle.path)


@contextmanager
def _open_again(file: tifffile.FileHandle) -> Iterator[None]:
    """Open a file that was closed when its pages had been listed, for as long as one is read."""
    closed = file.closed
    if closed:
        file.open()
    try:
        yield
    finally:
        if closed:
            file.close()


def _check_count(tif: tifffile.TiffFile, found: int, path: Path) -> None:
    """Compare the planes found with the pages present and with the number of images ImageJ has noted.

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
