"""What every result ends with: the lineage is solved on tables, and written as checked masks and tracks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellseg.config import Linker
from cellseg.ctc import RESULT_TRACKS, mask_path, validate, write_mask, write_tracks
from cellseg.errors import CellsegError
from cellseg.record import file_sha256
from cellseg.result_folder import CERTAINTY
from cellseg.tracking import Lineage, LinkerSettings, solve_lineage
from cellseg.types import Track
from cellseg.video import Video


def check_border(video: Video, linker: Linker) -> None:
    """Refuse a border that leaves no pixel.

    Raises
    ------
    CellsegError
    """
    if 2 * linker.border >= min(video.shape[1:]):
        raise CellsegError(
            f"frames of {video.shape[1:]} pixels have nothing inside a border of {linker.border}",
            path=video.path,
            remedy="Set a smaller one, as in --set linker.border=0.",
        )


def link_tables(
    objects: NDArray[np.void], overlaps: NDArray[np.void], linker: Linker, video: Video
) -> Lineage:
    """Solve the lineage of a movie on its tables.

    Parameters
    ----------
    objects, overlaps : structured ndarray
        Rows of `cellseg.types`.
    linker : Linker
    video : Video
        Has the size of the frames, and the path that an error names.

    Returns
    -------
    Lineage

    Raises
    ------
    CellsegError
        There are more than 65,535 tracks.
    """
    border, (_, height, width) = linker.border, video.shape
    field = border, border, height - border, width - border
    try:
        return solve_lineage(
            objects, overlaps, LinkerSettings(**linker.model_dump(exclude={"border"})), field
        )
    except ValueError as error:
        raise CellsegError(str(error), path=video.path) from error


def write_result(
    lineage: Lineage,
    read: Callable[[int], NDArray[np.integer[Any]]],
    folder: Path,
    numbers: Sequence[int],
    digits: int,
    progress: Callable[[range], Iterable[int]] = iter,
) -> tuple[Track, ...]:
    """Write `maskTTT.tif` and `res_track.txt`, and check them against the rules of the challenge.

    Parameters
    ----------
    lineage : Lineage
    read : callable
        Gives the frame of an index as the linker saw it, (Y, X) int.
    folder : Path
        There already.
    numbers : sequence of int
        Consecutive numbers of the frames.
    digits : int
        Of the numbers in file names.
    progress : callable
        Wraps the frame indices, such as `tqdm.tqdm`.

    Returns
    -------
    tuple of Track
        What `res_track.txt` says.
    """
    for t in progress(range(len(numbers))):
        write_mask(mask_path(folder, numbers[t], digits), lineage.final_frame(t, read))
    first = numbers[0]
    tracks = tuple(
        track._replace(begin=track.begin + first, end=track.end + first) for track in lineage.tracks
    )
    write_tracks(folder / RESULT_TRACKS, tracks)
    found = validate(folder, numbers=numbers, digits=digits)
    violations = [violation for violation in found if violation.severity == "error"]
    if tracks and violations:
        raise AssertionError(f"the result breaks the challenge's rules: {violations[0]}")
    return tracks


def hash_result(folder: Path) -> dict[str, str]:
    """Give the SHA-256 of every mask and table of a result, by name."""
    return {
        path.name: file_sha256(path)
        for path in sorted(folder.iterdir())
        if path.is_file() and (path.suffix == ".tif" or path.name in (RESULT_TRACKS, CERTAINTY))
    }
