"""Which object may be the same cell as which later one, and what speaks for it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cellseg.tracking.events import Events
from cellseg.tracking.false_merges import Hidden
from cellseg.tracking.movie import Movie
from cellseg.tracking.neighbours import near_expected
from cellseg.tracking.nodes import Indices
from cellseg.tracking.overlap import pair_key, split_key
from cellseg.tracking.student import log_likelihood, log_likelihood_in_plane

_NEAREST = 6
"""Sources looked at for each target, besides those that overlap it."""
_WIDTHS, _SCALES = 1.0, 6.0
"""Reach, in widths of the object and in scales of the motion, together."""

WEIGHTS = {
    "next": 2.5,
    "gap": 0.8,
    "hidden": 5.0,
    "place": 0.5,
    "overlap": 1.5,
    "share": 1.2,
    "size": 0.4,
    "border": -0.4,
    "embedding": -4.0,
}
"""What the columns of `features` count.

Fitted by maximum likelihood, each origin and each future a softmax over what is possible, to the reference
tracks of DIC-C2DH-HeLa 01, Fluo-N2DH-GOWT1 01, PhC-C2DH-U373 01 and Fluo-N2DL-HeLa 01 on the silver truth and
on our models' masks, of runs of Fluo-N2DH-SIM+ 02 and of simulated movies; then rounded. 0.6 or 1.5 times any
of them changes little. Those of likelihood ratios are below 1, for they depend on each other.
"""


def possible_moves(movie: Movie, sources: slice, max_gap: int, least_gain: float) -> Events:
    """List the moves that gain enough.

    Parameters
    ----------
    movie : Movie
    sources : slice
        Nodes that move, of whole frames.
    max_gap : int
        Most frames between the two.
    least_gain : float

    Returns
    -------
    Events
    """
    pairs = [_pairs(movie, sources, lag) for lag in range(1, max_gap + 2)]
    source, target = (np.concatenate(side) for side in zip(*pairs, strict=True))
    return _moves(movie, source, target, np.zeros(len(source), bool), least_gain)


def hidden_moves(movie: Movie, hidden: Hidden) -> Events:
    """List the moves behind a merger.

    Parameters
    ----------
    movie : Movie
    hidden : Hidden

    Returns
    -------
    Events
    """
    return _moves(movie, hidden.source, hidden.target, np.ones(len(hidden.source), bool), -np.inf)


def _pairs(movie: Movie, sources: slice, lag: int) -> tuple[Indices, Indices]:
    """Pairs that overlap or are near each other, in order."""
    nodes, motion = movie.nodes, movie.motion
    near = near_expected(
        nodes,
        sources,
        motion.expected(nodes, sources, lag),
        lag,
        widths=_WIDTHS * np.sqrt(lag),
        pixels=_SCALES * motion.scale * np.sqrt(lag),
        nearest=_NEAREST,
    )
    keys = [pair_key(*near)]
    if lag == 1:
        for overlap in (movie.overlap, movie.chain):
            inside = slice(*np.searchsorted(overlap.source, [sources.start, sources.stop]).tolist())
            keys.append(pair_key(overlap.source[inside], overlap.target[inside]))
    # Sorting is faster than what np.unique does.
    key = np.sort(np.concatenate(keys))
    return split_key(key[np.diff(key, prepend=-1) > 0])


def _moves(
    movie: Movie, source: Indices, target: Indices, is_hidden: NDArray[np.bool_], least_gain: float
) -> Events:
    gain = features(movie, source, target, is_hidden) @ np.array(list(WEIGHTS.values()))
    kept = np.flatnonzero(gain > least_gain)
    return Events(source[kept], target[kept], np.full(len(kept), -1, np.int64), gain[kept])


def features(
    movie: Movie, source: Indices, target: Indices, is_hidden: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Give what speaks for each move, a column for each of `WEIGHTS`; likelihood ratios are logarithms.

    Parameters
    ----------
    movie : Movie
    source, target : numpy.ndarray, (k,) int64
        Nodes.
    is_hidden : numpy.ndarray, (k,) bool
        Whether the cell is in a merger between.

    Returns
    -------
    numpy.ndarray, (k, len(WEIGHTS)) float64
        place: the displacement, against any place in the field. overlap: intersection over union, of the
        masks or of the network's instances, which know a cell that has moved far. share: of the smaller
        object that overlaps. size: the growth, against any two cells. border: how many of the two may be
        entering or leaving. embedding: 1 - cosine, where frames can be compared.
    """
    nodes, motion = movie.nodes, movie.motion
    lag = nodes.frame[target] - nodes.frame[source]
    deviation = motion.deviation(nodes, source, target)
    growth = np.log(nodes.area[target] / nodes.area[source])
    pixels, iou = movie.overlap.between(source, target)
    _, chained = movie.chain.between(source, target)
    comparable = movie.comparable[nodes.frame[source]] & movie.comparable[nodes.frame[target] - 1]
    return np.column_stack(
        [
            lag == 1,
            (lag > 1) & ~is_hidden,
            is_hidden,
            log_likelihood_in_plane(deviation, motion.scale * np.sqrt(lag)) - np.log(movie.density),
            np.maximum(iou, chained),
            pixels / np.minimum(nodes.area[source], nodes.area[target]),
            log_likelihood(growth, motion.area_scale) - log_likelihood(growth, movie.area_spread),
            movie.at_border[source].astype(float) + movie.at_border[target],
            np.where(comparable, 1 - nodes.cosine(source, target), 0),
        ]
    )
