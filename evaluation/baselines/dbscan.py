"""scikit-learn's DBSCAN."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.cluster import DBSCAN

from .baseline import Metric, Result
from .closeness import euclidean_equivalent


def dbscan(
    vectors: NDArray[np.float32],
    bandwidth: float,
    *,
    metric: Metric,
    clusters: int | None,
    seed: int,
    device: torch.device,
) -> Result:
    """Cluster by scikit-learn's DBSCAN with the bandwidth as its radius, and its default of 5 neighbours.

    The cosine metric is run on unit vectors with the radius sqrt(2 h), which is exact and, unlike
    scikit-learn's own cosine metric, lets it use a tree. It chains neighbours: clusters closer than the
    bandwidth become one.

    Parameters and return value are those of `Baseline.run`; `clusters`, `seed` and `device` are not used.
    """
    points, radius = euclidean_equivalent(vectors, bandwidth, metric)
    return Result(DBSCAN(eps=radius).fit(points).labels_.astype(np.int64), None)
