"""Batched mean-shift with a flat kernel: all seeds climb at once; two matrix products an iteration."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from cellseg.meanshift.chunks import similarities
from cellseg.meanshift.cores import Cores
from cellseg.meanshift.cosine import Points, directions, least_similarity


class Shifted(NamedTuple):
    """Where seeds came to rest.

    Attributes
    ----------
    positions : torch.Tensor, (m, D) float32
        Stragglers are left out.
    counts : torch.Tensor, (m,) int64
        Points in the window that was averaged last.
    converged : int
        Seeds that converged.
    iterations : int
    """

    positions: Tensor
    counts: Tensor
    converged: int
    iterations: int

    def joined(self, other: Shifted) -> Shifted:
        """Put another batch of seeds behind this one."""
        return Shifted(
            torch.cat([self.positions, other.positions]),
            torch.cat([self.counts, other.counts]),
            self.converged + other.converged,
            self.iterations + other.iterations,
        )


def shift(
    points: Points,
    seeds: Tensor,
    bandwidth: float,
    *,
    early_stop: float,
    max_iterations: int,
    tolerance: float,
    cores: Cores,
) -> Shifted:
    """Move every seed to the mean of its window, again and again, until it rests.

    A seed rests, and is not looked at again, once a step is shorter than `tolerance` times the bandwidth (the
    paper's h / 1000; the published code tests the mean over the seeds). The slowest seeds would set the time,
    so shifting ends when a share `early_stop` (gamma) rests; the others are dropped, unless none rests.

    Parameters
    ----------
    points : Points
    seeds : torch.Tensor, (N, D) float32
        Positions to start from.
    bandwidth : float
        h: a window holds the points with distance <= h (Zhao et al. 2021, eq. 11).
    early_stop : float
        gamma, above 0, at most 1.
    max_iterations : int
    tolerance : float
    cores : Cores

    Returns
    -------
    Shifted
    """
    positions = seeds.clone()
    counts = torch.zeros(len(seeds), dtype=torch.int64, device=seeds.device)
    summands = torch.cat([points.vectors, points.vectors.new_ones(len(points), 1)], dim=1)
    active = torch.arange(len(seeds), device=seeds.device)
    iterations = 0
    while iterations < max_iterations and len(seeds) - len(active) < early_stop * len(seeds):
        before = positions[active]
        means, populations = _window_means(points, summands, before, bandwidth, cores)
        positions[active], counts[active] = means, populations
        moved = torch.linalg.vector_norm(means - before, dim=1)
        active = active[moved >= tolerance * bandwidth]
        iterations += 1
    resting = torch.ones(len(seeds), dtype=torch.bool, device=seeds.device)
    resting[active] = False
    converged = len(seeds) - len(active)
    kept = resting if converged else ~resting
    return Shifted(positions[kept], counts[kept], converged, iterations)


def _window_means(
    points: Points, summands: Tensor, centres: Tensor, bandwidth: float, cores: Cores
) -> tuple[Tensor, Tensor]:
    """Mean sum(k(d) x) / sum(k(d)) and number of the vectors around each centre.

    (The paper's eq. 10 prints a mean of distances, which cannot be a position.)
    """
    least = least_similarity(bandwidth)
    centre_directions = directions(centres)

    def window_sums(part: slice) -> Tensor:
        sums = centres.new_zeros((summands.shape[1], len(centres)))
        for chunk, window in similarities(points.directions[part], centre_directions):
            # Ones inside the window, zeros outside. The column of ones among the summands counts them.
            sums.addmm_(summands[part][chunk].T, window.ge_(least))
        return sums

    sums = torch.stack(cores.share_out(len(points), window_sums)).sum(dim=0)
    means, populations = sums[:-1].T, sums[-1]
    # Only rounding can empty a window, where the bandwidth is finer than float32: the seed then stays.
    empty = populations == 0
    means = torch.where(empty[:, None], centres, means / populations.clamp_min(1)[:, None])
    return means, populations.to(torch.int64)
