"""The sequential method on the CPU that Faster Mean-shift replaced (Payer et al. 2019)."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from .baseline import Metric, Result
from .closeness import closeness
from .one_by_one import climb_one_by_one, draw_seeds, to_result


def payer(
    vectors: NDArray[np.float32],
    bandwidth: float,
    *,
    metric: Metric,
    clusters: int | None,
    seed: int,
    device: torch.device,
) -> Result:
    """Cluster by mean-shift of 128 seeds, one after the other, with brute-force radius queries.

    Each seed moves to the mean of all points within the bandwidth until it moves by less than h / 1000, or
    300 times. Modes are sorted by count, then coordinates, and pruned greedily; points go to the nearest.
    Time is O(128 T n): not O(T n^2), as it would be with every point a seed. A query is one float32
    matrix-vector product over all points, and so is a mean.

    The published method has the cosine metric alone; the Euclidean one differs in the distance only.

    Parameters and return value are those of `Baseline.run`; `clusters` and `device` are not used.
    """
    near = closeness(vectors, metric, bandwidth)
    table = near.point_table(vectors)

    def window_mean(position: NDArray[np.float32]) -> tuple[NDArray[np.float32], int]:
        window = table @ near.centre_table(position[None])[0] >= near.least
        count = int(np.count_nonzero(window))
        return (window.astype(np.float32) @ vectors) / np.float32(max(count, 1)), count

    return to_result(*climb_one_by_one(draw_seeds(vectors, seed), window_mean, bandwidth), table, near)
