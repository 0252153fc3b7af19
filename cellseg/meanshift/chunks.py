"""Points are taken a chunk at a time, so that the table of points against seeds never exists as a whole."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

CPU_ENTRIES = 1 << 19
"""Entries of the table on a CPU: 2 MiB of float32 stay in cache between the passes over them. Measured with
40,000 to 80,000 points, 16 and 18 dimensions, and 32, 256 and 1024 seeds: near the best size for each, and up
to twice as fast as the whole table."""
GPU_ENTRIES = 1 << 23
"""Entries of the table elsewhere: 32 MiB, enough to keep a large GPU busy with one launch."""


def similarities(directions: Tensor, others: Tensor) -> Iterator[tuple[slice, Tensor]]:
    """Multiply all directions with a few others, a chunk of points at a time.

    Parameters
    ----------
    directions : torch.Tensor, (n, D) float32
    others : torch.Tensor, (m, D) float32
        m > 0.

    Yields
    ------
    slice
        The points of the chunk.
    torch.Tensor, (chunk, m) float32
        Their inner products with `others`. The memory is reused for the next chunk; it may be written to.
    """
    entries = CPU_ENTRIES if directions.device.type == "cpu" else GPU_ENTRIES
    size = max(1, min(len(directions), entries // len(others)))
    table = torch.empty((size, len(others)), device=directions.device)
    transposed = others.T
    for begin in range(0, len(directions), size):
        chunk = slice(begin, min(begin + size, len(directions)))
        part = table[: chunk.stop - begin]
        # `out` also keeps autocast, where the caller is inside one, from rounding to half precision.
        yield chunk, torch.mm(directions[chunk], transposed, out=part)
