"""Which frames of a movie are meant: a block of frame numbers without a gap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

from cellseg.errors import CellsegError

Frames = tuple[int | None, int | None]
"""Half-open block of frame numbers; None is the beginning or the end of the movie."""


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


def blocks(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Cut ascending numbers at their gaps.

    Parameters
    ----------
    numbers : sequence of int
        Ascending frame numbers.

    Returns
    -------
    list of tuple of int
        Half-open blocks of consecutive numbers, in order.
    """
    if not numbers:
        return []
    gaps = [(before, after) for before, after in pairwise(numbers) if after != before + 1]
    starts = [numbers[0], *(after for _, after in gaps)]
    stops = [*(before + 1 for before, _ in gaps), numbers[-1] + 1]
    return list(zip(starts, stops, strict=True))
