"""Which modes should be found, and which of them are missed."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import normalize


def missed(modes: Tensor, wanted: Tensor, bandwidth: float) -> int:
    """Count the wanted modes that have no found one near.

    Parameters
    ----------
    modes : torch.Tensor, (K, D)
        Found.
    wanted : torch.Tensor, (M, D)
    bandwidth : float
        h; near is a cosine distance of at most h / 2.

    Returns
    -------
    int
    """
    if len(modes) == 0:
        return len(wanted)
    nearest = (normalize(wanted, dim=1) @ normalize(modes, dim=1).T).amax(dim=1)
    return int(torch.count_nonzero(1 - nearest > bandwidth / 2))
