"""Pieces that touch are one cell where the embedding changes gently from one to the other.

The flat kernel cuts a cell in two whose embedding drifts by more than the bandwidth from end to end.
Between two cells it does not drift: it steps.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from torch import Tensor
from torch.nn.functional import cosine_similarity

from cellseg.rshn import Pair

_SHORTEST_BORDER = 4
"""Pairs of neighbouring pixels; the median of fewer is chance."""


def join_across_smooth_borders(pieces: NDArray[np.int32], pair: Pair, step: float) -> NDArray[np.int32]:
    """Join pieces that touch where the embedding does not step from one to the other.

    The step is the median, over the common border in both frames, of the cosine distance 1 - cos of the two
    pixels on either side of it (4-neighbours).

    Parameters
    ----------
    pieces : numpy.ndarray, (2, Y', X') int32
        Connected pieces 1..K of the clusters of a pair; 0 is background.
    pair : Pair
        Its embeddings, on any device.
    step : float
        Pieces are joined where it is smaller, and with them whatever either is joined to; 0 joins none.

    Returns
    -------
    numpy.ndarray, (2, Y', X') int32
        0 is background.
    """
    count = int(pieces.max(initial=0))
    if step == 0 or count < 2:
        return pieces
    border, steps = _steps(torch.from_numpy(pieces).to(pair.first.vectors.device), count, pair)
    order = np.lexsort((steps, border))
    which, first, pixels = np.unique(border[order], return_index=True, return_counts=True)
    sorted_steps = steps[order]
    middle = (sorted_steps[first + (pixels - 1) // 2] + sorted_steps[first + pixels // 2]) / 2
    lower, upper = np.divmod(which[(middle < step) & (pixels >= _SHORTEST_BORDER)], count + 1)
    graph = coo_array((np.ones(len(lower)), (lower, upper)), shape=(count + 1, count + 1))
    _, joined = connected_components(graph, directed=False)
    result: NDArray[np.int32] = joined.astype(np.int32)[pieces]
    return result


def _steps(pieces: Tensor, count: int, pair: Pair) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Find neighbouring pixels of two pieces: lower x (K + 1) + upper number, and their cosine distance."""
    borders, steps = [], []
    for labels, half in zip(pieces, (pair.first, pair.second), strict=True):
        for axis in (0, 1):
            sides = [narrowed.long() for narrowed in _neighbours(labels, axis)]
            y, x = ((sides[0] != sides[1]) & (sides[0] > 0) & (sides[1] > 0)).nonzero().T
            one, other = sides[0][y, x], sides[1][y, x]
            borders.append(torch.minimum(one, other) * (count + 1) + torch.maximum(one, other))
            here, there = (vectors[:, y, x].float() for vectors in _neighbours(half.vectors, axis + 1))
            steps.append(1 - cosine_similarity(here, there, dim=0))
    return torch.cat(borders).cpu().numpy(), torch.cat(steps).cpu().numpy()


def _neighbours(image: Tensor, axis: int) -> tuple[Tensor, Tensor]:
    """Show an image without its last and without its first row: neighbours lie at the same place."""
    length = image.shape[axis] - 1
    return image.narrow(axis, 0, length), image.narrow(axis, 1, length)
