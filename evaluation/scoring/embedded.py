"""Methods that make instances of the same embeddings: they differ in the clusterer alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial import KDTree

from cellseg.config import Clustering
from cellseg.labelled_pair import go_on
from cellseg.meanshift import Osop, Patience, cluster
from cellseg.pair_clusters import cluster_pair, seed_policy
from cellseg.pair_instances import pair_instances
from cellseg.rshn import Pair

from ..baselines import BASELINES

OURS = "cellseg"
EVERY_PIXEL = "mean-shift from every pixel"
SWAPPED = ("hdbscan", "dbscan", "k-means")
MOST_SEEDS = 10_000
"""Seeds of exact mean-shift where the foreground of a pair has more pixels."""
SAMPLE = 5_000
"""Vectors that the swapped clusterers see, for their time grows with the square; the others follow them."""

Vectors = NDArray[np.float32]
Cluster = Callable[[Vectors, float, int], NDArray[np.integer]]
"""Takes vectors (n, D), the foreground ratio r and the true number of instances; gives clusters (n,)."""


class Labeller:
    """Labels one pair after the other.

    Parameters
    ----------
    clustering : Clustering
    threshold : float
        Pixels of cells are those whose squared e0 component is below it.
    min_pixels : int
        Smallest instance, in network pixels over both frames.
    run : callable, optional
        A `Cluster`; without it, what `infer` does.
    change : callable, optional
        Gives the pair that `infer` would cluster instead; instances are made of the pair as it is.
    """

    def __init__(
        self,
        clustering: Clustering,
        threshold: float,
        min_pixels: int,
        run: Cluster | None = None,
        change: Callable[[Pair], Pair] = lambda pair: pair,
    ) -> None:
        self._clustering = clustering
        self._threshold = threshold
        self._min_pixels = min_pixels
        self._run = run
        self._change = change
        self._policy = seed_policy(clustering)
        self._rng = np.random.default_rng(0)

    def __call__(self, pair: Pair, instances: int) -> NDArray[np.int32]:
        """Label a pair of which the truth has so many instances: (2, Y', X') int32."""
        if self._run is None:
            found, cells = cluster_pair(
                self._change(pair), self._clustering, self._threshold, self._policy, self._rng
            )
            clusters, foreground = found.labels.cpu().numpy(), cells.cpu().numpy()
            labels = pair_instances(pair, clusters, foreground, self._clustering, self._min_pixels)
            self._policy = go_on(found.osop, labels)
            return labels
        both = torch.stack([half.vectors for half in (pair.first, pair.second)])
        cells = both[:, 0].square() < self._threshold
        vectors = both.movedim(1, -1)[cells].float().cpu().numpy()
        ratio = len(vectors) / cells.numel()
        clusters = np.zeros(0, np.int32)
        if len(vectors):
            clusters = self._run(vectors, ratio, instances).astype(np.int32)
        return pair_instances(pair, clusters, cells.cpu().numpy(), self._clustering, self._min_pixels)


def every_pixel(bandwidth: float) -> Cluster:
    """Make exact mean-shift from every vector, or from 10,000 of them: what fewer seeds can reach at most."""

    def run(vectors: Vectors, ratio: float, instances: int) -> NDArray[np.integer]:
        seeds = min(len(vectors), MOST_SEEDS)
        return _plain(vectors, bandwidth, seeds, ratio=1.0, patience=Patience(early_stop=1.0))

    return run


def so_many_seeds(bandwidth: float, seeds: int) -> Cluster:
    """Make the papers' mean-shift with a fixed number N of seeds on the image, and nothing on top of it."""

    def run(vectors: Vectors, ratio: float, instances: int) -> NDArray[np.integer]:
        return _plain(vectors, bandwidth, seeds, ratio=ratio, patience=Patience())

    return run


def swapped(name: str, bandwidth: float) -> Cluster:
    """Make another clusterer, by its name in `evaluation.baselines`."""

    def run(vectors: Vectors, ratio: float, instances: int) -> NDArray[np.integer]:
        chosen = np.random.default_rng(0).permutation(len(vectors))[:SAMPLE]
        labels = (
            BASELINES[name]
            .run(
                vectors[chosen],
                bandwidth,
                metric="cosine",
                clusters=max(1, min(instances, len(chosen))),
                seed=0,
                device=torch.device("cpu"),
            )
            .labels
        )
        # What a clusterer calls noise stays background, with all that is nearest to it.
        _, nearest = KDTree(vectors[chosen]).query(vectors, workers=-1)
        result: NDArray[np.integer] = labels[nearest]
        return result

    return run


def _plain(
    vectors: Vectors, bandwidth: float, seeds: int, *, ratio: float, patience: Patience
) -> NDArray[np.integer]:
    policy = replace(Osop.fixed(seeds), max_seeds=max(seeds, 1))
    found = cluster(
        vectors,
        bandwidth,
        osop=policy,
        foreground_ratio=ratio,
        sample=None,
        max_uncovered=None,
        patience=patience,
        cluster_all=True,
    )
    labels: NDArray[np.integer] = found.labels.cpu().numpy()
    return labels
