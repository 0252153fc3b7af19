"""Crowded clips: the cells of another place of a movie beside those of a clip.

A movie whose cells stand apart does not teach what cells that touch look like. Where cells are bright and
their surroundings dark, two places of one movie can be seen at once.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from cellseg.training.labels import BACKGROUND

_MOST_OVERLAP = 0.1
"""Largest share of a guest's pixels that may lie on what is no background."""
_RIM = 2
"""Network pixels of blurred light that come with a guest."""


def crowded(images: Tensor, labels: Tensor, guests: Tensor, guest_labels: Tensor) -> tuple[Tensor, Tensor]:
    """Add the instances of another clip that find a place between those of a clip.

    Parameters
    ----------
    images, guests : Tensor, (T, Y, X) float32
        Two clips of a movie with bright cells.
    labels, guest_labels : Tensor, (T, Y, X) int32
        Values of `cellseg.training.labels`.

    Returns
    -------
    images : Tensor, (T, Y, X) float32
        The brighter of both where a guest is, or its rim.
    labels : Tensor, (T, Y, X) int32
        Guests are numbered on from the clip's own instances, which keep what pixels they have. A guest is
        left out when more than a tenth of its pixels in all frames is not on background.
    """
    instance = guest_labels > 0
    known, number = torch.unique(guest_labels[instance], return_inverse=True)
    taken = (labels[instance] != BACKGROUND).float()
    overlap = torch.zeros(len(known)).index_add(0, number, taken)
    stays = overlap <= _MOST_OVERLAP * torch.bincount(number, minlength=len(known))
    kept = torch.zeros_like(instance)
    kept[instance] = stays[number]
    side = 2 * _RIM + 1
    near = F.max_pool2d(kept[:, None].float(), side, stride=1, padding=_RIM)[:, 0] > 0
    shown = near & (kept | (guest_labels == BACKGROUND))
    added = kept & (labels == BACKGROUND)
    return (
        torch.where(shown, torch.maximum(images, guests), images),
        torch.where(added, guest_labels + labels.max().clamp_min(0), labels),
    )
