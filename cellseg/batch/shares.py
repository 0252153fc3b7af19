"""Who does what: long movies are cut into chunks, and movies and chunks are dealt out to parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from cellseg.batch.estimate import Size
from cellseg.batch.plan import Planned, State
from cellseg.errors import CellsegError
from cellseg.result_folder import CHECKPOINT, chunks_folder, partial_folder


def cut(frames: int, chunk_frames: int) -> tuple[range, ...]:
    """Cut a movie into chunks of about equal length.

    Parameters
    ----------
    frames : int
        Of the movie.
    chunk_frames : int
        About so many are wanted in a chunk.

    Returns
    -------
    tuple of range
        First frames of the pairs of each chunk: all pairs of the movie, each once.
    """
    pairs = frames - 1
    count = max(1, round(pairs / chunk_frames))
    ends = [index * pairs // count for index in range(count + 1)]
    return tuple(range(begin, end) for begin, end in pairwise(ends))


def share_out(
    planned: Sequence[Planned],
    sizes: Sequence[Size | CellsegError | None],
    chunk_frames: int | None,
    part: tuple[int, int] | None,
) -> tuple[list[Planned], list[Size | CellsegError | None]]:
    """Cut long movies into chunks, and choose what a part does.

    Whoever calls this for the same movies deals them out alike, however far they are.

    Parameters
    ----------
    planned : sequence of Planned
    sizes : sequence of (Size, CellsegError or None)
        Of each movie that is to do, or why it cannot be opened.
    chunk_frames : int or None
        About so many frames are in a chunk; None cuts nothing.
    part : tuple of int or None
        The i-th, from 1, of n parts; None for all.

    Returns
    -------
    planned, sizes
        Of the movies of this part: with their chunks, and the frames that are done here.
    """
    place, parts = (0, 1) if part is None else (part[0] - 1, part[1])
    mine: list[Planned] = []
    sizes_of_mine: list[Size | CellsegError | None] = []
    dealt = 0
    for entry, size in zip(planned, sizes, strict=True):
        chunks = _chunks(entry, size, chunk_frames)
        units = range(dealt, dealt + max(1, len(chunks)))
        dealt = units.stop
        own = [unit - units.start for unit in units if unit % parts == place]
        if len(chunks) > 1 and _begun_in_one_piece(entry):
            # It goes on as it began, by whom its first chunk would fall to.
            chunks, own = (), [0] if 0 in own else []
        if not own:
            continue
        whole = part is None or not chunks
        entry = replace(entry, chunks=chunks if whole else tuple(chunks[i] for i in own), whole=whole)
        if isinstance(size, Size) and not whole:
            size = replace(size, frames=sum(len(pairs) for pairs in entry.chunks))
        mine.append(entry)
        sizes_of_mine.append(size)
    return mine, sizes_of_mine


def _chunks(entry: Planned, size: Size | CellsegError | None, chunk_frames: int | None) -> tuple[range, ...]:
    if chunk_frames is None or entry.error is not None:
        return ()
    if entry.state is State.DONE:
        assert entry.record is not None
        frames = entry.record["input"]["shape"][0]
    elif isinstance(size, Size):
        frames = size.frames
    else:
        return ()
    chunks = cut(frames, chunk_frames)
    return chunks if len(chunks) > 1 else ()


def _begun_in_one_piece(entry: Planned) -> bool:
    result = entry.movie.result
    return (partial_folder(result) / CHECKPOINT).exists() and not chunks_folder(result).exists()
