"""The Euclidean metric: d(a, b) = |a - b|, of You et al. 2021 (arXiv:2112.13891)."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from cellseg.meanshift.cores import Cores
from cellseg.meanshift.metric import Metric, Points

_FINEST = 1e-2
"""Share of h squared that rounding may take from a squared distance."""


class Euclidean(Metric):
    """Straight distance.

    |c - x|^2 is computed as |c|^2 + |x|^2 - 2 c.x, which loses what is small beside |x|^2: vectors far from 0
    are moved there, and ones that spread too far for float32 are computed in float64.
    """

    def check_bandwidth(self, bandwidth: float) -> None:
        """Refuse what is not above 0 and finite, its square too."""
        if not (bandwidth > 0 and math.isfinite(float(bandwidth) * float(bandwidth))):
            raise ValueError(f"bandwidth must be above 0 and finite, not {bandwidth}")

    def points(self, vectors: Tensor, bandwidth: float, cores: Cores) -> tuple[Points, Tensor | None]:
        """Refuse NaN and infinity; move far vectors to 0, and take float64 for far-spread ones."""
        if vectors.dtype != torch.float64:
            vectors = vectors.to(torch.float32)
        origin, dtype = None, torch.float32
        if len(vectors):
            low, high = vectors.min(dim=0).values, vectors.max(dim=0).values
            if not (low.isfinite().all() and high.isfinite().all()):
                raise ValueError("vectors must be finite, but there is NaN or infinity among them")
            if not _tells(torch.maximum(-low, high), bandwidth):
                origin = low / 2 + high / 2
                vectors = vectors - origin
                if not _tells(high / 2 - low / 2, bandwidth):
                    dtype = torch.float64
                    if vectors.device.type == "mps":
                        raise ValueError(
                            "the bandwidth is too small beside the vectors' spread for float32, and this "
                            "device has no float64: move the vectors to the CPU"
                        )
        vectors = vectors.to(dtype)
        points = self.under(vectors, bandwidth, cores)
        if not (points.least < math.inf).all():
            raise ValueError("vectors must be finite, their squares too, but some reach too far for float64")
        return points, origin

    def least_scores(self, vectors: Tensor, bandwidth: float) -> Tensor:
        """Give (|x|^2 - h^2) / 2: d <= h is c . x - |c|^2 / 2 >= (|x|^2 - h^2) / 2."""
        # Not the square of the length: a root in between would cost rims that are exact.
        return vectors.square().sum(dim=1).sub_(bandwidth**2).div_(2)

    def steps(self, before: Tensor, after: Tensor) -> Tensor:
        """Give |after - before|."""
        lengths: Tensor = torch.linalg.vector_norm(after - before, dim=1)
        return lengths

    def scorers(self, centres: Tensor) -> tuple[Tensor, Tensor | None]:
        """Give the centres and -|c|^2 / 2."""
        return centres, centres.square().sum(dim=1, keepdim=True).div_(-2)


def _tells(reach: Tensor, bandwidth: float) -> bool:
    """Whether float32 tells distances of the bandwidth among vectors that reach so far from 0 per axis."""
    lost = torch.finfo(torch.float32).eps * float(reach.square().sum())
    return lost <= _FINEST * bandwidth**2
