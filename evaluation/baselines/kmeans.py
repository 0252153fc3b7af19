"""k-means and mini-batch k-means, told the true number of clusters."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.cluster import KMeans, MiniBatchKMeans

from .baseline import Metric, Result
from .closeness import euclidean_equivalent


def k_means(
    vectors: NDArray[np.float32],
    bandwidth: float,
    *,
    metric: Metric,
    clusters: int | None,
    seed: int,
    device: torch.device,
) -> Result:
    """Cluster by scikit-learn's KMeans with its defaults; the cosine metric is run on unit vectors.

    Parameters and return value are those of `Baseline.run`; `bandwidth` and `device` are not used.
    """
    return _fit(KMeans(clusters, random_state=seed), vectors, bandwidth, metric)


def mini_batch_k_means(
    vectors: NDArray[np.float32],
    bandwidth: float,
    *,
    metric: Metric,
    clusters: int | None,
    seed: int,
    device: torch.device,
) -> Result:
    """Cluster by scikit-learn's MiniBatchKMeans with its defaults; the cosine metric is run on unit vectors.

    Parameters and return value are those of `Baseline.run`; `bandwidth` and `device` are not used.
    """
    return _fit(MiniBatchKMeans(clusters, random_state=seed), vectors, bandwidth, metric)


def _fit(
    model: KMeans | MiniBatchKMeans, vectors: NDArray[np.float32], bandwidth: float, metric: Metric
) -> Result:
    points, _ = euclidean_equivalent(vectors, bandwidth, metric)
    model.fit(points)
    return Result(model.labels_.astype(np.int64), model.cluster_centers_)
