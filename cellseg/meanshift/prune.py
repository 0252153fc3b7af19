"""Seeds that came to rest at the same mode become one."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from cellseg.meanshift.metric import Points


def prune(rests: Points, counts: Tensor) -> Tensor:
    """Choose one position for each mode: the most populated first, none within the bandwidth of another.

    Parameters
    ----------
    rests : Points
        Where m seeds rest.
    counts : torch.Tensor, (m,) int64
        Points in their windows.

    Returns
    -------
    torch.Tensor, (K,) int64
        Indices of the modes in descending order of count; equal counts in order of index.
    """
    # On the CPU: each choice depends on the one before it, and positions are few.
    weights, offsets = rests.metric.scorers(rests.vectors)
    unit, vectors, least = weights.cpu().numpy(), rests.vectors.cpu().numpy(), rests.least.cpu().numpy()
    offset = np.zeros(len(unit)) if offsets is None else offsets[:, 0].cpu().numpy()
    left = np.argsort(-counts.cpu().numpy(), kind="stable")
    modes = []
    while left.size:
        mode, left = left[0], left[1:]
        modes.append(mode)
        left = left[vectors[left] @ unit[mode] + offset[mode] < least[left]]
    return torch.tensor(modes, dtype=torch.int64, device=rests.vectors.device)
