"""How the cells of a movie move: measured on the movie itself, so that no frame interval need be known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellseg.tracking.neighbours import mutual_nearest
from cellseg.tracking.nodes import Indices, Nodes
from cellseg.tracking.student import MEDIAN, MEDIAN_IN_PLANE

_ROUNDS = 3
"""Of finding neighbours where they are expected, and learning from them what to expect."""
_MOST_PERSISTENT = 0.95
_FEWEST_FOR_DRIFT = 8
"""Cells in both frames that say whether the whole field has moved."""
_LEAST_SCALE = 0.3
"""Pixels: what outlines that are drawn anew in every frame move a centroid."""
_LEAST_AREA_SCALE = 0.03
_USUAL_SCALE, _USUAL_AREA_SCALE = 0.1, 0.1
"""Before anything is measured; the former in widths ..."""
_USUAL_COUNT = 10
"""... which counts like so many pairs."""


@dataclass(frozen=True)
class Motion:
    """What to expect from one frame to the next.

    Displacements scatter around what is expected like Student's t with 3 degrees of freedom on each axis:
    the quantiles of real cells fit (95 % within 3.5 times the median).

    Attributes
    ----------
    drift : numpy.ndarray, (T, 2) float64
        How far the field has moved since frame 0, in pixels: of the stage, or of all cells together.
    into, out : numpy.ndarray, (n, 2) float64
        Displacement of each node from the frame before and to the frame after, without drift, in pixels;
        0 where it is not known.
    persistence : float
        Share of a displacement that the next one repeats.
    scale : float
        Scatter of the displacements around what is expected, per axis, in pixels.
    area_scale : float
        Scatter of the logarithm of the area.
    """

    drift: NDArray[np.float64]
    into: NDArray[np.float64]
    out: NDArray[np.float64]
    persistence: float
    scale: float
    area_scale: float

    def expected(self, nodes: Nodes, sources: slice, lag: int) -> NDArray[np.float64]:
        """Where some nodes are expected `lag` frames later, (n, 2), by their displacements before."""
        frame = nodes.frame[sources]
        drift = self.drift[np.minimum(frame + lag, len(self.drift) - 1)] - self.drift[frame]
        return nodes.centroid[sources] + drift + lag * self.persistence * self.into[sources]

    def deviation(self, nodes: Nodes, source: Indices, target: Indices) -> NDArray[np.float64]:
        """Distance of each target from where its source is expected, in pixels.

        Parameters
        ----------
        nodes : Nodes
        source, target : numpy.ndarray, (k,) int64
            Nodes, the target after the source.

        Returns
        -------
        numpy.ndarray, (k,) float64
            It scatters by `scale` times the square root of the frames between.

        Notes
        -----
        The displacement of a cell is a first-order autoregression: known on both sides, the one in between
        is expected to be p / (1 + p^2) times their sum, known on one side p times it (p = persistence).
        """
        lag = (nodes.frame[target] - nodes.frame[source]).astype(np.float64)
        moved = nodes.centroid[target] - nodes.centroid[source]
        moved -= self.drift[nodes.frame[target]] - self.drift[nodes.frame[source]]
        into, out = self.into[source], self.out[target]
        both = (into != 0).any(axis=1) & (out != 0).any(axis=1)
        share = np.where(both, self.persistence / (1 + self.persistence**2), self.persistence)
        moved -= (share * lag)[:, None] * (into + out)
        return np.asarray(np.linalg.norm(moved, axis=1))


def measure_motion(nodes: Nodes) -> Motion:
    """Measure how the cells of a movie move, on those that are each other's nearest.

    Parameters
    ----------
    nodes : Nodes

    Returns
    -------
    Motion
    """
    length = int(nodes.frame.max(initial=0)) + 1
    into, out = np.zeros((2, len(nodes), 2))
    drift, persistence = np.zeros((length, 2)), 0.0
    source, target = np.zeros((2, 0), np.int64)
    for _ in range(_ROUNDS):
        step = np.diff(drift, axis=0, append=drift[-1:])[nodes.frame]
        source, target = mutual_nearest(nodes, nodes.centroid + step + persistence * into)
        moved = nodes.centroid[target] - nodes.centroid[source]
        drift = _drift(nodes.frame[source], moved, length)
        own = moved - (drift[nodes.frame[target]] - drift[nodes.frame[source]])
        into, out = np.zeros((2, len(nodes), 2))
        into[target] = out[source] = own
        persistence = _persistence(into, out)
    if len(source) == 0:
        width = float(np.median(nodes.width)) if len(nodes) else 0.0
        return Motion(drift, into, out, 0.0, max(_USUAL_SCALE * width, _LEAST_SCALE), _USUAL_AREA_SCALE)
    # What is expected must not know the answer: forward only, from the displacement before.
    left = np.linalg.norm(own - persistence * into[source], axis=1)
    growth = np.abs(np.log(nodes.area[target] / nodes.area[source]))
    scale = _scale(left, MEDIAN_IN_PLANE, _USUAL_SCALE * float(np.median(nodes.width)), _LEAST_SCALE)
    area_scale = _scale(growth, MEDIAN, _USUAL_AREA_SCALE, _LEAST_AREA_SCALE)
    return Motion(drift, into, out, persistence, scale, area_scale)


def _scale(found: NDArray[np.float64], median: float, usual: float, least: float) -> float:
    """Scale of what is found, by its median; of a few numbers, in between that and the usual one."""
    measured = max(float(np.median(found)) / median, least)
    weight = len(found) / (len(found) + _USUAL_COUNT)
    return float(max(measured**weight * usual ** (1 - weight), least))


def _drift(frame: Indices, moved: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """Sum of the median displacements up to each frame."""
    step = np.zeros((length, 2))
    order = np.argsort(frame, kind="stable")
    ends = np.searchsorted(frame[order], np.arange(length + 1))
    for t in range(length - 1):
        inside = order[ends[t] : ends[t + 1]]
        if len(inside) >= _FEWEST_FOR_DRIFT:
            step[t + 1] = np.median(moved[inside], axis=0)
    return np.cumsum(step, axis=0)


def _persistence(into: NDArray[np.float64], out: NDArray[np.float64]) -> float:
    """Regression of a displacement on the one before, without the few that are far too long."""
    known = (into != 0).any(axis=1) & (out != 0).any(axis=1)
    before, after = into[known], out[known]
    lengths = np.linalg.norm(before, axis=1), np.linalg.norm(after, axis=1)
    usual = np.maximum(*lengths) <= 3 * np.median(lengths[1]) if known.any() else known[:0]
    before, after = before[usual], after[usual]
    square = float((before**2).sum())
    return float(np.clip((before * after).sum() / square, 0, _MOST_PERSISTENT)) if square else 0.0
