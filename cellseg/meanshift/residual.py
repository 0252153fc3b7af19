"""Residual rounds: what is far from every mode found so far may have modes of its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from cellseg.meanshift.assign import assign
from cellseg.meanshift.cores import Cores
from cellseg.meanshift.metric import Points
from cellseg.meanshift.sample import draw_sample
from cellseg.meanshift.shift import Patience, Rests, shift

MOST_ROUNDS = 16

_LEFT_POINTS = 2048
_SEEDS = 128
_FIRST_STEPS = 3
_FIRST_POINTS = 8192


def residual_modes(
    points: Points,
    modes: Tensor,
    covered: Tensor,
    patience: Patience,
    cores: Cores,
    rng: np.random.Generator,
) -> Rests:
    """Find modes near points that no mode covers.

    Some of these points climb on a sample of these points alone. That leaves out the density of what is
    covered, so the places found are only beginnings: from there the climb goes on on more points, at last on
    all, and what comes to a known mode is let go.

    This is coverage, not proof: points on the slope of a known mode stay uncovered, and a mode whose whole
    window is covered by others is not looked for.

    Parameters
    ----------
    points : Points
    modes : torch.Tensor, (K, D)
        Those known.
    covered : torch.Tensor, (n,) bool
        Points within the bandwidth of a known mode.
    patience : Patience
    cores : Cores
    rng : numpy.random.Generator

    Returns
    -------
    Rests
        New modes, none within the bandwidth of a known one; none, if all come to known ones.
    """
    left = (~covered).nonzero()[:, 0]
    left = left[torch.from_numpy(draw_sample(len(left), _LEFT_POINTS, None, rng)).to(left.device)]
    lone = points.take(left)
    found = shift(lone, lone.vectors[:_SEEDS], patience, cores, keep_stragglers=True).modes(points)
    iterations = found.iterations
    # Most come near a known mode within a few steps: it is the others that are worth all the steps.
    whole = replace(patience, early_stop=1.0)
    few = replace(whole, max_iterations=_FIRST_STEPS)
    thinned = torch.from_numpy(draw_sample(len(points), _FIRST_POINTS, None, rng)).to(left.device)
    for ground, steps in ((points.take(thinned), few), (points, few), (points, whole)):
        found = shift(ground, found.positions, steps, cores, keep_stragglers=True).modes(points)
        iterations += found.iterations
        _, known = assign(points.like(found.positions), modes, cores)
        found = found.chosen((~known).nonzero()[:, 0])
    return replace(found, iterations=iterations)
