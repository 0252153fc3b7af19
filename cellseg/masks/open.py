"""Open the masks of a movie, whatever program made them."""

from __future__ import annotations

from pathlib import Path

from cellseg.errors import CellsegError
from cellseg.masks.mask_folder import MaskFolder
from cellseg.masks.names import SUFFIXES, find_masks
from cellseg.masks.stack import MaskStack
from cellseg.video import Video, is_pattern, open_video


def open_masks(path: Path) -> Video:
    """Open label images for reading frame by frame.

    Parameters
    ----------
    path : Path
        A folder whose files are numbered: TIFF, PNG, `_seg.npy` of Cellpose, or NumPy arrays. A pattern of
        names in a folder that holds more, such as `scan/img_{t}_cp_masks.tif`: `{t}` stands for the number of
        the frame. A file of all frames: TIFF, a NumPy array (T, Y, X), OME-Zarr.

    Returns
    -------
    Video
        A context manager. Its frames are (Y, X) int64, without negative numbers.

    Raises
    ------
    CellsegError
        There are no masks, their numbering is ambiguous or has a gap, or the first cannot be read.
    """
    if is_pattern(path) or (path.is_dir() and path.suffix.lower() != ".zarr"):
        return MaskFolder(path, find_masks(path))
    if path.is_file() and path.suffix.lower() not in SUFFIXES:
        raise CellsegError(
            "is no mask: masks are TIFF or PNG images, _seg.npy of Cellpose, or NumPy arrays",
            path=path,
            remedy="Save the masks as 16-bit TIFF or PNG.",
        )
    if path.suffix.lower() == ".png" or path.name.endswith("_seg.npy"):
        raise _one_frame(path)
    video = open_video(path)
    try:
        if len(video) == 1:
            raise _one_frame(path)
        return MaskStack(video)
    except BaseException:
        video.close()
        raise


def _one_frame(path: Path) -> CellsegError:
    return CellsegError(
        "is the mask of one frame",
        path=path,
        remedy=f"Give the folder that holds those of all frames: '{path.parent}'.",
    )
