"""What the embedding is taught: pull within an instance, push between instances, pin the background to e0.

Payer et al. 2019, with four repairs: every instance counts, alone or not; the pull is 1 - cos, which has no
sign ambiguity, unless a recipe asks for theirs; each instance weighs the same whatever its size; and the
background beside cells weighs as much as all the rest of it, or where cells are few an outline drawn too wide
would cost next to nothing.
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
    """The losses of B clips and their parts, each averaged over instances or pixels of the clip.

    Attributes
    ----------
    pull : Tensor, (B,)
        Mean over instances of the mean of 1 - cos, or 1 - cos^2, to the instance's mean embedding.
    push : Tensor, (B,)
        Mean over pairs of neighbours of the mean squared cosine of the one's pixels to the other's mean.
    background : Tensor, (B,)
        Mean of 1 - e0 over background, half of it for what is beside cells and half for what is not, plus
        mean of e0 squared over foreground.
    """

    pull: Tensor
    push: Tensor
    background: Tensor

    def total(self, instance_weight: float) -> Tensor:
        """Sum of the parts, pull and push weighted against the background, (B,)."""
        return instance_weight * (self.pull + self.push) + self.background


@dataclass(frozen=True)
class Targets:
    """What the labels of B clips ask of every pixel, found once for both hourglasses.

    Attributes
    ----------
    beside, apart, cell : Tensor, (B, P) bool
        Background within a few pixels of a cell; the rest of the background; cells. P is T x Y x X.
    places : Tensor, (N,) int64
        Pixels of instances, among all B x P.
    instance : Tensor, (N,) int64
        Whose they are.
    pixels : Tensor, (K,) float32
        How many an instance has.
    clip : Tensor, (K,) int64
        Clip of each instance.
    near : Tensor, (K, K) bool
        Instances that are pushed apart.
    """

    beside: Tensor
    apart: Tensor
    cell: Tensor
    places: Tensor
    instance: Tensor
    pixels: Tensor
    clip: Tensor
    near: Tensor

    @classmethod
    def of(cls, labels: Tensor, radius: float) -> Targets:
        """Read labels.

        Parameters
        ----------
        labels : Tensor, (T, B, Y, X) integer
            Values of `cellseg.training.labels`; ignored pixels teach nothing.
        radius : float
            Instances of a clip are neighbours, and pushed apart, when in some frame their bounding boxes are
            no further apart than this along either axis, in pixels.

        Returns
        -------
        Targets
        """
        clips = labels.movedim(1, 0)
        is_cell = (clips > 0) | (clips == FOREGROUND)
        is_background = clips == BACKGROUND
        beside = is_background & _beside(is_cell)
        numbers = clips.flatten().long()
        places = (numbers > 0).nonzero()[:, 0]
        clip = places // clips[0].numel()
        key = numbers[places] * len(clips) + clip
        known, instance, pixels = torch.unique(key, return_inverse=True, return_counts=True)
        return cls(
            beside=beside.flatten(1),
            apart=(is_background & ~beside).flatten(1),
            cell=is_cell.flatten(1),
            places=places,
            instance=instance,
            pixels=pixels.float(),
            clip=known % len(clips),
            near=_neighbours(clips, places, instance, known % len(clips), radius),
        )


def clip_loss(raw: Tensor, targets: Targets, *, squared_pull: bool = False) -> Loss:
    """Losses of one hourglass on clips.

    Parameters
    ----------
    raw : Tensor, (T, B, D, Y, X) float32
        Embeddings before normalisation.
    targets : Targets
        Of the clips' labels.
    squared_pull : bool
        Pull by 1 - cos^2, as published.

    Returns
    -------
    Loss
        Parts that have no pixel are 0 and still connected to the graph.
    """
    clips = raw.shape[1]
    vectors = raw.permute(1, 0, 3, 4, 2).reshape(-1, raw.shape[2])
    unit = F.normalize(vectors, dim=1, eps=_SHORTEST)

    e0 = unit[:, 0].reshape(clips, -1)
    kinds = targets.beside.any(1).float() + targets.apart.any(1).float()
    background = sum(_mean(1 - e0, kind) / kinds.clamp_min(1) for kind in (targets.beside, targets.apart))
    background = background + _mean(e0.square(), targets.cell)

    unit, instance, count = unit[targets.places], targets.instance, len(targets.pixels)

    def per_instance(values: Tensor) -> Tensor:
        sums = values.new_zeros((count, *values.shape[1:])).index_add(0, instance, values)
        return sums / targets.pixels.reshape(-1, *[1] * (values.ndim - 1))

    def per_clip(values: Tensor) -> Tensor:
        return values.new_zeros(clips).index_add(0, targets.clip, values)

    # The mean of the raw vectors, through which the gradient flows (Payer et al. 2019).
    mean = F.normalize(per_instance(vectors[targets.places]), dim=1, eps=_SHORTEST)
    cosine = (unit * mean[instance]).sum(1)
    pull = per_clip(per_instance(1 - (cosine.square() if squared_pull else cosine)))
    squared = per_instance((unit @ mean.T).square()) * targets.near
    instances, pairs = (
        per_clip(counts.to(unit.dtype)).clamp_min(1)
        for counts in (torch.ones_like(targets.clip), targets.near.sum(1))
    )
    return Loss(pull / instances, per_clip(squared.sum(1)) / pairs, background)


def _mean(values: Tensor, of: Tensor) -> Tensor:
    """Mean of the chosen ones of each row, 0 where there are none."""
    return (values * of).sum(1) / of.sum(1).clamp_min(1)


def _beside(cells: Tensor) -> Tensor:
    """Tell which pixels of clips (B, T, Y, X) lie within a few pixels of a cell."""
    side = 2 * _BESIDE + 1
    return F.max_pool2d(cells.float(), side, stride=1, padding=_BESIDE) > 0


def _neighbours(clips: Tensor, places: Tensor, instance: Tensor, clip: Tensor, radius: float) -> Tensor:
    """Tell which instances of clips (B, T, Y, X) are neighbours, (K, K) bool."""
    _, frames, height, width = clips.shape
    count = len(clip)
    frame, y, x = places // (height * width) % frames, places // width % height, places % width
    row = frame * count + instance
    near = torch.ones(frames, count, count, dtype=torch.bool, device=clips.device)
    for coordinate in (y.float(), x.float()):
        # An instance that is not in a frame keeps infinite ends there, and is near nothing.
        low, high = (
            torch.full((frames * count,), end, device=clips.device)
            .scatter_reduce(0, row, coordinate, how)
            .reshape(frames, count)
            for end, how in ((math.inf, "amin"), (-math.inf, "amax"))
        )
        gap = torch.maximum(low[:, :, None] - high[:, None, :], low[:, None, :] - high[:, :, None])
        near &= gap <= radius
    alone = torch.eye(count, dtype=torch.bool, device=clips.device)
    return near.any(0) & (clip[:, None] == clip) & ~alone
