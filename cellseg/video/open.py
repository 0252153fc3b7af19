"""Open a movie, whatever it is stored as."""

from __future__ import annotations

from pathlib import Path

from cellseg.errors import CellsegError
from cellseg.video.frame_folder import FrameFolder, list_frame_files
from cellseg.video.selection import Frames, blocks
from cellseg.video.tiff_stack import TiffStack
from cellseg.video.video import Video


def open_video(path: str | Path, frames: Frames | None = None) -> Video:
    """Open a movie for reading frame by frame; only the first frame's header is looked at.

    Parameters
    ----------
    path : path
        A folder of `t000.tif`, `t001.tif`, ... (any number of digits), or a TIFF file whose pages are frames.
    frames : tuple of (int or None), optional
        Half-open block of frame numbers; either end may be None. Default: the whole movie.

    Returns
    -------
    Video
        A context manager.

    Raises
    ------
    CellsegError
        There is no such movie, it is not one of the kinds above, or the block is outside it or has a gap.
    """
    path = _existing(path)
    return FrameFolder(path, frames) if path.is_dir() else TiffStack(path, frames)


def blocks_without_gaps(path: str | Path) -> list[tuple[int, int]]:
    """List the blocks of consecutive frames of a movie, for work that may skip missing frames.

    Parameters
    ----------
    path : path
        A movie, as in `open_video`.

    Returns
    -------
    list of tuple of int
        Half-open blocks of frame numbers, in order; each can be given to `open_video`.

    Raises
    ------
    CellsegError
        There is no such movie.
    """
    path = _existing(path)
    if path.is_dir():
        return blocks(sorted(list_frame_files(path)))
    with TiffStack(path) as stack:
        return [(0, len(stack))]


def _existing(path: str | Path) -> Path:
    path = Path(path)
    if not path.exists():
        raise CellsegError(
            "does not exist",
            path=path,
            remedy="Check the spelling; relative paths begin at the current folder.",
        )
    return path
