"""Which movie of a recording is meant: scene, channel, focal planes, frames, a part of the image."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from cellseg.errors import CellsegError
from cellseg.video.colour import COLOURS
from cellseg.video.recording import Recording, Scene

Frames = tuple[int | None, int | None]
"""Half-open block of frame numbers; None is the beginning or the end of the movie."""


@dataclass(frozen=True)
class Selection:
    """What a user chooses; None leaves it to the recording, which may then hold only one.

    Attributes
    ----------
    frames : tuple of (int or None) or None
        Half-open block of frame numbers; default all.
    channel : str or None
        Name or index of a channel.
    z : tuple of (int or None) or None
        Half-open block of focal planes, of which the brightest is taken at every pixel; (None, None) for all.
    scene : str or None
        Name or index of a scene; default all.
    crop : tuple of two tuples of (int or None) or None
        Half-open blocks of rows and of columns.
    axes : str or None
        What the axes of the file are, such as `TCYX`, where the file does not say it.
    """

    frames: Frames | None = None
    channel: str | None = None
    z: Frames | None = None
    scene: str | None = None
    crop: tuple[Frames, Frames] | None = None
    axes: str | None = None


def choose_scenes(recording: Recording, scene: str | None) -> list[int]:
    """Find the scenes meant.

    Parameters
    ----------
    recording : Recording
    scene : str or None
        Name or index of one; None for all.

    Returns
    -------
    list of int
        Indices.

    Raises
    ------
    CellsegError
        There is no such scene.
    """
    if scene is None:
        return list(range(len(recording.scenes)))
    index = _named(recording.scenes, scene)
    if index is None:
        raise CellsegError(
            f"has no scene {scene!r}",
            path=recording.path,
            remedy=f"It has {_listed(recording.scenes)}; give one of them with --scene.",
        )
    return [index]


def choose_channel(scene: Scene, channel: str | None, path: Path) -> int | None:
    """Find the channel meant.

    Parameters
    ----------
    scene : Scene
    channel : str or None
        Name or index.
    path : Path
        The file, for the error.

    Returns
    -------
    int or None
        None for the grey image that the colours of a colour image agree on.

    Raises
    ------
    CellsegError
        There is no such channel, or there are several and none is named.
    """
    if channel is None:
        if scene.colour:
            return None
        if len(scene.channels) == 1:
            return 0
        what = "is in colour" if scene.channels == COLOURS else f"holds {len(scene.channels)} channels"
        raise CellsegError(
            f"{what}: {_listed(scene.channels)}",
            path=path,
            remedy="Choose one by name or number with --channel.",
        )
    index = _named(scene.channels, channel)
    if index is None:
        raise CellsegError(
            f"has no channel {channel!r}",
            path=path,
            remedy=f"It has {_listed(scene.channels)}; give one of them with --channel.",
        )
    return index


def choose_planes(scene: Scene, z: Frames | None, path: Path) -> range:
    """Find the focal planes meant.

    Parameters
    ----------
    scene : Scene
    z : tuple or None
        Half-open block.
    path : Path
        The file, for the error.

    Returns
    -------
    range
        At least one.

    Raises
    ------
    CellsegError
        They are not there, or there are several and none is chosen.
    """
    if z is None and scene.planes > 1:
        raise CellsegError(
            f"holds {scene.planes} focal planes",
            path=path,
            remedy="Choose one with --z 0, some with --z 1:4, all with --z max: the brightest counts.",
        )
    return _inside(z, scene.planes, path, "focal planes", "--z")


def choose_crop(scene: Scene, crop: tuple[Frames, Frames] | None, path: Path) -> tuple[slice, slice]:
    """Find the part of the image that is meant.

    Parameters
    ----------
    scene : Scene
    crop : tuple or None
        Half-open blocks of rows and columns.
    path : Path
        The file, for the error.

    Returns
    -------
    tuple of slice
        Rows and columns, at least one each.

    Raises
    ------
    CellsegError
        The part is not inside the image.
    """
    rows, columns = (
        _inside(block, size, path, what, "--crop")
        for block, size, what in zip(
            crop or (None, None), scene.header.shape, ("rows (y)", "columns (x)"), strict=True
        )
    )
    return slice(rows.start, rows.stop), slice(columns.start, columns.stop)


def _inside(block: Frames | None, size: int, path: Path, what: str, option: str) -> range:
    begin, end = block or (None, None)
    begin, end = 0 if begin is None else begin, size if end is None else end
    if not 0 <= begin < end <= size:
        raise CellsegError(
            f"has the {what} 0:{size}; {begin}:{end} is not inside",
            path=path,
            remedy=f"Change {option}.",
        )
    return range(begin, end)


def _named(names: Sequence[str], wanted: str) -> int | None:
    """Index of a name, or of a number that is no name."""
    for index, name in enumerate(names):
        if name.casefold() == wanted.casefold():
            return index
    return int(wanted) if wanted.isdecimal() and int(wanted) < len(names) else None


def _listed(names: Sequence[str]) -> str:
    return ", ".join(
        f"{index} ({name})" if name and name != str(index) else str(index) for index, name in enumerate(names)
    )


def select_frames(
    numbers: Sequence[int], frames: Frames | None, path: Path, file_of: Callable[[int], Path]
) -> tuple[int, ...]:
    """Frame numbers inside a block.

    Parameters
    ----------
    numbers : sequence of int
        All frame numbers of the movie, ascending.
    frames : tuple or None
        The block wanted; None is the whole movie.
    path : Path
        The movie, for the error.
    file_of : callable
        File that holds, or would hold, a frame number, for the error.

    Returns
    -------
    tuple of int
        Consecutive frame numbers, at least one.

    Raises
    ------
    CellsegError
        The block is empty, reaches beyond the movie, or has a gap.
    """
    begin, end = numbers[0], numbers[-1] + 1
    start, stop = frames or (None, None)
    start, stop = begin if start is None else start, end if stop is None else stop
    if not begin <= start < stop <= end:
        raise CellsegError(
            f"frames {start}:{stop} are not a block of this movie, whose frames are {begin}:{end}",
            path=path,
            remedy="Give the number of the first frame and of the one after the last, as A:B.",
        )
    selected = tuple(number for number in numbers if start <= number < stop)
    present = set(selected)
    missing = next((number for number in range(start, stop) if number not in present), None)
    if missing is not None:
        first, end = max(blocks(numbers), key=lambda block: block[1] - block[0])
        raise CellsegError(
            f"frame {missing} is missing",
            path=file_of(missing),
            remedy=f"Put the file back, or choose frames without a gap, such as --frames {first}:{end}.",
        )
    return selected


def blocks(numbers: Sequence[int], reach: int = 1) -> list[tuple[int, int]]:
    """Cut ascending numbers at their gaps.

    Parameters
    ----------
    numbers : sequence of int
        Ascending frame numbers.
    reach : int
        How far from each other neighbours in a block may be; 0 makes every number a block of its own.

    Returns
    -------
    list of tuple of int
        Half-open blocks, in order; of consecutive numbers, unless neighbours may be farther apart.
    """
    if not numbers:
        return []
    gaps = [(before, after) for before, after in pairwise(numbers) if after > before + reach]
    starts = [numbers[0], *(after for _, after in gaps)]
    stops = [*(before + 1 for before, _ in gaps), numbers[-1] + 1]
    return list(zip(starts, stops, strict=True))
