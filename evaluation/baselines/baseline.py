"""What a baseline is: a clusterer behind the one signature of all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol, get_args

import numpy as np
import torch
from numpy.typing import NDArray

Metric = Literal["cosine", "euclidean"]
"""What "near" means. The bandwidth is the largest distance inside a window: 1 - cos, or the length."""


class Result(NamedTuple):
    """What a baseline found.

    Attributes
    ----------
    labels : numpy.ndarray, (n,) int64
        Cluster of every point, from 0; -1 = noise, where the method knows noise.
    centres : numpy.ndarray, (K, D) floating, or None
        Mode or mean of every cluster, in the order of the labels; None where the method has none.
    """

    labels: NDArray[np.int64]
    centres: NDArray[Any] | None


class Method(Protocol):
    """The signature of every method; see `Baseline.run`."""

    def __call__(
        self,
        vectors: NDArray[np.float32],
        bandwidth: float,
        *,
        metric: Metric,
        clusters: int | None,
        seed: int,
        device: torch.device,
    ) -> Result:
        """Cluster vectors whose kind and range have been checked."""
        ...


@dataclass(frozen=True)
class Baseline:
    """A clusterer to compare with, and what it can be compared on.

    Attributes
    ----------
    name : str
    method : Method
        Called by `run`, which has checked the arguments.
    description : str
        A few words for a table.
    metrics : tuple of str
        "cosine", "euclidean" or both.
    dimensions : tuple of int or None
        The D it is for; None = any.
    needs_clusters : bool
        Whether it is told the true number of clusters. The others ignore it.
    uses_device : bool
        Whether it computes on the device. The others compute on the CPU, whatever the device.
    most_points : int or None
        Where a harness had better stop, judged from how memory or time grow; nothing enforces it.
    """

    name: str
    method: Method
    description: str
    metrics: tuple[Metric, ...] = ("cosine", "euclidean")
    dimensions: tuple[int, ...] | None = None
    needs_clusters: bool = False
    uses_device: bool = False
    most_points: int | None = None

    def run(
        self,
        vectors: NDArray[np.float32],
        bandwidth: float,
        *,
        metric: Metric,
        clusters: int | None = None,
        seed: int = 0,
        device: torch.device | None = None,
    ) -> Result:
        """Cluster vectors.

        Parameters
        ----------
        vectors : numpy.ndarray, (n, D) float32
            n > 0; finite, and with the cosine metric not zero (this is not checked).
        bandwidth : float
            h, largest distance inside a window; for the cosine metric below 1.
        metric : "cosine" or "euclidean"
        clusters : int, optional
            The true K.
        seed : int
            Of all randomness: the same seed gives the same result.
        device : torch.device, optional
            The CPU by default.

        Returns
        -------
        Result

        Raises
        ------
        ValueError
            The method is not for this metric, D or bandwidth, or `clusters` is missing, or the vectors are
            not a table of float32.
        """
        if vectors.ndim != 2 or len(vectors) == 0 or vectors.dtype != np.float32:
            raise ValueError(
                f"vectors must be (n, D) float32 with n > 0, not {vectors.shape} {vectors.dtype}"
            )
        if metric not in get_args(Metric):
            raise ValueError(f"metric must be one of {', '.join(get_args(Metric))}, not {metric!r}")
        if metric not in self.metrics:
            raise ValueError(f"{self.name} is for the metric {' or '.join(self.metrics)}, not {metric}")
        dimension = vectors.shape[1]
        if self.dimensions is not None and dimension not in self.dimensions:
            wanted = " or ".join(map(str, self.dimensions))
            raise ValueError(f"{self.name} is for {wanted} dimensions, not {dimension}")
        if not 0 < bandwidth < (1 if metric == "cosine" else np.inf):
            raise ValueError(f"bandwidth {bandwidth} is out of range for the {metric} metric")
        if self.needs_clusters and clusters is None:
            raise ValueError(f"{self.name} must be told the number of clusters")
        return self.method(
            np.ascontiguousarray(vectors),
            bandwidth,
            metric=metric,
            clusters=clusters,
            seed=seed,
            device=device or torch.device("cpu"),
        )
