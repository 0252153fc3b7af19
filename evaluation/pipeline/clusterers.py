"""The clusterers of the papers, and ours, as `label_tiles` takes them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from torch import Tensor

from cellseg.config import Clustering
from cellseg.pair_clusters import seed_policy
from cellseg.published import Clusterer, TileClusterer

from ..baselines import BASELINES
from ..baselines.published_faster_mean_shift import SeedState, published_cosine

SEED = 0


def _ours(clustering: Clustering, device: torch.device) -> Clusterer:
    return TileClusterer(clustering, seed_policy(clustering), np.random.default_rng(SEED))


def _published(clustering: Clustering, device: torch.device) -> Clusterer:
    """Hand the number of seeds on from tile to tile and pair to pair: there it belongs to the process."""
    state, rng = SeedState(), np.random.default_rng(SEED)

    def run(vectors: Tensor) -> np.ndarray:
        return published_cosine(vectors.cpu().numpy(), clustering.bandwidth, state, rng, device).labels

    return run


def _baseline(name: str, clustering: Clustering, device: torch.device) -> Clusterer:
    def run(vectors: Tensor) -> np.ndarray:
        points = vectors.cpu().numpy()
        return (
            BASELINES[name]
            .run(points, clustering.bandwidth, metric="cosine", seed=SEED, device=device)
            .labels
        )

    return run


CLUSTERERS: dict[str, Callable[[Clustering, torch.device], Clusterer]] = {
    "cellseg": _ours,
    "published-faster-mean-shift": _published,
    **{name: partial(_baseline, name) for name in ("payer", "gpu-h", "gpu-p")},
}
"""Makers of clusterers for a run, by name."""
