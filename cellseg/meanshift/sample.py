"""Which points stand for all, and in which order: the first of them, as fair a draw, are the seeds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def draw_sample(
    count: int, size: int, strata: NDArray[np.int64] | None, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Draw points evenly, and put them into a random order of which any beginning serves as the seeds.

    Points are taken at even distances along their order, or along the strata, with a jitter: neighbours in
    the order, such as pixels along a scan line, share out the sample instead of drawing it by chance.

    With strata, each has one point at the very beginning, the largest stratum first; from there on, any
    beginning holds of each stratum about its share. A small stratum thus has a seed as soon as there are as
    many seeds as strata.

    Parameters
    ----------
    count : int
        n, number of points.
    size : int
        Most points wanted.
    strata : numpy.ndarray, (n,) int64 or None
        Stratum of every point, from 0; small numbers, such as those of connected components.
    rng : numpy.random.Generator

    Returns
    -------
    numpy.ndarray, (min(n, size),) int64
        Indices of different points.
    """
    if strata is None:
        return rng.permutation(_evenly(count, size, rng))
    by_stratum = np.argsort(strata.astype(np.min_scalar_type(int(strata.max(initial=0)))), kind="stable")
    ends = np.cumsum(np.bincount(strata))
    drawn = _evenly(count, size, rng)
    # Strata that the even distances stepped over have a point of their own.
    begins = np.concatenate([[0], ends[:-1]])
    hit = np.searchsorted(drawn, begins) < np.searchsorted(drawn, ends)
    missed = (ends > begins) & ~hit
    drawn = np.concatenate([drawn, rng.integers(begins[missed], ends[missed])])
    points = by_stratum[drawn]
    return points[_by_turns(strata[points], rng)[:size]]


def _evenly(count: int, size: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Cut a circle of `count` places into `size` arcs, and draw one place of each, all equally likely."""
    if size >= count:
        return np.arange(count)
    bounds = np.arange(size + 1) * count // size
    return np.sort((rng.integers(bounds[:-1], bounds[1:]) + rng.integers(count)) % count)


def _by_turns(strata: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Order in which every stratum comes at once, the largest first, and then each in step with its share."""
    shuffled = rng.permutation(len(strata))
    by_stratum = shuffled[np.argsort(strata[shuffled], kind="stable")]
    stratum = strata[by_stratum]
    sizes = np.bincount(strata)
    rank = np.arange(len(strata)) - (np.cumsum(sizes) - sizes)[stratum]
    # The k-th of m points comes when about k/m of all have come; offsets keep strata from coming in step.
    turn = (rank + rng.random(len(sizes))[stratum]) / sizes[stratum]
    turn[rank == 0] = -sizes[sizes > 0]
    return by_stratum[np.argsort(turn, kind="stable")]
