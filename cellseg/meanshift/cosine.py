"""The cosine metric: d(a, b) = 1 - a.b / (|a| |b|); all that depends on the metric is here."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Points:
    """The points to cluster.

    Attributes
    ----------
    vectors : torch.Tensor, (n, D) float32
        As given: windows are averaged over these.
    directions : torch.Tensor, (n, D) float32
        The same with length 1: distances are measured between these.
    """

    vectors: Tensor
    directions: Tensor

    def __len__(self) -> int:
        return len(self.vectors)


def as_points(vectors: Tensor) -> Points:
    """Check vectors and compute their directions once.

    Parameters
    ----------
    vectors : torch.Tensor, (n, D) float32

    Returns
    -------
    Points

    Raises
    ------
    ValueError
        A vector is NaN, infinite or zero.
    """
    lengths = torch.linalg.vector_norm(vectors, dim=1, keepdim=True)
    if not lengths.isfinite().all():
        raise ValueError("vectors must be finite (in float32), but there is NaN or infinity among them")
    if (lengths == 0).any():
        raise ValueError("vectors must not be zero: the cosine distance of a zero vector is undefined")
    return Points(vectors, vectors / lengths)


def directions(vectors: Tensor) -> Tensor:
    """Scale vectors to length 1.

    Parameters
    ----------
    vectors : torch.Tensor, (m, D) float32
        Not zero.

    Returns
    -------
    torch.Tensor, (m, D) float32
    """
    lengths: Tensor = torch.linalg.vector_norm(vectors, dim=1, keepdim=True)
    return vectors / lengths


def least_similarity(bandwidth: float) -> float:
    """Give the smallest inner product of two directions within one window: d <= h.

    Parameters
    ----------
    bandwidth : float
        h, largest cosine distance.

    Returns
    -------
    float
    """
    return 1 - bandwidth


def check_bandwidth(bandwidth: float) -> None:
    """Refuse a bandwidth without meaning.

    Below 1, the mean of a window cannot vanish: every vector in it has a positive component along its centre.

    Parameters
    ----------
    bandwidth : float
        h, largest cosine distance.

    Raises
    ------
    ValueError
        It does not lie between 0 and 1.
    """
    if not 0 < bandwidth < 1:
        raise ValueError(f"bandwidth must lie between 0 and 1 for the cosine distance, not {bandwidth}")
