"""What the embedding is taught: pull within an instance, push between instances, pin the background to e0.

Payer et al. 2019, with four repairs: every instance counts, alone or not; the pull is 1 - cos, which has no
sign ambiguity; each instance weighs the same whatever its size; and the background beside cells weighs as
much as all the rest of it, or where cells are few an outline drawn too wide would cost next to nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from cellseg.training.labels import BACKGROUND, FOREGROUND

_BESIDE = 5
"""Network pixels: as far as outlines are drawn wrongly."""
_SHORTEST = 0.01
"""Shorter vectors are not brought to length 1, or silent pixels would have enormous gradients."""


@dataclass(frozen=True)
class Loss:
    """The loss of a clip and its parts, each a scalar Tensor averaged over instances or pixels.

    Attributes
    ----------
    pull : Tensor
        Mean over instances of the mean of 1 - cos to the instance's mean embedding.
    push : Tensor
        Mean over pairs of neighbours of the mean squared cosine of the one's pixels to the other's mean.
    background : Tensor
        Mean of 1 - e0 over background, half of it for what is beside cells and half for what is not, plus
        mean of e0 squared over foreground.
    """

    pull: Tensor
    push: Tensor
    background: Tensor

    def total(self, instance_weight: float) -> Tensor:
        """Sum of the parts, pull and push weighted against the background."""
        return instance_weight * (self.pull + self.push) + self.background


def clip_loss(raw: Tensor, labels: Tensor, radius: float) -> Loss:
    """Loss of one hourglass on one clip.

    Parameters
    ----------
    raw : Tensor, (T, D, Y, X) float32
        Embeddings before normalisation.
    labels : Tensor, (T, Y, X) integer
        Values of `cellseg.training.labels`; ignored pixels teach nothing.
    radius : float
        Instances are neighbours, and pushed apart, when in some frame their bounding boxes are no further
        apart than this along either axis, in pixels.

    Returns
    -------
    Loss
        Parts that have no pixel are 0 and still connected to the graph.
    """
    vectors = raw.movedim(1, -1).flatten(0, 2)
    flat = labels.flatten()
    unit = F.normalize(vectors, dim=1, eps=_SHORTEST)
    zero = vectors.sum() * 0.0

    is_background = flat == BACKGROUND
    is_cell = (flat > 0) | (flat == FOREGROUND)
    background = zero
    beside = is_background & _beside(is_cell.reshape(labels.shape)).flatten()
    kinds = [kind for kind in (beside, is_background & ~beside) if kind.any()]
    for kind in kinds:
        background = background + (1 - unit[kind, 0]).mean() / len(kinds)
    if is_cell.any():
        background = background + unit[is_cell, 0].square().mean()

    is_instance = flat > 0
    if not is_instance.any():
        return Loss(zero, zero, background)
    _, instance = torch.unique(flat[is_instance], return_inverse=True)
    unit = unit[is_instance]
    count = int(instance.max()) + 1
    pixels = torch.bincount(instance, minlength=count).to(unit.dtype)

    def mean_per_instance(values: Tensor) -> Tensor:
        sums = values.new_zeros((count, *values.shape[1:])).index_add(0, instance, values)
        return sums / pixels.reshape(-1, *[1] * (values.ndim - 1))

    # The mean of the raw vectors, through which the gradient flows (Payer et al. 2019).
    mean = F.normalize(mean_per_instance(vectors[is_instance]), dim=1, eps=_SHORTEST)
    pull = mean_per_instance(1 - (unit * mean[instance]).sum(1)).mean()
    if count == 1:
        return Loss(pull, zero, background)
    near = _neighbours(labels, is_instance, instance, count, radius)
    squared = mean_per_instance((unit @ mean.T).square())
    return Loss(pull, (squared * near).sum() / near.sum().clamp_min(1), background)


def _beside(cells: Tensor) -> Tensor:
    """Tell which pixels of frames (T, Y, X) lie within a few pixels of a cell."""
    side = 2 * _BESIDE + 1
    return F.max_pool2d(cells[:, None].float(), side, stride=1, padding=_BESIDE)[:, 0] > 0


def _neighbours(labels: Tensor, is_instance: Tensor, instance: Tensor, count: int, radius: float) -> Tensor:
    """Tell which instances are neighbours, (K, K) bool."""
    frames, height, width = labels.shape
    place = torch.arange(labels.numel(), device=labels.device)[is_instance]
    frame, y, x = place // (height * width), place // width % height, place % width
    row = frame * count + instance
    near = torch.ones(frames, count, count, dtype=torch.bool, device=labels.device)
    for coordinate in (y.float(), x.float()):
        # An instance that is not in a frame keeps infinite ends there, and is near nothing.
        low, high = (
            torch.full((frames * count,), end, device=labels.device)
            .scatter_reduce(0, row, coordinate, how)
            .reshape(frames, count)
            for end, how in ((math.inf, "amin"), (-math.inf, "amax"))
        )
        gap = torch.maximum(low[:, :, None] - high[:, None, :], low[:, None, :] - high[:, :, None])
        near &= gap <= radius
    return near.any(0) & ~torch.eye(count, dtype=torch.bool, device=labels.device)
