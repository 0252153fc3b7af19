"""Which points are seeds, and in which order: the first of them are as fair a draw as all of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def seed_order(
    count: int, limit: int, strata: NDArray[np.int64] | None, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Put points into a random order of which any beginning serves as the seeds.

    Without strata every point is equally likely at every place. With strata, each has one point at the very
    beginning, the largest stratum first; from there on, any beginning holds of each stratum about its share.
    A small stratum thus has a seed as soon as there are as many seeds as strata.

    Parameters
    ----------
    count : int
        n, number of points.
    limit : int
        Most points wanted.
    strata : numpy.ndarray, (n,) int64 or None
        Stratum of every point, from 0; small numbers, such as those of connected components.
    rng : numpy.random.Generator

    Returns
    -------
    numpy.ndarray, (min(n, limit),) int64
        Indices of different points.
    """
    if strata is None:
        return rng.choice(count, size=min(count, limit), replace=False)
    shuffled = rng.permutation(count)
    by_stratum = shuffled[np.argsort(strata[shuffled], kind="stable")]
    stratum = strata[by_stratum]
    sizes = np.bincount(strata)
    rank = np.arange(count) - (np.cumsum(sizes) - sizes)[stratum]
    # The k-th of m points comes when about k/m of all have come; offsets keep strata from coming in step.
    turn = (rank + rng.random(len(sizes))[stratum]) / sizes[stratum]
    turn[rank == 0] = -sizes[sizes > 0]
    return by_stratum[np.argsort(turn, kind="stable")[:limit]]
