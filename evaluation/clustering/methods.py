"""Our program and its baselines behind one signature, and one of them at work on one data set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from cellseg.meanshift import Osop, cluster

from ..baselines import BASELINES, Baseline, Metric, Result

OURS = "cellseg"
WARM_UP_POINTS = 512


def faster_mean_shift(
    vectors: NDArray[np.float32],
    bandwidth: float,
    *,
    metric: Metric,
    clusters: int | None,
    seed: int,
    device: torch.device,
) -> Result:
    """Cluster by this program as it is, from an array in memory to labels in memory.

    Parameters and return value are those of `Baseline.run`; `clusters` is not used.
    """
    found = cluster(
        torch.from_numpy(vectors).to(device),
        bandwidth,
        metric,
        osop=Osop() if metric == "cosine" else Osop.euclidean(),
        rng=np.random.default_rng(seed),
    )
    return Result(found.labels.cpu().numpy().astype(np.int64), found.modes.cpu().numpy())


METHODS = {OURS: Baseline(OURS, faster_mean_shift, "this program", uses_device=True), **BASELINES}
"""Every method by its name, this program first."""
OF_THE_PAPERS = (OURS, "published-faster-mean-shift", "payer", "gpu-h", "gpu-p")
"""The methods that the papers compare."""


@dataclass(frozen=True)
class MethodOnData:
    """One method on one data set (`process.Work`).

    Attributes
    ----------
    method : str
        A key of `METHODS`.
    path : Path
        An .npz file with `vectors` (n, D) float32 and `truth` (n,), in random order.
    bandwidth : float
    metric : str
    clusters : int
        The true K.
    device : str
        The CPU for a method that does not use any other.
    """

    method: str
    path: Path
    bandwidth: float
    metric: Metric
    clusters: int
    device: str

    def prepare(self) -> Callable[[], Result]:
        """Load the data, and cluster a few points, so that libraries are loaded and threads have started."""
        with np.load(self.path) as file:
            vectors = file["vectors"]
        run = partial(
            METHODS[self.method].run,
            bandwidth=self.bandwidth,
            metric=self.metric,
            clusters=self.clusters,
            device=torch.device(self.device),
        )
        run(vectors[:WARM_UP_POINTS])
        return partial(run, vectors)

    def describe(self, result: Result) -> dict[str, Any]:
        """Tell how many clusters were found, and the adjusted Rand index against the truth."""
        with np.load(self.path) as file:
            truth = file["truth"]
        return {
            "clusters": int(result.labels.max(initial=-1)) + 1,
            "ari": float(adjusted_rand_score(truth, result.labels)),
        }
