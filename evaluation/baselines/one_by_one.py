"""Seeds climb one after the other: the walk that the CPU baseline and the hybrid one share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .baseline import Result
from .closeness import Closeness
from .modes import assign, prune

SEEDS = 128
"""Seeds of the baseline that Faster Mean-shift was compared with (Payer et al. 2019)."""
MAX_ITERATIONS = 300
TOLERANCE = 1e-3
"""A seed rests once it moves by less than this share of the bandwidth."""


def draw_seeds(vectors: NDArray[Any], seed: int) -> NDArray[Any]:
    """Draw `SEEDS` of the vectors uniformly without replacement, or all in random order if they are fewer.

    Parameters
    ----------
    vectors : numpy.ndarray, (n, D)
    seed : int

    Returns
    -------
    numpy.ndarray, (min(n, 128), D)
    """
    rng = np.random.default_rng(seed)
    return vectors[rng.choice(len(vectors), size=min(len(vectors), SEEDS), replace=False)]


def climb_one_by_one(
    seeds: NDArray[np.float32],
    window_mean: Callable[[NDArray[np.float32]], tuple[NDArray[np.float32], int]],
    bandwidth: float,
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Move each seed to the mean of its window until it rests or has moved `MAX_ITERATIONS` times.

    Parameters
    ----------
    seeds : numpy.ndarray, (m, D) float32
    window_mean : callable
        Takes a position, (D,) float32; gives the mean of the points within the bandwidth, and their number.
    bandwidth : float
        h.

    Returns
    -------
    numpy.ndarray, (k, D) float32
        Where the seeds rest; those whose window became empty are dropped.
    numpy.ndarray, (k,) int64
        Points in the windows averaged last.
    """
    positions, counts = [], []
    for position in seeds:
        for _ in range(MAX_ITERATIONS):
            before = position
            position, count = window_mean(before)
            if count == 0 or np.linalg.norm(position - before) < TOLERANCE * bandwidth:
                break
        if count:
            positions.append(position)
            counts.append(count)
    return np.array(positions, dtype=np.float32).reshape(-1, seeds.shape[1]), np.array(counts, dtype=np.int64)


def to_result(
    positions: NDArray[Any], counts: NDArray[np.int64], table: NDArray[Any], near: Closeness
) -> Result:
    """Prune where seeds rest to modes, and assign the points.

    Parameters
    ----------
    positions : numpy.ndarray, (m, D)
    counts : numpy.ndarray, (m,) int64
    table : numpy.ndarray, (n, E)
        `near.point_table` of the points.
    near : Closeness

    Returns
    -------
    Result
        All labels are -1 if no seed was left.
    """
    modes = positions[prune(positions, counts, near)]
    if len(modes) == 0:
        return Result(np.full(len(table), -1, dtype=np.int64), modes)
    return Result(assign(table, modes, near), modes)
