"""The cosine metric: d(a, b) = 1 - a.b / (|a| |b|), of Zhao et al. 2021."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from cellseg.meanshift.cores import Cores
from cellseg.meanshift.metric import Metric, Points


class Cosine(Metric):
    """Distance between directions: 0 for equal ones, 1 for orthogonal ones, whatever the lengths."""

    def check_bandwidth(self, bandwidth: float) -> None:
        """Refuse what does not lie between 0 and 1.

        Below 1, the mean of a window cannot vanish: every vector in it has a positive component along its
        centre.
        """
        if not 0 < bandwidth < 1:
            raise ValueError(f"bandwidth must lie between 0 and 1 for the cosine distance, not {bandwidth}")

    def points(self, vectors: Tensor, bandwidth: float, cores: Cores) -> tuple[Points, Tensor | None]:
        """Refuse vectors that are NaN, infinite, or zero and so without direction; compute in float32."""
        vectors = vectors.to(torch.float32)
        points = self.under(vectors, bandwidth, cores)
        least, most = points.least.aminmax() if len(vectors) else (1.0, 1.0)
        if not most < math.inf:  # NaN is not below it either
            raise ValueError(
                "vectors and their squares must be finite in float32, but there is NaN or infinity"
            )
        if least == 0:
            raise ValueError(
                "vectors must not be zero, also not in float32: no cosine distance is defined for them"
            )
        return points, None

    def least_scores(self, vectors: Tensor, bandwidth: float) -> Tensor:
        """Give (1 - h) |x|: d <= h is c . x / |c| >= (1 - h) |x|."""
        return _lengths(vectors).mul_(1 - bandwidth)

    def steps(self, before: Tensor, after: Tensor) -> Tensor:
        """Give |after - before| / |after|: the published step, of vectors of whatever length."""
        return _lengths(after - before) / _lengths(after)

    def scorers(self, centres: Tensor) -> tuple[Tensor, Tensor | None]:
        """Give the directions c / |c|."""
        return centres / _lengths(centres)[:, None], None


def _lengths(vectors: Tensor) -> Tensor:
    lengths: Tensor = torch.linalg.vector_norm(vectors, dim=1)
    return lengths
