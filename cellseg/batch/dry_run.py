"""What a batch would do: its movies, frames, hours and disk."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from cellseg.batch.estimate import Size, estimate_disk, estimate_seconds
from cellseg.batch.plan import Planned, State
from cellseg.errors import CellsegError


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
            said = f"{size.frames:6} frames  {said}{f', {len(entry.chunks)} chunks' if entry.chunks else ''}"
        else:
            assert entry.record is not None
            said = f"{entry.record['input']['shape'][0]:6} frames  {said}"
        lines.append(f"{entry.movie.name.ljust(width)}  {said}")
    done = sum(entry.state is State.DONE for entry in planned)
    frames = sum(size.frames for _, size in todo)
    lines.append(f"{len(planned)} movies: {done} done before, {len(todo)} to do with {frames} frames")
    if todo:
        seconds = estimate_seconds(todo, planned, device, precision)
        # No movie is worked on by two processes, unless it is cut into chunks.
        jobs = sum(max(1, len(entry.chunks)) for entry, _ in todo)
        hours = seconds / min(at_once, jobs) / 3600
        free = _free(output)
        lines.append(
            f"about {hours:.2g} hours on a computer like this one, {at_once} at once; "
            f"about {estimate_disk(size for _, size in todo) / 1e9:.2g} GB of disk, of {free / 1e9:.3g} free"
        )
    return "\n".join(lines)


def _free(folder: Path) -> int:
    """Bytes that are free where a folder is, or will be."""
    folder = folder.absolute()
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free
