"""Every point goes to its nearest mode."""

from __future__ import annotations

import torch
from torch import Tensor

from cellseg.meanshift.chunks import similarities
from cellseg.meanshift.cores import Cores
from cellseg.meanshift.cosine import Points, directions, least_similarity


def assign(points: Points, modes: Tensor, bandwidth: float, *, cluster_all: bool, cores: Cores) -> Tensor:
    """Label each point with the index of its nearest mode.

    Parameters
    ----------
    points : Points
    modes : torch.Tensor, (K, D) float32
    bandwidth : float
        h.
    cluster_all : bool
        Whether points with a distance above h to every mode are labelled, too.
    cores : Cores

    Returns
    -------
    torch.Tensor, (n,) int32
        -1 where uncovered; everywhere if there are no modes.
    """
    labels = torch.full((len(points),), -1, dtype=torch.int32, device=modes.device)
    if len(modes) == 0:
        return labels
    mode_directions = directions(modes)

    def label(part: slice) -> None:
        for chunk, similarity in similarities(points.directions[part], mode_directions):
            best, nearest = similarity.max(dim=1)
            if not cluster_all:
                nearest[best < least_similarity(bandwidth)] = -1
            labels[part][chunk] = nearest.to(torch.int32)

    cores.share_out(len(points), label)
    return labels
