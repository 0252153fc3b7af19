"""scikit-learn's HDBSCAN."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.cluster import HDBSCAN

from .baseline import Metric, Result
from .closeness import euclidean_equivalent

SMALLEST_SHARE = 0.01
"""Share of the points that a cluster has at least. Our choice: the default, 5 points, breaks large clusters
into more pieces the more points there are."""
FEWEST_NEIGHBOURS = 5
"""Neighbours that smooth the density, and fewest points of a cluster: scikit-learn's default."""


def hdbscan(
    vectors: NDArray[np.float32],
    bandwidth: float,
    *,
    metric: Metric,
    clusters: int | None,
    seed: int,
    device: torch.device,
) -> Result:
    """Cluster by scikit-learn's HDBSCAN; the cosine metric is run on unit vectors.

    Parameters and return value are those of `Baseline.run`; only `vectors` and `metric` are used.
    """
    points, _ = euclidean_equivalent(vectors, bandwidth, metric)
    model = HDBSCAN(
        min_cluster_size=max(FEWEST_NEIGHBOURS, int(SMALLEST_SHARE * len(points))),
        min_samples=FEWEST_NEIGHBOURS,
        copy=True,
    )
    return Result(model.fit(points).labels_.astype(np.int64), None)
