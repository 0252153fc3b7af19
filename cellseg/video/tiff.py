"""TIFF pages as grey images, in folders and in stacks."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from cellseg.errors import CellsegError
from cellseg.video.colour import grey
from cellseg.video.header import Header, intensity_type
from cellseg.video.tiff_metadata import frame_interval_s, pixel_size_um

# What is wrong with a file is told by the errors raised here; on stderr, tifffile would tell it once more.
logging.getLogger("tifffile").addHandler(logging.NullHandler())

EXPECTED = (
    "A movie is a folder of t000.tif, t001.tif, ..., one multi-page TIFF file, or a file named as its "
    "format wants it: .npy, .ome.zarr, .avi, .mp4, .nd2, .czi, .lif."
)
DAMAGED = "Copy the file again from where it was recorded, or choose frames without it (--frames A:B)."


def open_tiff(path: Path) -> tifffile.TiffFile:
    """Open a TIFF file whose list of pages is complete.

    Raises
    ------
    CellsegError
        The file cannot be opened, is not TIFF, or ends before its last page.
    """
    try:
        tif = tifffile.TiffFile(path)
    except OSError as error:
        raise CellsegError(f"cannot be opened ({error.strerror or error})", path=path) from error
    except Exception as error:
        raise CellsegError(
            f"is not a readable TIFF file ({error})",
            path=path,
            remedy=EXPECTED,
        ) from error
    try:
        with reading(path):
            if not _page_list_is_complete(tif):
                raise CellsegError("ends before its last page: it is truncated", path=path, remedy=DAMAGED)
    except CellsegError:
        tif.close()
        raise
    return tif


@contextmanager
def reading(path: Path, what: str = "the file") -> Iterator[None]:
    """Turn whatever the decoder raises on a damaged file into an error for the user."""
    try:
        yield
    except CellsegError:
        raise
    except Exception as error:
        raise CellsegError(f"{what} cannot be decoded ({error})", path=path, remedy=DAMAGED) from error


def read_header(tif: tifffile.TiffFile, path: Path) -> Header:
    """Size, type and calibration from the first page, without decoding it.

    Raises
    ------
    CellsegError
        The page has no pixels, or numbers that are not intensities.
    """
    page = tif.pages.first
    shape = (page.imagelength, page.imagewidth)
    if 0 in shape:
        raise CellsegError("has no pixels", path=path, remedy=DAMAGED)
    if page.dtype is None or page.dtype.kind not in "buif":
        raise CellsegError(
            f"has pixels of the unsupported type {page.dtype or f'with {page.bitspersample} bits'}",
            path=path,
            remedy="Save it as 8- or 16-bit integers or 32-bit floats.",
        )
    return Header(shape, intensity_type(page.dtype), pixel_size_um(tif), frame_interval_s(tif))


def read_page(page: tifffile.TiffPage, path: Path, what: str, colour: int | None = None) -> NDArray[Any]:
    """Decode one page into a grey image.

    Parameters
    ----------
    page : tifffile.TiffPage
        A page of an open file.
    path : Path
        That file, for the error.
    what : str
        What to call the page in an error.
    colour : int, optional
        0 red, 1 green, 2 blue, of a page in colour; by default, what all of them agree on.

    Returns
    -------
    ndarray, (Y, X)
        Intensities in the byte order of this computer; bool becomes uint8.

    Raises
    ------
    CellsegError
        The page is damaged, or not one grey plane.
    """
    with reading(path, what):
        ends = [start + count for start, count in zip(page.dataoffsets, page.databytecounts, strict=False)]
        if max(ends, default=0) > page.parent.filehandle.size:
            raise CellsegError(f"{what} is cut off: the file is truncated", path=path, remedy=DAMAGED)
        image = _plane(page, path, what, colour)
    return image.astype(intensity_type(image.dtype), copy=False)


def _plane(page: tifffile.TiffPage, path: Path, what: str, colour: int | None) -> NDArray[Any]:
    image: NDArray[Any] = page.asarray()
    if image.ndim == 2:
        return image
    if page.photometric != tifffile.PHOTOMETRIC.RGB or page.axes not in ("YXS", "SYX"):
        raise CellsegError(
            f"{what} is not one plane but {page.axes} = {image.shape}",
            path=path,
            remedy="Save one channel and one plane per frame.",
        )
    return grey(np.moveaxis(image, page.axes.index("S"), -1), colour, path, what)


def _page_list_is_complete(tif: tifffile.TiffFile) -> bool:
    """Whether the link of the last page that was found says that no page follows.

    The reader stops without an error at a link that points behind the end of the file.
    """
    file, layout = tif.filehandle, tif.tiff
    position = tif.pages.next_page_offset
    if position is None:
        return True
    file.seek(position)
    link = file.read(layout.offsetsize)
    return len(link) == layout.offsetsize and not any(link)
