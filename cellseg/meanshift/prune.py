"""Seeds that came to rest at the same mode become one."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from cellseg.meanshift.cosine import directions, least_similarity


def prune(positions: Tensor, counts: Tensor, bandwidth: float) -> Tensor:
    """Choose one position for each mode: the most populated first, none within the bandwidth of another.

    Parameters
    ----------
    positions : torch.Tensor, (m, D) float32
        Where seeds rest.
    counts : torch.Tensor, (m,) int64
        Points in their windows.
    bandwidth : float
        h.

    Returns
    -------
    torch.Tensor, (K,) int64
        Indices of the modes in descending order of count; equal counts in order of index.
    """
    # On the CPU: each choice depends on the one before it, and positions are few.
    unit = directions(positions).cpu().numpy()
    left = np.argsort(-counts.cpu().numpy(), kind="stable")
    modes = []
    while left.size:
        modes.append(left[0])
        left = left[1:]
        left = left[unit[left] @ unit[modes[-1]] < least_similarity(bandwidth)]
    return torch.tensor(modes, dtype=torch.int64, device=positions.device)
