"""What files a movie lives in, and of what age they are: known again without reading a frame."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cellseg.errors import CellsegError
from cellseg.video.frame_folder import list_frame_files


def fingerprint(movie: Path, frames: tuple[int | None, int | None] | None = None) -> list[dict[str, Any]]:
    """Identify the files of a movie.

    Parameters
    ----------
    movie : Path
        File or folder.
    frames : tuple of (int or None), optional
        Half-open block of frame numbers: in a folder of frames, only these files count.

    Returns
    -------
    list of dict
        For every file: `path` (relative to the movie, with forward slashes), `size` in bytes, `mtime_ns`.

    Raises
    ------
    OSError
        A file is gone.
    """
    files = []
    for path in _files(movie, frames):
        status = path.stat()
        name = path.name if path == movie else path.relative_to(movie).as_posix()
        files.append({"path": name, "size": status.st_size, "mtime_ns": status.st_mtime_ns})
    return files


def _files(movie: Path, frames: tuple[int | None, int | None] | None) -> list[Path]:
    if not movie.is_dir():
        return [movie]
    try:
        numbered = list_frame_files(movie)
    except CellsegError:
        return sorted(path for path in movie.rglob("*") if path.is_file())
    begin, end = frames or (None, None)
    return [
        numbered[number]
        for number in sorted(numbered)
        if (begin is None or number >= begin) and (end is None or number < end)
    ]
