"""A bandwidth from the data, for those who have none."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from cellseg.meanshift.cores import Cores
from cellseg.meanshift.sample import draw_sample

_SAMPLE = 1000
_QUANTILE = 0.1
"""The k nearest neighbours of a vector are this share of the sample. Scikit-learn's default, 0.3, reaches
into the next cluster as soon as there are more than three."""


@torch.no_grad()
def estimate_bandwidth(vectors: Tensor, metric: str, rng: np.random.Generator) -> float:
    """Average, over a sample, the distance to the k-th nearest neighbour in it.

    The rule of scikit-learn's `estimate_bandwidth`, of at most 1,000 vectors: time is that of drawing them.

    Parameters
    ----------
    vectors : torch.Tensor, (n, D) floating
        n > 0.
    metric : str
        `cosine` or `euclidean`.
    rng : numpy.random.Generator

    Returns
    -------
    float
        Above 0; at most 0.99 for the cosine metric.

    Raises
    ------
    ValueError
        A vector of the sample is NaN or infinite.
    """
    index = torch.from_numpy(draw_sample(len(vectors), _SAMPLE, None, rng)).to(vectors.device)
    with Cores(torch.device("cpu")):
        few = vectors[index].to("cpu", torch.float64)
        if not few.isfinite().all():
            raise ValueError("vectors must be finite, but there is NaN or infinity among them")
        if metric == "cosine":
            few = torch.nn.functional.normalize(few, dim=1)
            distances = (1 - few @ few.T).clamp_min(0)
        else:
            distances = torch.cdist(few, few)
        neighbours = max(1, int(_QUANTILE * len(few)))
        width = float(distances.kthvalue(neighbours, dim=1).values.mean())
        if width < 1e-12 * float(distances.max()) or width == 0:
            # Most vectors coincide: a window small beside the distance of the others will do.
            width = 1e-3 * float(distances.max()) or 1e-3
    return min(width, 0.99) if metric == "cosine" else width
