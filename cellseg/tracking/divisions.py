"""Which object may have divided into which two later ones, and what speaks for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellseg.tracking.events import Events
from cellseg.tracking.movie import Movie
from cellseg.tracking.neighbours import near_expected
from cellseg.tracking.nodes import Indices
from cellseg.tracking.student import log_likelihood, log_likelihood_in_plane

_NEAREST = 8
"""Mothers looked at for each daughter."""
_MOST_DAUGHTERS = 6
"""Daughters looked at for each mother, the nearest."""
_REACH = 2.0
"""Distance of a daughter from where the mother is expected, in widths of the larger of the two."""
_CLAIMED = 5.0
"""An object whose best move gains more than this is a daughter of nobody else."""
_DEBRIS = 0.15
"""Share of the usual area below which an object is no cell (seen in real daughters: 0.17)."""
_LEAST_RATIO = 0.35
"""Smaller over larger daughter's area: below, the smaller is debris."""
_MOST_GROWTH = 1.1
"""Logarithm of the daughters' joint area over the mother's, up or down (seen in real cells: -1.0 to 0.85)."""

# Where the 62 divisions with silver-truth masks of DIC-C2DH-HeLa 01, Fluo-N2DH-GOWT1 01 and Fluo-N2DL-HeLa 01
# lie. A width is the square root of the mother's area.
_MIDPOINT = 1.5
"""Scatter of the daughters' midpoint around the mother, in scatters of a cell that moves ..."""
_OWN_SCATTER = 0.1
"""... and in these, widths, for her outline changes."""
_RATIO_SCATTER = 0.12
_GROWTH, _GROWTH_SCATTER = 0.2, 0.3
"""Of the logarithm of the daughters' joint area over the mother's: mothers round up, daughters spread."""
_TOO_NEAR, _TOO_FAR = 0.9, 2.6
"""Distance of the daughters, in widths of theirs: two halves of a disc are 0.68 apart."""
_TOO_LARGE = 0.3
"""Logarithm of the mother's area over the usual one: mergers of two are large."""
_TILED = 0.65
"""Intersection over union of the mother with both daughters: pieces of a cell stay in its place."""

WEIGHTS = {
    "division": 1.2,
    "delay": -3.0,
    "midpoint": 1.3,
    "ratio": 0.7,
    "growth": 0.4,
    "too near": -10.0,
    "too far": -5.0,
    "border": -2.5,
    "too large": -4.0,
    "tiled": -8.0,
    "joined": -4.0,
}
"""What the columns of `features` count; fitted as those of the moves, and rounded."""


@dataclass(frozen=True)
class Claims:
    """The best move to each node.

    Attributes
    ----------
    gain : numpy.ndarray, (n,) float64
        What it gains; at least 0.
    source : numpy.ndarray, (n,) int64
        Where it comes from; -1 is nowhere.
    """

    gain: NDArray[np.float64]
    source: Indices

    @classmethod
    def of_moves(cls, moves: Events, count: int) -> Claims:
        """Find the best of the moves to each of `count` nodes."""
        gain, source = np.zeros(count), np.full(count, -1, np.int64)
        order = np.argsort(moves.gain, kind="stable")
        order = order[np.searchsorted(moves.gain[order], 0) :]
        gain[moves.first[order]], source[moves.first[order]] = moves.gain[order], moves.source[order]
        return cls(gain, source)


def possible_divisions(
    movie: Movie, claims: Claims, sources: slice, max_delay: int, least_gain: float
) -> Events:
    """List the divisions that gain enough.

    Parameters
    ----------
    movie : Movie
    claims : Claims
        Who else the daughters may be.
    sources : slice
        Nodes that divide, of whole frames.
    max_delay : int
        Most frames from a mother to her daughters; these are first seen in one and the same frame.
    least_gain : float

    Returns
    -------
    Events
    """
    mother, first, second = _families(movie, claims, sources, max_delay)
    gain = features(movie, mother, first, second) @ np.array(list(WEIGHTS.values()))
    kept = np.flatnonzero(gain > least_gain)
    return Events(mother[kept], first[kept], second[kept], gain[kept])


