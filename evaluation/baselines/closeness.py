"""Distance as an inner product of two tables, so that one matrix product compares points with centres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .baseline import Metric


@dataclass(frozen=True)
class Closeness:
    """A measure that falls with the distance: cos for the cosine metric, -d^2 / 2 for the Euclidean one.

    Closeness of point p and centre c is `point_table(p) @ centre_table(c)`. For the Euclidean metric,

        -|p - c|^2 / 2 = [p, -|p|^2 / 2, 1] . [c, 1, -|c|^2 / 2],

    taken about `origin`, near which float32 loses least.

    Attributes
    ----------
    metric : "cosine" or "euclidean"
    bandwidth : float
        h.
    origin : numpy.ndarray, (D,)
        Zero for the cosine metric.
    """

    metric: Metric
    bandwidth: float
    origin: NDArray[Any]

    @property
    def least(self) -> float:
        """Smallest closeness within one window: d <= h."""
        return 1 - self.bandwidth if self.metric == "cosine" else -(self.bandwidth**2) / 2

    def point_table(self, points: NDArray[Any]) -> NDArray[Any]:
        """Give the left factor, (n, E), of the points, (n, D); E is D or D + 2."""
        if self.metric == "cosine":
            return unit(points)
        moved = points - self.origin
        return np.hstack([moved, _half_squares(moved), np.ones_like(moved[:, :1])])

    def centre_table(self, centres: NDArray[Any]) -> NDArray[Any]:
        """Give the right factor, (m, E), of the centres, (m, D); E is D or D + 2."""
        if self.metric == "cosine":
            return unit(centres)
        moved = centres - self.origin
        return np.hstack([moved, np.ones_like(moved[:, :1]), _half_squares(moved)])


def closeness(vectors: NDArray[Any], metric: Metric, bandwidth: float) -> Closeness:
    """Choose the closeness for these vectors.

    Parameters
    ----------
    vectors : numpy.ndarray, (n, D)
    metric : "cosine" or "euclidean"
    bandwidth : float
        h.

    Returns
    -------
    Closeness
    """
    origin = np.zeros_like(vectors[0])
    if metric == "euclidean":
        origin = vectors.mean(axis=0, dtype=np.float64).astype(vectors.dtype)
    return Closeness(metric, bandwidth, origin)


def unit(vectors: NDArray[Any]) -> NDArray[Any]:
    """Scale vectors, (m, D), to length 1; a zero vector stays zero, at distance 1 from everything."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1)


def euclidean_equivalent(
    vectors: NDArray[np.float32], bandwidth: float, metric: Metric
) -> tuple[NDArray[np.float32], float]:
    """Translate for peers that know the Euclidean distance alone.

    For unit vectors |a - b|^2 = 2 (1 - cos), so the cosine distance h is the radius sqrt(2 h) between them.
    The equivalence is exact between points. A mean of unit vectors is shorter than 1, so the window around it
    is slightly narrower than the cosine one.

    Parameters
    ----------
    vectors : numpy.ndarray, (n, D) float32
    bandwidth : float
        h.
    metric : "cosine" or "euclidean"

    Returns
    -------
    numpy.ndarray, (n, D) float32
        Unit vectors for the cosine metric; else the vectors as they are.
    float
        The radius.
    """
    if metric == "cosine":
        return unit(vectors), float(np.sqrt(2 * bandwidth))
    return vectors, bandwidth


def _half_squares(vectors: NDArray[Any]) -> NDArray[Any]:
    halves: NDArray[Any] = -0.5 * np.einsum("ij,ij->i", vectors, vectors)
    return halves[:, None]
