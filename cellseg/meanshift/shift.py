"""Batched mean-shift with a flat kernel: all seeds climb at once; two matrix products an iteration."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from cellseg.meanshift.chunks import scores
from cellseg.meanshift.cores import Cores
from cellseg.meanshift.metric import Points
from cellseg.meanshift.prune import prune

_FEW = 16
"""So many seeds take less time to move than to look for equal ones among."""


@dataclass(frozen=True)
class Patience:
    """When shifting ends.

    Attributes
    ----------
    early_stop : float
        gamma, above 0, at most 1: share of the seeds that must rest.
    max_iterations : int
    tolerance : float
        A seed rests when a step is shorter than this share of the bandwidth.
    """

    early_stop: float = 0.9
    max_iterations: int = 300
    tolerance: float = 1e-3

    def __post_init__(self) -> None:
        if not 0 < self.early_stop <= 1:
            raise ValueError(f"early_stop must be above 0 and at most 1, not {self.early_stop}")
        if self.max_iterations < 1:
            raise ValueError(f"max_iterations must be at least 1, not {self.max_iterations}")
        if not self.tolerance > 0:
            raise ValueError(f"tolerance must be above 0, not {self.tolerance}")


@dataclass(frozen=True)
class Rests:
    """Where seeds came to rest.

    Attributes
    ----------
    positions : torch.Tensor, (m, D)
        Stragglers are left out, unless they were wanted.
    counts : torch.Tensor, (m,) int64
        Points in the window that was averaged last.
    seeds, converged : int
        Seeds that set out, and those that converged.
    iterations : int
    """

    positions: Tensor
    counts: Tensor
    seeds: int
    converged: int
    iterations: int

    def joined(self, other: Rests) -> Rests:
        """Put other rests behind these."""
        return replace(
            self,
            positions=torch.cat([self.positions, other.positions]),
            counts=torch.cat([self.counts, other.counts]),
            seeds=self.seeds + other.seeds,
            converged=self.converged + other.converged,
            iterations=self.iterations + other.iterations,
        )

    def modes(self, points: Points) -> Rests:
        """Keep one rest for each mode, in descending order of count (`prune`)."""
        return self.chosen(prune(points.like(self.positions), self.counts))

    def chosen(self, index: Tensor) -> Rests:
        """Keep some of the rests."""
        return replace(self, positions=self.positions[index], counts=self.counts[index])


def shift(
    points: Points, seeds: Tensor, patience: Patience, cores: Cores, *, keep_stragglers: bool = False
) -> Rests:
    """Move every seed to the mean of its window, again and again, until it rests.

    A seed rests, and is not looked at again, once a step is shorter than `tolerance` times the bandwidth (the
    paper's h / 1000; the published code tests the mean over the seeds). The slowest seeds would set the time,
    so shifting ends when a share `early_stop` (gamma) rests; the others are dropped, unless none rests. A
    straggler is often on its way to a small mode: where another climb follows, they are kept for it.

    Parameters
    ----------
    points : Points
        A window holds those with distance <= h of its centre (Zhao et al. 2021, eq. 11).
    seeds : torch.Tensor, (N, D)
        Positions to start from.
    patience : Patience
    cores : Cores
    keep_stragglers : bool
        Whether seeds that do not rest yet are given back, too, where they are.

    Returns
    -------
    Rests
    """
    everyone = torch.arange(len(seeds), device=seeds.device)
    positions = seeds.clone()
    counts = torch.zeros_like(everyone)
    resting = torch.zeros_like(everyone, dtype=torch.bool)
    # Seeds that have come to the very same place go on as one: `leader` is whose place a seed shares.
    leader, active = everyone, everyone
    iterations = converged = 0
    while iterations < patience.max_iterations and converged < patience.early_stop * len(seeds):
        before = positions[active]
        means, populations = _window_means(points, before, cores)
        positions[active], counts[active] = means, populations
        resting[active] = points.metric.steps(before, means) < patience.tolerance * points.bandwidth
        active = active[~resting[active]]
        if len(active) > _FEW:
            first = _first_equals(positions[active])
            follow = everyone.clone()
            follow[active] = active[first]
            leader = follow[leader]
            active = active[first == everyone[: len(first)]]
        converged = int(resting[leader].sum())
        iterations += 1
    kept = leader[resting[leader]] if converged and not keep_stragglers else leader
    return Rests(positions[kept], counts[kept], len(seeds), converged, iterations)


def _first_equals(rows: Tensor) -> Tensor:
    """Index of the first row that equals each row; an equal one may be overlooked, but no other taken."""
    index = torch.arange(len(rows), device=rows.device)
    key = rows @ torch.arange(1, rows.shape[1] + 1, dtype=rows.dtype, device=rows.device)
    same_key = torch.unique(key, return_inverse=True)[1]
    first = index.new_full(index.shape, len(rows)).scatter_reduce(0, same_key, index, "amin")[same_key]
    return torch.where((rows == rows[first]).all(dim=1), first, index)


def _window_means(points: Points, centres: Tensor, cores: Cores) -> tuple[Tensor, Tensor]:
    """Mean sum(k(d) x) / sum(k(d)) and number of the vectors around each centre.

    (The paper's eq. 10 prints a mean of distances, which cannot be a position.)
    """

    def window_sums(part: slice) -> tuple[Tensor, Tensor]:
        sums, populations = torch.zeros_like(centres), torch.zeros_like(centres[:, 0], dtype=torch.int64)
        for chunk, table in scores(points, part, centres):
            window = table.ge_(points.least[chunk])  # ones inside the window, zeros outside
            sums.addmm_(window, points.vectors[chunk])
            populations += window.sum(dim=1).to(torch.int64)
        return sums, populations

    parts = cores.share_out(len(points), len(centres), window_sums)
    sums, populations = (torch.stack(part).sum(dim=0) for part in zip(*parts, strict=True))
    # Rounding can empty a window, and so can a sample that does not hold its points: the seed then stays.
    empty = populations == 0
    means = torch.where(empty[:, None], centres, sums / populations.clamp_min(1)[:, None])
    return means, populations
