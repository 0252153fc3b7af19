"""The front door: from vectors to clusters."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from cellseg.meanshift.assign import assign
from cellseg.meanshift.clusters import Clusters
from cellseg.meanshift.cores import Cores
from cellseg.meanshift.cosine import Cosine
from cellseg.meanshift.euclidean import Euclidean
from cellseg.meanshift.metric import Metric, Points
from cellseg.meanshift.osop import Osop
from cellseg.meanshift.precision import full_float32
from cellseg.meanshift.residual import MOST_ROUNDS, residual_modes
from cellseg.meanshift.sample import draw_sample
from cellseg.meanshift.search import search
from cellseg.meanshift.shift import Patience, shift

METRICS: dict[str, Metric] = {"cosine": Cosine(), "euclidean": Euclidean()}

SAMPLE = 4096
"""Vectors that seeds climb on. A measured heuristic (`evaluation/clustering_speed.py`), not a bound: uniform
convergence of the share of points in a ball would ask for about a hundred times as many."""


@torch.no_grad()
def cluster(
    vectors: Tensor | NDArray[Any],
    bandwidth: float = 0.1,
    metric: Literal["cosine", "euclidean"] = "cosine",
    *,
    osop: Osop | None = None,
    rng: np.random.Generator | None = None,
    foreground_ratio: float = 1.0,
    strata: Tensor | ArrayLike | None = None,
    initial_modes: Tensor | NDArray[Any] | None = None,
    sample: int | None = SAMPLE,
    max_uncovered: int | None = 0,
    patience: Patience | None = None,
    cluster_all: bool = True,
) -> Clusters:
    """Cluster vectors by Faster Mean-shift (Zhao et al. 2021; You et al. 2021 for the Euclidean metric).

    Seeds are vectors: of the policy's N seeds on the image, Binomial(N, r) hit the foreground and are drawn.

    On top of the papers: seeds climb on a sample, and the modes found there then climb on all vectors until
    they rest, so that they are modes of the whole density; vectors that are far from every mode then seed
    residual rounds (`max_uncovered`). `sample=None, max_uncovered=None` leaves both out.

    The same vectors, policy, state of `rng`, device and number of threads give the same result, bit by bit.

    Parameters
    ----------
    vectors : torch.Tensor or numpy.ndarray, (n, D), half to double
        Means are over the vectors as they are. Under the cosine metric distances ignore lengths, but longer
        vectors weigh more in a mean: make them unit vectors if they should not. Computed in float32 (float64
        where Euclidean distances need it), on the device of the tensor.
    bandwidth : float
        h, largest distance inside the flat kernel; between 0 and 1 for the cosine metric.
    metric : str
        `cosine` or `euclidean`.
    osop : Osop, optional
        The seed policy: `Osop()` for the first call (as is None), then `Clusters.osop`.
    rng : numpy.random.Generator, optional
        Draws sample and seeds; None starts from the same state every time.
    foreground_ratio : float
        r, share of the image that the vectors make up, 0..1; 1 where there is no image.
    strata : torch.Tensor or array_like, (n,) int, optional
        Part of the image that each vector belongs to, from 0. Seeds are shared out in proportion, at least
        one to each part; if they are fewer than the parts, to the largest parts.
    initial_modes : torch.Tensor or numpy.ndarray, (m, D), optional
        Places to climb from besides the seeds, such as the modes of the pair of frames before (warm start).
    sample : int or None
        Vectors that seeds climb on, and are themselves some of; None climbs on all.
    max_uncovered : int or None
        Residual rounds go on until at most so many vectors are farther than h from every mode, a round finds
        no new mode, or there were 16; None makes none.
    patience : Patience, optional
        When shifting ends: early stop gamma, iterations, tolerance.
    cluster_all : bool
        Whether vectors farther than h from every mode go to the nearest one, too (as published), or are -1.

    Returns
    -------
    Clusters
        Without modes if there are no vectors or r = 0.

    Raises
    ------
    ValueError
        The vectors are not (n, D), one is NaN, infinite, or (cosine) zero; or another argument is out of its
        range.

    Examples
    --------
    >>> import numpy as np
    >>> vectors = np.repeat(np.eye(3), 100, axis=0)
    >>> cluster(vectors, bandwidth=0.1).modes.shape
    torch.Size([3, 3])
    """
    osop, patience = osop or Osop(), patience or Patience()
    rng = rng or np.random.default_rng(0)
    _check_ranges(metric, bandwidth, foreground_ratio, sample, max_uncovered)
    tensor = _as_tensor(vectors)
    groups = None if strata is None else _as_strata(strata, len(tensor))

    with Cores(tensor.device) as cores, full_float32():
        points, origin = METRICS[metric].points(tensor, bandwidth, cores)
        known = None if initial_modes is None else _brought(initial_modes, points, origin, cores)
        is_sampled = sample is not None and sample < len(points)
        size = sample if sample is not None and is_sampled else osop.max_seeds
        indices = torch.from_numpy(draw_sample(len(points), size, groups, rng)).to(tensor.device)
        drawn_points = points.take(indices)
        ground = drawn_points if is_sampled else points
        seeds = drawn_points.vectors[: osop.max_seeds]
        # On a sample stragglers go on with the modes, in the polish; else they are dropped, as published.
        climb = partial(shift, ground, patience=patience, cores=cores, keep_stragglers=is_sampled)
        begun = climb(points.vectors[:0] if known is None or foreground_ratio == 0 else known)
        rests, policy, drawn = search(points, seeds, begun, climb, osop, foreground_ratio, rng)
        modes = rests.modes(points)
        iterations = rests.iterations
        if is_sampled:
            settled = shift(points, modes.positions, replace(patience, early_stop=1.0), cores)
            modes = settled.modes(points)
            iterations += modes.iterations
        if known is not None:  # a given place that no vector is near to is no mode
            modes = modes.chosen(modes.counts.nonzero()[:, 0])

        labels, covered = assign(points, modes.positions, cores)
        rounds = 0
        while drawn and max_uncovered is not None and rounds < MOST_ROUNDS and _left(covered) > max_uncovered:
            rounds += 1
            found = residual_modes(points, modes.positions, covered, patience, cores, rng)
            iterations += found.iterations
            if len(found.positions) == 0:
                break
            modes = modes.joined(found).modes(points)
            labels, covered = assign(points, modes.positions, cores)

        uncovered = _left(covered)
        if not cluster_all:
            labels[~covered] = -1

    instances = osop.instances or len(modes.positions)
    return Clusters(
        labels=labels,
        modes=modes.positions if origin is None else modes.positions + origin,
        counts=modes.counts,
        seeds=policy.seeds,
        foreground_seeds=drawn,
        converged=rests.converged / rests.seeds if rests.seeds else 1.0,
        iterations=iterations,
        foreground_ratio=foreground_ratio,
        instances=instances,
        required=osop.required(foreground_ratio, instances),
        uncovered=uncovered,
        rounds=rounds,
        covered=covered,
        seed_indices=indices[:drawn],
        osop=policy.after(foreground_ratio, instances),
    )


@torch.no_grad()
def nearest_mode(
    vectors: Tensor | NDArray[Any],
    modes: Tensor | NDArray[Any],
    bandwidth: float = 0.1,
    metric: Literal["cosine", "euclidean"] = "cosine",
    *,
    cluster_all: bool = True,
) -> Tensor:
    """Label vectors, which need not be those that were clustered, with their nearest mode.

    Parameters
    ----------
    vectors : torch.Tensor or numpy.ndarray, (n, D), half to double
    modes : torch.Tensor or numpy.ndarray, (K, D)
    bandwidth, metric
        As `cluster` was given.
    cluster_all : bool
        Whether vectors farther than h from every mode go to the nearest one, too, or are -1.

    Returns
    -------
    torch.Tensor, (n,) int32

    Raises
    ------
    ValueError
        As `cluster`; or the modes have another D.
    """
    _check_ranges(metric, bandwidth)
    tensor = _as_tensor(vectors)
    with Cores(tensor.device) as cores, full_float32():
        points, origin = METRICS[metric].points(tensor, bandwidth, cores)
        labels, covered = assign(points, _brought(modes, points, origin, cores), cores)
        if not cluster_all:
            labels[~covered] = -1
    return labels


def _left(covered: Tensor) -> int:
    return len(covered) - int(covered.sum())


def _brought(modes: Tensor | NDArray[Any], points: Points, origin: Tensor | None, cores: Cores) -> Tensor:
    """Check given places, and bring them to where the points were brought to."""
    width = points.vectors.shape[1]
    modes = torch.as_tensor(modes, device=points.vectors.device)
    if modes.ndim != 2 or modes.shape[1] != width:
        raise ValueError(f"modes must have the shape (m, {width}), not {tuple(modes.shape)}")
    points.metric.points(modes, points.bandwidth, cores)  # refuses what no distance is defined for
    return (modes if origin is None else modes - origin).to(points.vectors.dtype)


def _as_tensor(vectors: Tensor | NDArray[Any]) -> Tensor:
    if not isinstance(vectors, Tensor):
        array = np.asarray(vectors)
        if np.iscomplexobj(array):
            raise ValueError("vectors must be real")
        kept = array.dtype in (np.float32, np.float64) and array.dtype.isnative and array.flags.writeable
        if not (kept and array.flags.c_contiguous):
            array = np.array(array, dtype=np.float32 if array.dtype.itemsize < 8 else np.float64, order="C")
        vectors = torch.from_numpy(array)
    elif vectors.is_complex():
        raise ValueError("vectors must be real")
    if vectors.ndim != 2 or vectors.shape[1] == 0:
        raise ValueError(f"vectors must have the shape (n, D), not {tuple(vectors.shape)}")
    return vectors.contiguous()


def _as_strata(strata: Tensor | ArrayLike, count: int) -> NDArray[np.int64]:
    groups = np.asarray(strata.cpu() if isinstance(strata, Tensor) else strata)
    if groups.shape != (count,):
        raise ValueError(f"strata must be one number for each of the {count} vectors, not {groups.shape}")
    if groups.size and (groups.dtype.kind not in "iu" or groups.min() < 0):
        raise ValueError("strata must be whole numbers from 0")
    return groups.astype(np.int64)


def _check_ranges(
    metric: str,
    bandwidth: float,
    foreground_ratio: float = 1.0,
    sample: int | None = None,
    max_uncovered: int | None = None,
) -> None:
    if metric not in METRICS:
        raise ValueError(f"metric must be one of {', '.join(METRICS)}, not {metric!r}")
    METRICS[metric].check_bandwidth(bandwidth)
    if not 0 <= foreground_ratio <= 1:
        raise ValueError(f"foreground_ratio must be from 0 to 1, not {foreground_ratio}")
    if sample is not None and sample < 1:
        raise ValueError(f"sample must be at least 1, not {sample}")
    if max_uncovered is not None and max_uncovered < 0:
        raise ValueError(f"max_uncovered must not be negative, not {max_uncovered}")
