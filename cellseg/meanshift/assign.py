"""Every point goes to its nearest mode."""

from __future__ import annotations

import torch
from torch import Tensor

from cellseg.meanshift.chunks import scores
from cellseg.meanshift.cores import Cores
from cellseg.meanshift.metric import Points


def assign(points: Points, modes: Tensor, cores: Cores) -> tuple[Tensor, Tensor]:
    """Label each point with the index of its nearest mode.

    Parameters
    ----------
    points : Points
    modes : torch.Tensor, (K, D)
    cores : Cores

    Returns
    -------
    labels : torch.Tensor, (n,) int32
        -1 everywhere if there are no modes.
    covered : torch.Tensor, (n,) bool
        Whether the distance to that mode is at most the bandwidth.
    """
    labels = torch.full((len(points),), -1, dtype=torch.int32, device=modes.device)
    covered = torch.zeros(len(points), dtype=torch.bool, device=modes.device)
    if len(modes) == 0:
        return labels, covered

    rows = torch.arange(len(modes), dtype=modes.dtype, device=modes.device)
    counting = torch.stack([rows, torch.ones_like(rows)])

    def label(part: slice) -> None:
        for chunk, table in scores(points, part, modes):
            # The largest value is found many times faster than its index; that then follows from a product
            # with the index of every row. Equal scores would add up: of those, the first one is looked for.
            best = table.amax(dim=0)
            # `out` keeps autocast from rounding indices above 256, as in `scores`.
            found = torch.mm(counting, table.eq_(best), out=counting.new_empty(2, table.shape[1]))
            index, ties = found
            labels[chunk] = index
            tied = (ties > 1).nonzero()[:, 0]
            labels[chunk][tied] = table[:, tied].argmax(dim=0).to(torch.int32)
            torch.ge(best, points.least[chunk], out=covered[chunk])

    cores.share_out(len(points), len(modes), label)
    return labels, covered
