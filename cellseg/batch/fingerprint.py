"""What files a movie lives in, and of what age they are: known again without reading a frame."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cellseg.errors import CellsegError
from cellseg.video import Frames
from cellseg.video.frame_folder import is_pattern, list_frame_files, list_matching_files


def fingerprint(movie: Path, frames: Frames | None = None) -> list[dict[str, Any]]:
    """Identify the files of a movie.

    Parameters
    ----------
    movie : Path
        File, folder, or pattern of names.
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
    CellsegError
        No file has a name of the pattern.
    """
    folder = movie if movie.is_dir() else movie.parent
    files = []
    for path in _files(movie, frames):
        status = path.stat()
        name = path.relative_to(folder).as_posix()
        files.append({"path": name, "size": status.st_size, "mtime_ns": status.st_mtime_ns})
    return files


def _files(movie: Path, frames: Frames | None) -> list[Path]:
    if is_pattern(movie):
        found = list_matching_files(movie)
        return [found[key] for key in sorted(found) if _is_inside(key[0], frames)]
    if not movie.is_dir():
        return [movie]
    try:
        numbered = list_frame_files(movie)
    except CellsegError:
        return sorted(path for path in movie.rglob("*") if path.is_file())
    return [numbered[number] for number in sorted(numbered) if _is_inside(number, frames)]


def _is_inside(number: int, frames: Frames | None) -> bool:
    begin, end = frames or (None, None)
    return (begin is None or number >= begin) and (end is None or number < end)
