"""Points are taken a chunk at a time, so that the table of centres against points never exists as a whole."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from cellseg.meanshift.metric import Points

CPU_ENTRIES = 1 << 18
"""Entries of the table on a CPU: 1 MiB of float32 stays in cache between the passes over it."""
GPU_ENTRIES = 1 << 23
"""Entries of the table elsewhere: 32 MiB, enough to keep a large GPU busy with one launch."""


def scores(points: Points, part: slice, centres: Tensor) -> Iterator[tuple[slice, Tensor]]:
    """Score some points for a few centres, a chunk of points at a time.

    Parameters
    ----------
    points : Points
    part : slice
        Which of them.
    centres : torch.Tensor, (m, D)
        m > 0.

    Yields
    ------
    slice
        The points of the chunk.
    torch.Tensor, (m, chunk)
        Scores of the centres, as `Metric.scorers` defines them. The memory is reused for the next chunk; it
        may be written to.
    """
    weights, offsets = points.metric.scorers(centres)
    entries = CPU_ENTRIES if weights.device.type == "cpu" else GPU_ENTRIES
    size = max(1, min(part.stop - part.start, entries // len(centres)))
    # A row a centre: sums over points and the best of the centres are then both computed along the memory.
    table = weights.new_empty((len(centres), size))
    for begin in range(part.start, part.stop, size):
        chunk = slice(begin, min(begin + size, part.stop))
        vectors = points.vectors[chunk].T
        whole = chunk.stop - chunk.start == size
        block = table if whole else weights.new_empty((len(centres), chunk.stop - chunk.start))
        # `out` also keeps autocast, where the caller is inside one, from rounding to half precision.
        torch.mm(weights, vectors, out=block)
        yield chunk, block if offsets is None else block.add_(offsets)
