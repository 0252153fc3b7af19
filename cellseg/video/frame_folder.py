"""A movie as a folder of `t000.tif`, `t001.tif`, ...: the layout of the Cell Tracking Challenge."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from cellseg.errors import CellsegError
from cellseg.video.selection import Frames, select_frames
from cellseg.video.tiff import EXPECTED, open_tiff, read_header, read_page, reading
from cellseg.video.video import Video

_FRAME_NAME = re.compile(r"t([0-9]+)\.tiff?", re.IGNORECASE)


class FrameFolder(Video):
    """Frames in files of their own; no file stays open between frames."""

    def __init__(self, path: Path, frames: Frames | None = None) -> None:
        files = list_frame_files(path)
        digits = _digits(files)
        selected = select_frames(sorted(files), frames, path, lambda n: path / f"t{n:0{digits}d}.tif")
        self._paths = [files[number] for number in selected]
        with open_tiff(self._paths[0]) as tif, reading(self._paths[0]):
            header = read_header(tif, self._paths[0])
        super().__init__(path, name=path.resolve().name, frame_numbers=selected, digits=digits, header=header)

    def close(self) -> None:
        """Nothing is open."""

    def _read(self, t: int) -> NDArray[Any]:
        path, what = self._place(t)
        with open_tiff(path) as tif, reading(path, what):
            if len(tif.pages) > 1:
                raise CellsegError(
                    f"holds {len(tif.pages)} pages, but in a folder every file is one 2-D frame",
                    path=path,
                    remedy="Project its planes into one, or give the file itself if its pages are frames.",
                )
            return read_page(tif.pages.first, path, what)

    def _place(self, t: int) -> tuple[Path, str]:
        return self._paths[t], "the frame"

    def _files(self) -> list[Path]:
        return self._paths


def list_frame_files(path: Path) -> dict[int, Path]:
    """Find the frames of a folder.

    Parameters
    ----------
    path : Path
        The folder.

    Returns
    -------
    dict
        File of every frame number; at least one.

    Raises
    ------
    CellsegError
        The folder cannot be listed, has no frames, or has two files with one number.
    """
    try:
        entries = sorted(path.iterdir())
    except OSError as error:
        raise CellsegError(f"cannot be listed ({error.strerror or error})", path=path) from error
    files: dict[int, Path] = {}
    for entry in entries:
        match = _FRAME_NAME.fullmatch(entry.name)
        if match is None:
            continue
        number = int(match[1])
        if number in files:
            raise CellsegError(
                f"holds two files for frame {number}: {files[number].name} and {entry.name}",
                path=path,
                remedy="Remove one of them.",
            )
        files[number] = entry
    if not files:
        raise _no_frames(path, entries)
    return files


def _digits(files: dict[int, Path]) -> int:
    """How many digits the numbers are padded to; names of different padding are not one movie."""
    digits = min(len(path.stem) - 1 for path in files.values())
    for number, path in files.items():
        if path.stem[1:] != f"{number:0{digits}d}":
            raise CellsegError(
                f"mixes numbers of {digits} and of {len(path.stem) - 1} digits, as in {path.name}",
                path=path.parent,
                remedy="Keep one of the movies in this folder, or rename the files to one number of digits.",
            )
    return digits


def _no_frames(path: Path, entries: list[Path]) -> CellsegError:
    """Say what was expected and what is there instead."""
    if not entries:
        return CellsegError("the folder is empty", path=path, remedy=EXPECTED)
    movies = ", ".join(entry.name for entry in entries if entry.is_dir() and _holds_frames(entry))
    return CellsegError(
        f"has no frames named t000.tif, t001.tif, ...; it holds for example {entries[0].name}",
        path=path,
        remedy=f"Give one of the movies inside: {movies}." if movies else EXPECTED,
    )


def _holds_frames(folder: Path) -> bool:
    return any(_FRAME_NAME.fullmatch(entry.name) for entry in folder.iterdir())
