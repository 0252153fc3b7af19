"""What a batch would do: its movies, frames, hours and disk."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from cellseg.batch.estimate import Size, estimate_disk, estimate_seconds
from cellseg.batch.plan import Planned, State
from cellseg.errors import CellsegError
from cellseg.quantity import counted, disk_space, duration


def describe(
    planned: Sequence[Planned],
    sizes: Sequence[Size | CellsegError | None],
    output: Path,
    device: str,
    precision: str,
    at_once: int,
) -> str:
    """Say what there is to do.

    Parameters
    ----------
    planned : sequence of Planned
    sizes : sequence of (Size, CellsegError or None)
        Of each movie that is to do, or why it cannot be opened.
    output : Path
    device, precision : str
        As `--device` and `--precision` take them.
    at_once : int
        Movies worked on at the same time.

    Returns
    -------
    str
        A line for each movie, and the sum.
    """
    width = max(len(entry.movie.name) for entry in planned)
    lines = []
    todo = []
    for entry, size in zip(planned, sizes, strict=True):
        error = entry.error or (size if isinstance(size, CellsegError) else None)
        said = f"{entry.state}{f' ({entry.reason})' if entry.reason else ''}"
        if error is not None:
            said = f"cannot be opened: {error}"
        elif isinstance(size, Size):
            todo.append((entry, size))
            chunks = f", {counted(len(entry.chunks), 'chunk')}" if entry.chunks else ""
            said = f"{counted(size.frames, 'frame'):>13}  {said}{chunks}"
        else:
            assert entry.record is not None
            said = f"{counted(entry.record['input']['shape'][0], 'frame'):>13}  {said}"
        lines.append(f"{entry.movie.name.ljust(width)}  {said}")
    done = sum(entry.state is State.DONE for entry in planned)
    frames = sum(size.frames for _, size in todo)
    lines.append(
        f"{counted(len(planned), 'movie')}: {done} done before, "
        f"{len(todo)} to do with {counted(frames, 'frame')}"
    )
    if todo:
        seconds = estimate_seconds(todo, planned, device, precision)
        # No movie is worked on by two processes, unless it is cut into chunks.
        jobs = sum(max(1, len(entry.chunks)) for entry, _ in todo)
        lines.append(
            f"about {duration(seconds / min(at_once, jobs))} on a computer like this one, {at_once} at once; "
            f"about {disk_space(estimate_disk(size for _, size in todo))} of disk, "
            f"of {disk_space(_free(output))} free"
        )
    return "\n".join(lines)


def _free(folder: Path) -> int:
    """Bytes that are free where a folder is, or will be."""
    folder = folder.absolute()
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free
