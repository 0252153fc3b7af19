"""Draws seeds as the policy asks for them, and lets them climb."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from torch import Tensor

from cellseg.meanshift.metric import Points
from cellseg.meanshift.osop import Osop
from cellseg.meanshift.shift import Rests

Climb = Callable[[Tensor], Rests]
"""Seeds (m, D) in, their rests out."""


def search(
    points: Points,
    seeds: Tensor,
    begun: Rests,
    climb: Climb,
    osop: Osop,
    foreground_ratio: float,
    rng: np.random.Generator,
) -> tuple[Rests, Osop, int]:
    """Climb from as many seeds as the policy wants.

    If I is known, N is settled beforehand. If not, I is the number of modes found, and N doubles until it is
    enough for that I; each time, only new seeds are drawn, and join the old ones. (The published code draws
    all anew: the same statistics for twice the work.)

    Parameters
    ----------
    points : Points
    seeds : torch.Tensor, (m, D)
        In the order to take them.
    begun : Rests
        What their rests join.
    climb : callable
    osop : Osop
    foreground_ratio : float
        r: of N seeds on the image, Binomial(N, r) are drawn.
    rng : numpy.random.Generator

    Returns
    -------
    rests : Rests
        Of all seeds.
    osop : Osop
        With the N that was settled on.
    drawn : int
        Seeds taken.
    """
    rests = begun
    policy = osop.grown(foreground_ratio, osop.instances or 0)
    counted = drawn = 0
    while counted < policy.seeds and drawn < len(seeds):
        hits = int(rng.binomial(policy.seeds - counted, foreground_ratio))
        if drawn == 0 and foreground_ratio > 0:
            hits = max(1, hits)  # without any seed, all vectors would be lost
        batch = seeds[drawn : drawn + hits]
        rests = rests.joined(climb(batch))
        counted, drawn = policy.seeds, drawn + len(batch)
        if not osop.instances:
            policy = policy.grown(foreground_ratio, len(rests.modes(points).positions))
    return rests, policy, drawn
