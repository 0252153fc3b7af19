"""Faster Mean-shift as a scikit-learn estimator."""

from __future__ import annotations

from typing import Any, Literal, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data
from torch import Tensor

from cellseg.meanshift.bandwidth import estimate_bandwidth
from cellseg.meanshift.clustering import SAMPLE, cluster, nearest_mode
from cellseg.meanshift.clusters import Clusters
from cellseg.meanshift.osop import Osop
from cellseg.meanshift.shift import Patience


class FasterMeanShift(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Mean-shift clustering from few seeds on a sample (Zhao et al. 2021; You et al. 2021).

    Takes numpy arrays and torch tensors (on any device), and gives back the same kind. A batch (B, n, D) is
    clustered item by item; labels are then (B, n), and centres and iterations lists of B.

    Parameters
    ----------
    bandwidth : float or None
        Largest distance inside the flat kernel; None estimates it from a sample, in time linear in n.
    metric : str
        `euclidean` or `cosine`. Under the latter, distances ignore lengths, but longer vectors weigh more in
        the mean of a window: make them unit vectors if they should not.
    seeds : int or None
        Fixed number of seeds, at most as many as the sample; None lets the seed policy of the metric's paper
        choose.
    sample : int or None
        Vectors that seeds climb on before the modes climb on all; None climbs on all at once.
    max_uncovered : int or None
        Residual rounds seek more clusters until at most so many vectors are farther than the bandwidth from
        every centre, nothing new is found, or there were 16; None makes no such rounds.
    cluster_all : bool
        Whether vectors farther than the bandwidth from every centre go to the nearest one, too, or are -1.
    max_iter : int
        Most shifts of a seed.
    random_state : int, RandomState or None
        Draws sample and seeds.

    Attributes
    ----------
    labels_ : (n,) int32
        Index of the centre of each vector of the last fit.
    cluster_centers_ : (K, D) float32, or float64 where distances needed it
        The modes, in descending order of the vectors in their windows.
    bandwidth_ : float
        That was used.
    n_iter_ : int
        Mean-shift iterations.
    uncovered_ : int
        Vectors farther than the bandwidth from every centre.
    n_features_in_ : int
        D.

    Examples
    --------
    >>> import numpy as np
    >>> from cellseg.meanshift import FasterMeanShift
    >>> vectors = np.repeat([[0.0, 0.0], [5.0, 5.0]], 50, axis=0)
    >>> FasterMeanShift(bandwidth=1.0).fit_predict(vectors)[[0, 99]]
    array([0, 1], dtype=int32)
    """

    def __init__(
        self,
        bandwidth: float | None = None,
        *,
        metric: Literal["euclidean", "cosine"] = "euclidean",
        seeds: int | None = None,
        sample: int | None = SAMPLE,
        max_uncovered: int | None = 0,
        cluster_all: bool = True,
        max_iter: int = 300,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.bandwidth = bandwidth
        self.metric = metric
        self.seeds = seeds
        self.sample = sample
        self.max_uncovered = max_uncovered
        self.cluster_all = cluster_all
        self.max_iter = max_iter
        self.random_state = random_state

    def fit(self, X: ArrayLike | Tensor, y: object = None) -> Self:
        """Find the clusters.

        Parameters
        ----------
        X : array_like or torch.Tensor, (n, D) or (B, n, D) floating
        y : object
            Ignored.

        Returns
        -------
        FasterMeanShift
            Itself.

        Raises
        ------
        ValueError
            There is no vector; one is NaN, infinite, or (cosine) zero; or a parameter is out of its range.
        """
        vectors = self._vectors(X, reset=True)
        rng = np.random.default_rng(check_random_state(self.random_state).randint(2**31))
        is_batch = vectors.ndim == 3
        fits = [self._fit_one(item, rng) for item in (vectors if is_batch else vectors[None])]
        widths, found = zip(*fits, strict=True)
        labels = [_in_kind(clusters.labels, X) for clusters in found]
        centres = [_in_kind(clusters.modes, X) for clusters in found]
        iterations = [clusters.iterations for clusters in found]
        uncovered = [clusters.uncovered for clusters in found]
        if is_batch:
            stack = torch.stack if isinstance(X, Tensor) else np.stack
            self.labels_, self.cluster_centers_ = stack(labels), centres
            self.bandwidth_, self.n_iter_, self.uncovered_ = list(widths), iterations, uncovered
        else:
            self.labels_, self.cluster_centers_ = labels[0], centres[0]
            self.bandwidth_, self.n_iter_, self.uncovered_ = widths[0], iterations[0], uncovered[0]
        return self

    def predict(self, X: ArrayLike | Tensor) -> NDArray[np.int32] | Tensor:
        """Label vectors with the nearest centre of the last fit.

        Parameters
        ----------
        X : array_like or torch.Tensor, (m, D) floating

        Returns
        -------
        numpy.ndarray or torch.Tensor, (m,) int32
            -1 for vectors farther than the bandwidth from every centre, unless `cluster_all`.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            There was no fit.
        ValueError
            As `fit`; or the last fit was of a batch.
        """
        check_is_fitted(self)
        if isinstance(self.cluster_centers_, list) or getattr(X, "ndim", 2) == 3:
            raise ValueError("predict takes one set of vectors (m, D), after a fit of one set")
        vectors = self._vectors(X, reset=False)
        centres = torch.as_tensor(self.cluster_centers_, device=vectors.device)
        labels = nearest_mode(vectors, centres, self.bandwidth_, self.metric, cluster_all=self.cluster_all)
        return _in_kind(labels, X)

    def _vectors(self, X: ArrayLike | Tensor, *, reset: bool) -> Tensor:
        """Check the input as scikit-learn does, and give it as a tensor."""
        if not isinstance(X, Tensor):
            array = validate_data(self, X, reset=reset, dtype=[np.float32, np.float64], allow_nd=True)
            if array.ndim > 3 or 0 in array.shape:
                raise ValueError(f"X must be (n, D) or a batch (B, n, D), and not empty, not {array.shape}")
            if reset:
                self.n_features_in_ = array.shape[-1]
            return torch.from_numpy(np.require(array, requirements=["C", "W"]))
        if X.ndim not in (2, 3) or 0 in X.shape:
            raise ValueError(f"X must be (n, D) or a batch (B, n, D), and not empty, not {tuple(X.shape)}")
        if reset:
            self.n_features_in_ = X.shape[-1]
        elif X.shape[-1] != self.n_features_in_:
            raise ValueError(f"X has {X.shape[-1]} features, but the fit was with {self.n_features_in_}")
        return X

    def _fit_one(self, vectors: Tensor, rng: np.random.Generator) -> tuple[float, Clusters]:
        """Cluster one set of vectors; its bandwidth and clusters."""
        width = self.bandwidth
        if width is None:
            width = estimate_bandwidth(vectors, self.metric, rng)
        policy = Osop() if self.metric == "cosine" else Osop.euclidean()
        found = cluster(
            vectors,
            width,
            self.metric,
            osop=policy if self.seeds is None else Osop.fixed(self.seeds),
            rng=rng,
            sample=self.sample,
            max_uncovered=self.max_uncovered,
            patience=Patience(max_iterations=self.max_iter),
            cluster_all=self.cluster_all,
        )
        return width, found


def _in_kind(values: Tensor, example: object) -> Any:
    """Give a tensor where there was one, else an array."""
    return values if isinstance(example, Tensor) else values.cpu().numpy()
