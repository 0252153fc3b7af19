"""scikit-learn's MeanShift, with every point a seed and with bin seeding."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.cluster import MeanShift

from .baseline import Metric, Result
from .closeness import euclidean_equivalent


def scikit_learn_mean_shift(
    vectors: NDArray[np.float32],
    bandwidth: float,
    *,
    metric: Metric,
    clusters: int | None,
    seed: int,
    device: torch.device,
) -> Result:
    """Cluster by scikit-learn's MeanShift, every point a seed, the bandwidth given.

    It knows the Euclidean distance alone. The cosine metric is run on unit vectors with the radius sqrt(2 h),
    the equivalent one: windows around points are the same; those around means, which are shorter than 1, are
    slightly narrower.
    Like all its defaults, it runs in one process.

    Parameters and return value are those of `Baseline.run`; `clusters`, `seed` and `device` are not used.
    """
    return _fit(vectors, bandwidth, metric, bin_seeding=False)


def scikit_learn_mean_shift_binned(
    vectors: NDArray[np.float32],
    bandwidth: float,
    *,
    metric: Metric,
    clusters: int | None,
    seed: int,
    device: torch.device,
) -> Result:
    """Cluster as `scikit_learn_mean_shift`, but seed from the occupied cells of a grid as wide as the radius.

    Parameters and return value are those of `Baseline.run`; `clusters`, `seed` and `device` are not used.
    """
    return _fit(vectors, bandwidth, metric, bin_seeding=True)


def _fit(vectors: NDArray[np.float32], bandwidth: float, metric: Metric, *, bin_seeding: bool) -> Result:
    points, radius = euclidean_equivalent(vectors, bandwidth, metric)
    fitted = MeanShift(bandwidth=radius, bin_seeding=bin_seeding, cluster_all=True).fit(points)
    return Result(fitted.labels_.astype(np.int64), fitted.cluster_centers_)
