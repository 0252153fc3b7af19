"""The biological measures of the challenge: CT, TF, BC(i), CCA, and their mean BIO.

Ulman et al., Nature Methods 14 (2017) 1141-1152 and its supplement. A measure is undefined (NaN) when the
reference has nothing to measure; where the result has nothing, it is 0. A track begins and ends with the
first and the last of its objects in the masks; where one is missing in between, none is asked of the result.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellseg.metrics.comparison import Comparison
from cellseg.metrics.divisions import Divisions, pair_divisions
from cellseg.metrics.graph import TrackGraph
from cellseg.metrics.ratio import mean_of_defined, ratio


@dataclass(frozen=True)
class BiologicalScore:
    """CT, TF, BC(i), CCA and BIO, and what they were measured on.

    Attributes
    ----------
    TF : float
        Track fractions: mean, over the reference tracks that were followed at all, of the longest part that
        one result track follows without a break. As in the challenge's programs, a result track that follows
        a whole reference track is not credited with others of larger labels.
    CCA : float
        Cell cycle accuracy: 1 - the largest distance of the cumulative distributions of the lengths of
        complete cell cycles, tracks from a division to a division.
    reference_tracks, result_tracks : int
        Tracks of which an object is seen.
    complete_tracks, followed_tracks : int
        Reference tracks that one result track follows from the first to the last object and not beyond; those
        of which a part was followed.
    reference_divisions, result_divisions : int
    found_divisions : tuple of int
        How many of them are the same, for each of `TOLERANCES`.
    reference_cycles, result_cycles : int
        Complete cell cycles.
    """

    TF: float
    CCA: float
    reference_tracks: int
    result_tracks: int
    complete_tracks: int
    followed_tracks: int
    reference_divisions: int
    result_divisions: int
    found_divisions: tuple[int, ...]
    reference_cycles: int
    result_cycles: int

    @property
    def CT(self) -> float:
        """Complete tracks: F1 score of the reference tracks that were reconstructed as a whole."""
        if not self.reference_tracks:
            return float("nan")
        return ratio(2 * self.complete_tracks, self.reference_tracks + self.result_tracks)

    def BC(self, tolerance: int) -> float:
        """Branching correctness BC(i): F1 score of the divisions, which may be i = `tolerance` frames off."""
        if not self.reference_divisions:
            return float("nan")
        found = self.found_divisions[tolerance]
        return ratio(2 * found, self.reference_divisions + self.result_divisions)

    def BIO(self, tolerance: int) -> float:
        """Mean of those of CT, TF, BC(i) and CCA that are defined."""
        return mean_of_defined(self.CT, self.TF, self.BC(tolerance), self.CCA)


def score_biology(comparison: Comparison) -> BiologicalScore:
    """Compute the biological measures.

    Parameters
    ----------
    comparison : Comparison

    Returns
    -------
    BiologicalScore
    """
    runs = _Runs.find(comparison)
    fractions = _followed_fractions(runs)
    followed = fractions[fractions > 0]
    divisions = pair_divisions(comparison)
    cycles = _cycles(comparison.reference, divisions.reference)
    result_cycles = _cycles(comparison.result, divisions.result)
    return BiologicalScore(
        TF=float(followed.mean()) if len(followed) else ratio(0, len(fractions)),
        CCA=_cell_cycle_accuracy(cycles, result_cycles),
        reference_tracks=len(comparison.reference.tracks),
        result_tracks=len(comparison.result.tracks),
        complete_tracks=_count_complete(runs, comparison),
        followed_tracks=len(followed),
        reference_divisions=len(divisions.reference),
        result_divisions=len(divisions.result),
        found_divisions=tuple(map(len, divisions.pairs)),
        reference_cycles=len(cycles),
        result_cycles=len(result_cycles),
    )


@dataclass(frozen=True)
class _Runs:
    """Unbroken parts of reference tracks that one result track follows.

    `track` and `follower` are rows, `length` counts objects; `objects` is that of whole reference tracks.
    """

    track: NDArray[np.int64]
    follower: NDArray[np.int64]
    length: NDArray[np.int64]
    objects: NDArray[np.int64]

    @classmethod
    def find(cls, comparison: Comparison) -> _Runs:
        vertex = np.flatnonzero(comparison.reference.track >= 0)
        vertex = vertex[np.argsort(comparison.reference.track[vertex], kind="stable")]
        track, follower = comparison.reference.track[vertex], comparison.follower[vertex]
        changes = (track[1:] != track[:-1]) | (follower[1:] != follower[:-1])
        starts = np.flatnonzero(np.concatenate([np.ones(min(len(vertex), 1), bool), changes]))
        length = np.diff(starts, append=len(vertex))
        followed = follower[starts] >= 0
        starts, length = starts[followed], length[followed]
        objects = np.bincount(track, minlength=len(comparison.reference.tracks))
        return cls(track[starts], follower[starts], length, objects)


def _count_complete(runs: _Runs, comparison: Comparison) -> int:
    whole = runs.length == runs.objects[runs.track]
    lives = comparison.reference.lives[runs.track[whole]], comparison.result.lives[runs.follower[whole]]
    return int((lives[0] == lives[1]).all(axis=1).sum())


def _followed_fractions(runs: _Runs) -> NDArray[np.float64]:
    """Largest part of each reference track that one result track follows; 0 for none."""
    tracks = len(runs.objects)
    pair, row = np.unique(runs.follower * tracks + runs.track, return_inverse=True)
    longest = np.zeros(len(pair), np.int64)
    np.maximum.at(longest, row, runs.length)

    fractions = np.zeros(tracks)
    satisfied = -1
    for one_pair, length in zip(pair.tolist(), longest.tolist(), strict=True):
        follower, track = divmod(one_pair, tracks)
        if follower == satisfied or fractions[track] == 1:
            continue
        fractions[track] = max(fractions[track], length / runs.objects[track])
        if fractions[track] == 1:
            satisfied = follower
    return fractions


def _cycles(graph: TrackGraph, divisions: Divisions) -> NDArray[np.int64]:
    """Lengths of the tracks that begin and end with a division, in frames."""
    complete = [row for row in divisions if graph.tracks[row, 2] in divisions]
    lives = graph.lives[complete]
    lengths: NDArray[np.int64] = lives[:, 1] - lives[:, 0] + 1
    return lengths


def _cell_cycle_accuracy(reference: NDArray[np.int64], result: NDArray[np.int64]) -> float:
    if not len(reference):
        return float("nan")
    if not len(result):
        return 0.0
    lengths = np.union1d(reference, result)
    share, result_share = (_share_up_to(lengths, cycles) for cycles in (reference, result))
    return float(1 - np.abs(share - result_share).max())


def _share_up_to(lengths: NDArray[np.int64], cycles: NDArray[np.int64]) -> NDArray[np.float64]:
    """Cumulative distribution of the cycles' lengths."""
    return np.searchsorted(np.sort(cycles), lengths, side="right") / len(cycles)
