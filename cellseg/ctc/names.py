"""File names of the Cell Tracking Challenge: a prefix, a frame number of fixed width, `.tif`.

Such as 01/t000.tif, 01_GT/TRA/man_track000.tif, 01_GT/SEG/man_seg000.tif and 01_RES/mask000.tif.
"""

from __future__ import annotations

import re
from pathlib import Path

from cellseg.errors import CellsegError

FRAME = "t"
MASK = "mask"
MARKERS = "man_track"
SEGMENTATION = "man_seg"

RESULT_TRACKS = "res_track.txt"
REFERENCE_TRACKS = "man_track.txt"


def frame_path(folder: Path, frame: int, digits: int = 3) -> Path:
    """Path of a raw frame, `tTTT.tif`.

    Parameters
    ----------
    folder : Path
    frame : int
        Frame number.
    digits : int
        Least width of the number, filled with zeros.

    Returns
    -------
    Path
    """
    return folder / f"{FRAME}{frame:0{digits}d}.tif"


def mask_path(folder: Path, frame: int, digits: int = 3) -> Path:
    """Path of a result mask, `maskTTT.tif`; parameters as in `frame_path`."""
    return folder / f"{MASK}{frame:0{digits}d}.tif"


def markers_path(ground_truth: Path, frame: int, digits: int = 3) -> Path:
    """Path of a tracking ground truth, `TRA/man_trackTTT.tif`; parameters as in `frame_path`."""
    return ground_truth / "TRA" / f"{MARKERS}{frame:0{digits}d}.tif"


def segmentation_path(ground_truth: Path, frame: int, digits: int = 3) -> Path:
    """Path of a segmentation ground truth, `SEG/man_segTTT.tif`; parameters as in `frame_path`."""
    return ground_truth / "SEG" / f"{SEGMENTATION}{frame:0{digits}d}.tif"


def number_width(frames: int) -> int:
    """Digits of the frame number in a sequence of so many frames: 3, or 4 from the thousandth frame on."""
    return max(3, len(str(frames - 1)))


def number_of(path: Path, prefix: str) -> int | None:
    """Frame number in a file name `<prefix><number>.tif`, or None for any other name."""
    name = re.fullmatch(re.escape(prefix) + r"(\d+)\.tif", path.name, re.ASCII)
    return int(name[1]) if name else None


def digits_of(path: Path) -> int:
    """How many digits the frame number in a file name has."""
    return len(path.stem) - len(path.stem.rstrip("0123456789"))


def numbered_files(folder: Path, prefix: str) -> dict[int, Path]:
    """Files `<prefix><number>.tif` of a folder, by frame number, ascending.

    Parameters
    ----------
    folder : Path
    prefix : str
        FRAME, MASK, MARKERS or SEGMENTATION.

    Returns
    -------
    dict of int to Path
        Empty when the folder does not exist.

    Raises
    ------
    CellsegError
        Two files have the same number (`mask1.tif` and `mask001.tif`).
    """
    files: dict[int, Path] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        number = number_of(path, prefix)
        if number is None:
            continue
        if number in files:
            reason = f"has the same frame number as {files[number].name}"
            raise CellsegError(reason, path=path, remedy="Remove one of them.")
        files[number] = path
    return dict(sorted(files.items()))