def _families(
    movie: Movie, claims: Claims, sources: slice, max_delay: int
) -> tuple[Indices, Indices, Indices]:
    """Pair each mother with each two objects near her that fit in size and nobody else is likely to be."""
    nodes = movie.nodes
    found = []
    for lag in range(1, max_delay + 1):
        expected = movie.motion.expected(nodes, sources, lag)
        mother, daughter = near_expected(
            nodes, sources, expected, lag, widths=_REACH, pixels=0.0, nearest=_NEAREST
        )
        free = (claims.gain[daughter] <= _CLAIMED) | (claims.source[daughter] == mother)
        mother, daughter = mother[free], daughter[free]
        distance = np.linalg.norm(nodes.centroid[daughter] - expected[mother - sources.start], axis=1)
        order = np.lexsort((daughter, distance, mother))
        found.append(_pairs(mother[order], daughter[order]))
    mother, first, second = (np.concatenate(column) for column in zip(*found, strict=True))
    is_cell = movie.at_border | (nodes.relative_size >= np.log(_DEBRIS))
    ratio = np.abs(np.log(nodes.area[first] / nodes.area[second]))
    growth = np.abs(np.log((nodes.area[first] + nodes.area[second]) / nodes.area[mother]))
    fit = (ratio <= -np.log(_LEAST_RATIO)) & (growth <= _MOST_GROWTH)
    # The border may have cut one of them.
    fit |= movie.at_border[first] | movie.at_border[second]
    fit &= is_cell[mother] & is_cell[first] & is_cell[second]
    return mother[fit], first[fit], second[fit]


def _pairs(mother: Indices, daughter: Indices) -> tuple[Indices, Indices, Indices]:
    """Each mother with each two of her first daughters; mothers are in order."""
    starts = np.flatnonzero(np.diff(mother, prepend=-1))
    rank = np.arange(len(mother)) - np.repeat(starts, np.diff(starts, append=len(mother)))
    mother, daughter = mother[rank < _MOST_DAUGHTERS], daughter[rank < _MOST_DAUGHTERS]
    sisters = np.searchsorted(mother, mother, side="right") - np.arange(len(mother)) - 1
    first = np.repeat(np.arange(len(mother)), sisters)
    # Counts 1, 2, ... within each run of equal `first`.
    ahead = np.arange(len(first)) - np.repeat(np.cumsum(sisters) - sisters, sisters) + 1
    return mother[first], daughter[first], daughter[first + ahead]


def features(movie: Movie, mother: Indices, first: Indices, second: Indices) -> NDArray[np.float64]:
    """Give what speaks for each division, a column for each of `WEIGHTS`; likelihood ratios are logarithms.

    Parameters
    ----------
    movie : Movie
    mother, first, second : numpy.ndarray, (k,) int64
        Nodes.

    Returns
    -------
    numpy.ndarray, (k, len(WEIGHTS)) float64
        midpoint: of the daughters, against any place in the field. ratio: of their areas, against any two
        cells; growth: from the mother to both, against that to any two (not where the border may cut them).
        joined: whether several objects of the frame before went into the mother.
    """
    nodes, motion = movie.nodes, movie.motion
    lag = nodes.frame[first] - nodes.frame[mother]
    drift = motion.drift[nodes.frame[first]] - motion.drift[nodes.frame[mother]]
    expected = nodes.centroid[mother] + drift + lag[:, None] * motion.persistence * motion.into[mother]
    midpoint = (nodes.centroid[first] + nodes.centroid[second]) / 2
    offset = np.linalg.norm(midpoint - expected, axis=1)
    scatter = _MIDPOINT * np.hypot(motion.scale * np.sqrt(lag), _OWN_SCATTER * nodes.width[mother])
    ratio = np.log(nodes.area[first] / nodes.area[second])
    both = nodes.area[first] + nodes.area[second]
    growth = np.log(both / nodes.area[mother])
    apart = np.linalg.norm(nodes.centroid[first] - nodes.centroid[second], axis=1) / np.sqrt(both / 2)
    shared = movie.overlap.between(mother, first)[0] + movie.overlap.between(mother, second)[0]
    cut = movie.at_border[first] | movie.at_border[second]
    return np.column_stack(
        [
            np.ones(len(mother)),
            lag - 1,
            log_likelihood_in_plane(offset, scatter) - np.log(movie.density),
            ~cut * (log_likelihood(ratio, _RATIO_SCATTER) - log_likelihood(ratio, movie.area_spread)),
            ~cut
            * (
                log_likelihood(growth - _GROWTH, _GROWTH_SCATTER)
                - log_likelihood(growth - np.log(2), movie.area_spread)
            ),
            np.maximum(_TOO_NEAR - apart, 0),
            np.maximum(apart - _TOO_FAR, 0),
            cut,
            np.maximum(nodes.relative_size[mother] - _TOO_LARGE, 0),
            np.maximum(shared / np.maximum(nodes.area[mother] + both - shared, 1) - _TILED, 0),
            movie.joined[mother],
        ]
    )
