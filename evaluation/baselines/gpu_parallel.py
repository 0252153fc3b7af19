"""GPU-P: all seeds at once, with the tables of seeds x points x dimensions written out in full."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import normalize

from .baseline import Metric, Result
from .closeness import closeness
from .one_by_one import MAX_ITERATIONS, TOLERANCE, draw_seeds, to_result


@torch.no_grad()
def gpu_parallel(
    vectors: NDArray[np.float32],
    bandwidth: float,
    *,
    metric: Metric,
    clusters: int | None,
    seed: int,
    device: torch.device,
) -> Result:
    """Cluster as `payer` does, but shift all 128 seeds at once, without seed policy and early stop.

    An interpretation: of the fully parallel mean-shift that Zhao et al. 2021 compare with, the name and the
    figures are known here, not the program. What is read from them:

    * The seeds are a fixed number, not all points: their distances alone would be 320 GB for the 200,000
      points that took 10.2 GB.
    * It is 128, as in the sequential baseline, since the method differs from it in parallelism only.
    * Tables are written out in float64. Seeds x points x dimensions are then 128 x 200,000 x 18 x 8 bytes =
      3.7 GB a table, and 10.2 GB is 2.8 of them. The distances alone, 0.2 GB, cannot explain the figure, nor
      can points in 2 dimensions.
    * At the 131,072 points of a pair of tiles, 10.2 GB become 6.7, which beside the network's 5.9 GB is more
      than the 12 GB that GPU-P is said to overflow.

    Here at most one such table is alive with the cosine metric, and two with the Euclidean one: a comparison
    of memory favours this baseline. All seeds move in every iteration until each moves by less than
    h / 1000, or 300 times. Pruning and assignment are on the host, as in `payer`.

    Parameters and return value are those of `Baseline.run`; `clusters` is not used.
    """
    near = closeness(vectors, metric, bandwidth)
    points = torch.from_numpy(vectors).to(device, torch.float64)
    directions = normalize(points, dim=1)
    positions = torch.from_numpy(draw_seeds(vectors, seed)).to(device, torch.float64)
    counts = torch.zeros(len(positions), dtype=torch.int64, device=device)
    for _ in range(MAX_ITERATIONS):
        before = positions
        if metric == "cosine":
            windows = _cosine_windows(directions, before, bandwidth)
        else:
            windows = _euclidean_windows(points, before, bandwidth)
        counts = windows.sum(dim=1)
        positions = _means(points, windows, counts)
        moved = torch.linalg.vector_norm(positions - before, dim=1)
        # An empty window makes NaN; such a seed has nowhere to go.
        if not (moved >= TOLERANCE * bandwidth).any():
            break
    alive = counts > 0
    rests = positions[alive].to(torch.float32).cpu().numpy()
    return to_result(rests, counts[alive].cpu().numpy(), near.point_table(vectors), near)


def _cosine_windows(directions: Tensor, centres: Tensor, bandwidth: float) -> Tensor:
    """Find the points, (n, D), with 1 - cos <= h to each centre, (N, D): (N, n) bool."""
    products = normalize(centres, dim=1)[:, None, :] * directions[None, :, :]
    return products.sum(dim=2) >= 1 - bandwidth


def _euclidean_windows(points: Tensor, centres: Tensor, bandwidth: float) -> Tensor:
    """Find the points, (n, D), within the length h of each centre, (N, D): (N, n) bool."""
    differences = centres[:, None, :] - points[None, :, :]
    return differences.square().sum(dim=2) <= bandwidth**2


def _means(points: Tensor, windows: Tensor, counts: Tensor) -> Tensor:
    """Average the points of every window: (N, D)."""
    members = windows.to(points.dtype)[:, :, None] * points[None, :, :]
    return members.sum(dim=1) / counts[:, None]
