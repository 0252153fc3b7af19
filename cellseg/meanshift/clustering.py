"""The front door: from vectors to clusters."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from cellseg.meanshift.assign import assign
from cellseg.meanshift.clusters import Clusters
from cellseg.meanshift.cores import Cores
from cellseg.meanshift.cosine import as_points, check_bandwidth
from cellseg.meanshift.osop import Osop
from cellseg.meanshift.precision import full_float32
from cellseg.meanshift.prune import prune
from cellseg.meanshift.seeds import seed_order
from cellseg.meanshift.shift import shift


@torch.no_grad()
def cluster(
    vectors: Tensor | NDArray[Any],
    bandwidth: float = 0.1,
    *,
    osop: Osop,
    rng: np.random.Generator,
    foreground_ratio: float = 1.0,
    strata: Tensor | ArrayLike | None = None,
    early_stop: float = 0.9,
    max_iterations: int = 300,
    tolerance: float = 1e-3,
    cluster_all: bool = True,
) -> Clusters:
    """Cluster vectors by Faster Mean-shift with the cosine metric (Zhao et al. 2021).

    Seeds are vectors: of the policy's N seeds on the image, Binomial(N, r) hit the foreground and are drawn.
    If I is known, N is settled beforehand. If not, the seeds are clustered, I is the number of modes, and N
    doubles until it is enough for that I; each time, only new seeds are drawn, and join the old ones.

    The same vectors, policy, state of `rng`, device and number of threads give the same result, bit by bit.

    Parameters
    ----------
    vectors : torch.Tensor or numpy.ndarray, (n, D), half to double
        The foreground, of about length 1: means are over the vectors as they are; distances ignore length.
        Computed in float32, on the device of the tensor.
    bandwidth : float
        h, largest cosine distance inside the flat kernel; between 0 and 1.
    osop : Osop
        The seed policy: `Osop()` for the first call, then `Clusters.osop`.
    rng : numpy.random.Generator
        Draws the seeds.
    foreground_ratio : float
        r, share of the image that the vectors make up, 0..1; 1 where there is no image.
    strata : torch.Tensor or array_like, (n,) int, optional
        Part of the image that each vector belongs to, from 0. Seeds are shared out in proportion, at least
        one to each part; if they are fewer than the parts, to the largest parts.
    early_stop : float
        gamma: shifting ends when this share of the seeds has converged; above 0, at most 1.
    max_iterations : int
        Most iterations of a batch of seeds.
    tolerance : float
        A seed has converged when it moves by less than this share of the bandwidth.
    cluster_all : bool
        Whether vectors farther than h from every mode go to the nearest one, too (as published), or are -1.

    Returns
    -------
    Clusters
        Without modes if there are no vectors or r = 0.

    Raises
    ------
    ValueError
        The vectors are not (n, D), or one is NaN, infinite or zero; or another argument is out of its range.
    """
    _check_ranges(bandwidth, foreground_ratio, early_stop, max_iterations, tolerance)
    vectors = _as_float32(vectors)
    groups = None if strata is None else _as_strata(strata, len(vectors))
    order = torch.from_numpy(seed_order(len(vectors), osop.max_seeds, groups, rng)).to(vectors.device)

    with full_float32(), Cores(vectors.device) as cores:
        points = as_points(vectors)
        climb = partial(
            shift,
            points,
            bandwidth=bandwidth,
            early_stop=early_stop,
            max_iterations=max_iterations,
            tolerance=tolerance,
            cores=cores,
        )
        policy = osop.grown(foreground_ratio, osop.instances or 0)
        rests = climb(vectors[:0])
        chosen = prune(rests.positions, rests.counts, bandwidth)
        seeds = drawn = 0
        while seeds < policy.seeds and drawn < len(order):
            hits = int(rng.binomial(policy.seeds - seeds, foreground_ratio))
            if drawn == 0 and foreground_ratio > 0:
                hits = max(1, hits)  # without any seed, all vectors would be lost
            batch = order[drawn : drawn + hits]
            rests = rests.joined(climb(vectors[batch]))
            chosen = prune(rests.positions, rests.counts, bandwidth)
            seeds, drawn = policy.seeds, drawn + len(batch)
            if not osop.instances:
                policy = policy.grown(foreground_ratio, len(chosen))
        modes = rests.positions[chosen]
        labels = assign(points, modes, bandwidth, cluster_all=cluster_all, cores=cores)

    instances = osop.instances or len(modes)
    return Clusters(
        labels=labels,
        modes=modes,
        counts=rests.counts[chosen],
        seeds=policy.seeds,
        foreground_seeds=drawn,
        converged=rests.converged / drawn if drawn else 1.0,
        iterations=rests.iterations,
        foreground_ratio=foreground_ratio,
        instances=instances,
        required=osop.required(foreground_ratio, instances),
        osop=policy.after(foreground_ratio, instances),
    )


def _as_float32(vectors: Tensor | NDArray[Any]) -> Tensor:
    if not isinstance(vectors, Tensor):
        with np.errstate(over="ignore"):  # what overflows becomes infinite, and is refused as such
            vectors = torch.from_numpy(np.array(vectors, dtype=np.float32, order="C"))
    if vectors.ndim != 2:
        raise ValueError(f"vectors must have the shape (n, D), not {tuple(vectors.shape)}")
    return vectors.to(torch.float32).contiguous()


def _as_strata(strata: Tensor | ArrayLike, count: int) -> NDArray[np.int64]:
    groups = np.asarray(strata.cpu() if isinstance(strata, Tensor) else strata)
    if groups.shape != (count,):
        raise ValueError(f"strata must be one number for each of the {count} vectors, not {groups.shape}")
    if groups.size and (groups.dtype.kind not in "iu" or groups.min() < 0):
        raise ValueError("strata must be whole numbers from 0")
    return groups.astype(np.int64)


def _check_ranges(
    bandwidth: float, foreground_ratio: float, early_stop: float, max_iterations: int, tolerance: float
) -> None:
    check_bandwidth(bandwidth)
    if not 0 <= foreground_ratio <= 1:
        raise ValueError(f"foreground_ratio must be from 0 to 1, not {foreground_ratio}")
    if not 0 < early_stop <= 1:
        raise ValueError(f"early_stop must be above 0 and at most 1, not {early_stop}")
    if max_iterations < 1:
        raise ValueError(f"max_iterations must be at least 1, not {max_iterations}")
    if not tolerance > 0:
        raise ValueError(f"tolerance must be above 0, not {tolerance}")
