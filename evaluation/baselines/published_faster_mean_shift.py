"""What the published Faster Mean-shift code does, where it deviates from the papers included.

Written from a description of its behaviour, to measure what the deviations cost. Common to both variants:

* Everything is float64, and each shift writes out the table of seeds x points x dimensions.
* All seeds move in every iteration, until they move by less than h / 1000 on average, or 300 times. None is
  frozen and none dropped: there is no early stop.
* If the seeds were too few, twice as many are drawn anew, but the modes of the fewer are kept among theirs.
* The number of seeds outlives the call. Here it is an object, `SeedState`; there it belongs to the process.
* Modes are pruned by their cosine distance. Points are assigned on the CPU.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .baseline import Metric, Result
from .closeness import closeness
from .modes import assign, prune

MAX_ITERATIONS = 300
TOLERANCE = 1e-3
"""Shifting ends when seeds move by less than this share of the bandwidth on average."""
PROBABILITY = 0.95
"""P of the cosine variant; the paper has 0.99."""
FEWEST_SEEDS, MOST_SEEDS = 32, 256
"""Limits of the number of seeds that the cosine variant asks for, before it takes twice as many."""
SMALL_RATIO = 0.1
"""Below this r the cosine variant asks for the fewest seeds, whatever the number of clusters."""
SURPLUS, EXCESS = 2, 8
"""L and H of the cosine variant."""
EUCLIDEAN_SURPLUS = 8
"""L of the Euclidean variant. Its H, 32, is switched off."""


@dataclass
class SeedState:
    """The number of seeds, which one call leaves to the next.

    Attributes
    ----------
    seeds : int
        S. From 128, crowded data raises it to at most 512: the most asked for, 256, is enough at 2 x 256.
        (After quiet data has lowered it to 224, doubling can overshoot to 896.)
    """

    seeds: int = 128


class Published(NamedTuple):
    """What a call found.

    Attributes
    ----------
    labels : numpy.ndarray, (n,) int64
    modes : numpy.ndarray, (K, D) float64
        In descending order of (count, coordinates).
    counts : numpy.ndarray, (K,) int64
    seeds : tuple of int
        Seeds of every round: each is twice the one before.
    iterations : int
        Of all rounds together.
    """

    labels: NDArray[np.int64]
    modes: NDArray[np.float64]
    counts: NDArray[np.int64]
    seeds: tuple[int, ...]
    iterations: int


Weights = Callable[[Tensor, Tensor, float], Tensor]
"""Takes the seeds, (S, D), the points, (n, D), and h; gives the weights of the points, (S, n)."""


def published_faster_mean_shift(
    vectors: NDArray[np.float32],
    bandwidth: float,
    *,
    metric: Metric,
    clusters: int | None,
    seed: int,
    device: torch.device,
) -> Result:
    """Cluster as the published code does in a new process, that is, with 128 seeds at first.

    Parameters and return value are those of `Baseline.run`; `clusters` is not used. A `ValueError` is also
    raised where the published code stops with one: a window is empty, so a mode is NaN.
    """
    variant = published_cosine if metric == "cosine" else published_euclidean
    found = variant(vectors, bandwidth, SeedState(), np.random.default_rng(seed), device)
    return Result(found.labels, found.modes)


def published_cosine(
    vectors: NDArray[np.float32],
    bandwidth: float,
    state: SeedState,
    rng: np.random.Generator,
    device: torch.device,
) -> Published:
    """Cluster as the published cosine code does.

    The window is strict, cos > 1 - h. The policy's r is the share of the points outside the largest cluster:
    the code takes that cluster for the background, which the points do not contain.

    Parameters
    ----------
    vectors : numpy.ndarray, (n, D) float32
    bandwidth : float
        h.
    state : SeedState
        Read and changed.
    rng : numpy.random.Generator
        Draws the seeds.
    device : torch.device
        Where seeds shift.

    Returns
    -------
    Published

    Raises
    ------
    ValueError
        A window is empty, which takes a bandwidth finer than float64.
    """

    def settle(labels: NDArray[np.int64], instances: int) -> bool:
        wanted = wanted_seeds(1 - float(np.mean(labels == 0)), instances)
        if SURPLUS * wanted > state.seeds:
            return False
        if EXCESS * wanted <= state.seeds:
            state.seeds -= wanted
        return True

    return _cluster(vectors, bandwidth, "cosine", strict_window, settle, state, rng, device)


def published_euclidean(
    vectors: NDArray[np.float32],
    bandwidth: float,
    state: SeedState,
    rng: np.random.Generator,
    device: torch.device,
) -> Published:
    """Cluster as the published Euclidean code does.

    Three things do not fit together. The kernel is Gaussian, over all points, where the paper has a flat one.
    Points in a window are still counted as weights of exactly 1, which a Gaussian hardly ever gives: counts
    are 0, and modes come in the order of their coordinates. Modes are pruned by their *cosine* distance:
    clusters in one direction from the origin, such as the shades of a colour, collapse to one. Points go to
    the mode nearest in the Euclidean distance.

    Stop, start at 128 seeds and the kept modes of fewer seeds are taken over from the cosine code.

    Parameters
    ----------
    vectors : numpy.ndarray, (n, D) float32
    bandwidth : float
        h, standard deviation of the kernel, and largest cosine distance in pruning.
    state : SeedState
        Read and changed; nothing ever lowers it.
    rng : numpy.random.Generator
        Draws the seeds.
    device : torch.device
        Where seeds shift.

    Returns
    -------
    Published

    Raises
    ------
    ValueError
        Weights are NaN, which takes a bandwidth whose square underflows.
    """

    def settle(labels: NDArray[np.int64], instances: int) -> bool:
        return state.seeds >= EUCLIDEAN_SURPLUS * instances

    return _cluster(vectors, bandwidth, "euclidean", gaussian, settle, state, rng, device)


def wanted_seeds(ratio: float, instances: int) -> int:
    """Count the seeds that the published cosine code asks for.

    N = ln(1 - P^(1/I)) / ln(1 - r/I) (Zhao et al. 2021, eq. 19), rounded down and kept within limits that the
    paper does not have.

    Parameters
    ----------
    ratio : float
        r, share of the points outside the largest cluster.
    instances : int
        I.

    Returns
    -------
    int
    """
    if ratio < SMALL_RATIO:
        return FEWEST_SEEDS
    wanted = math.log(1 - PROBABILITY ** (1 / instances)) / math.log(1 - ratio / instances)
    return int(min(max(wanted, FEWEST_SEEDS), MOST_SEEDS))


def strict_window(seeds: Tensor, points: Tensor, bandwidth: float) -> Tensor:
    """Weigh points with 1 where cos > 1 - h, else 0.

    Parameters
    ----------
    seeds : torch.Tensor, (S, D) float64
    points : torch.Tensor, (n, D) float64
    bandwidth : float
        h.

    Returns
    -------
    torch.Tensor, (S, n) float64
    """
    lengths = torch.outer(torch.linalg.vector_norm(seeds, dim=1), torch.linalg.vector_norm(points, dim=1))
    return (seeds @ points.T / lengths > 1 - bandwidth).to(seeds.dtype)


def gaussian(seeds: Tensor, points: Tensor, bandwidth: float) -> Tensor:
    """Weigh points with exp(-d^2 / (2 h^2)) / (h sqrt(2 pi)).

    Parameters
    ----------
    seeds : torch.Tensor, (S, D) float64
    points : torch.Tensor, (n, D) float64
    bandwidth : float
        h.

    Returns
    -------
    torch.Tensor, (S, n) float64
    """
    squares = (seeds[:, None, :] - points[None, :, :]).square().sum(dim=2)
    return torch.exp(squares / (-2 * bandwidth**2)) / (bandwidth * math.sqrt(2 * math.pi))


@torch.no_grad()
def _cluster(
    vectors: NDArray[np.float32],
    bandwidth: float,
    metric: Metric,
    weights_of: Weights,
    settle: Callable[[NDArray[np.int64], int], bool],
    state: SeedState,
    rng: np.random.Generator,
    device: torch.device,
) -> Published:
    """Cluster with more and more seeds until `settle`, given labels and I, is content with their number."""
    host_points = vectors.astype(np.float64)
    points = torch.from_numpy(host_points).to(device)
    pruning = closeness(host_points, "cosine", bandwidth)
    near = closeness(host_points, metric, bandwidth)
    table = near.point_table(host_points)
    counts_by_mode: dict[tuple[float, ...], int] = {}  # not emptied between rounds
    rounds: list[int] = []
    iterations = 0
    while True:
        rounds.append(state.seeds)
        drawn = torch.from_numpy(rng.permutation(len(vectors))[: state.seeds]).to(device)
        rests, counts, taken = _shift(points[drawn], points, bandwidth, weights_of)
        iterations += taken
        counts_by_mode.update(zip(map(tuple, rests.tolist()), counts.tolist(), strict=True))
        positions = np.array(list(counts_by_mode), dtype=np.float64)
        if np.isnan(positions).any():
            raise ValueError("a window is empty, hence a mode NaN: the published code fails here, too")
        all_counts = np.array(list(counts_by_mode.values()), dtype=np.int64)
        chosen = prune(positions, all_counts, pruning)
        labels = assign(table, positions[chosen], near)
        if settle(labels, len(chosen)):
            return Published(labels, positions[chosen], all_counts[chosen], tuple(rounds), iterations)
        state.seeds *= 2


def _shift(
    seeds: Tensor, points: Tensor, bandwidth: float, weights_of: Weights
) -> tuple[Tensor, Tensor, int]:
    """Move all seeds together; give where they end, weights of exactly 1 before the last move, iterations."""
    positions = seeds
    for iteration in range(1, MAX_ITERATIONS + 1):
        before = positions
        weights = weights_of(before, points, bandwidth)
        positions = (weights[:, :, None] * points[None, :, :]).sum(dim=1) / weights.sum(dim=1, keepdim=True)
        moved = torch.linalg.vector_norm(positions - before, dim=1).mean()
        if moved < TOLERANCE * bandwidth or iteration == MAX_ITERATIONS:
            break
    return positions, (weights == 1).sum(dim=1), iteration
