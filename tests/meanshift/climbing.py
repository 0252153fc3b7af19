"""Ways to call the parts of the clusterer, and to call all of it with nothing left to chance."""

import numpy as np
import torch

from cellseg.meanshift import Osop, Patience, cluster
from cellseg.meanshift.clustering import METRICS
from cellseg.meanshift.cores import Cores
from cellseg.meanshift.prune import prune
from cellseg.meanshift.shift import shift


def points_of(vectors, bandwidth=0.1, metric="cosine"):
    """The points that the clusterer works on."""
    with Cores(torch.device("cpu")) as cores:
        return METRICS[metric].points(torch.as_tensor(np.asarray(vectors)), bandwidth, cores)[0]


def run(
    vectors,
    seeds,
    bandwidth=0.1,
    metric="cosine",
    early_stop=1.0,
    max_iterations=300,
    tolerance=1e-3,
    **kwargs,
):
    """Shift seeds over vectors, both float32 arrays."""
    patience = Patience(early_stop, max_iterations, tolerance)
    points = points_of(vectors, bandwidth, metric)
    with Cores(torch.device("cpu")) as cores:
        return shift(points, torch.from_numpy(seeds), patience, cores, **kwargs)


def on_a_line(*places):
    """Points (n, 1) on an axis."""
    return np.array(places, dtype=np.float32)[:, None]


def pruned(places, counts, bandwidth, metric="cosine"):
    """Which of the places remain."""
    return prune(points_of(places, bandwidth, metric), torch.tensor(counts)).tolist()


def everywhere(vectors, bandwidth=0.1, metric="cosine", **kwargs):
    """Cluster with every vector as a seed, on all vectors: exact mean-shift."""
    return cluster(
        vectors,
        bandwidth,
        metric,
        osop=Osop.fixed(len(vectors)),
        rng=np.random.default_rng(0),
        sample=None,
        max_uncovered=None,
        patience=Patience(early_stop=1.0),
        **kwargs,
    )
