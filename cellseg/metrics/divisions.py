"""Divisions of a lineage, and which of a result's are those of the reference, give or take some frames."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from cellseg.metrics.comparison import Comparison
from cellseg.metrics.graph import TrackGraph

TOLERANCES = range(4)
"""The i of BC(i): how many frames a division may be early or late."""

Divisions = Mapping[int, Collection[int]]
"""Rows of the daughters by row of the mother, in a `TrackGraph`'s tracks."""


@dataclass(frozen=True)
class PairedDivisions:
    """The divisions of two lineages, and which are the same event.

    Attributes
    ----------
    reference, result : mapping of int to collection of int
        Rows of the daughters by row of the mother.
    pairs : tuple of mapping of int to int
        For each of `TOLERANCES`, the reference mothers whose division was found, and the result's mothers.
    """

    reference: Divisions
    result: Divisions
    pairs: tuple[Mapping[int, int], ...]


def find_divisions(graph: TrackGraph) -> dict[int, list[int]]:
    """Find the tracks that end in two or more daughters; a single one is a cell that was out of sight.

    Parameters
    ----------
    graph : TrackGraph

    Returns
    -------
    dict of int to list of int
        Rows of the daughters by row of the mother.
    """
    families: dict[int, list[int]] = {}
    for daughter, mother in enumerate(graph.tracks[:, 2].tolist()):
        if mother >= 0:
            families.setdefault(mother, []).append(daughter)
    return {mother: daughters for mother, daughters in families.items() if len(daughters) > 1}


def pair_divisions(comparison: Comparison) -> PairedDivisions:
    """Find the divisions that are in both lineages, as BC(i) of Ulman et al., Nature Methods 14 (2017) asks.

    A division of the result is one of the reference within i frames when both have as many daughters, the
    mothers end at most i frames apart and follow each other where the first of them ends, and each daughter
    has one of her own that begins at most i frames apart and follows her where the later of them begins. Of
    the ways to pair such divisions off, one with the most pairs counts.

    Parameters
    ----------
    comparison : Comparison

    Returns
    -------
    PairedDivisions
    """
    reference, result = find_divisions(comparison.reference), find_divisions(comparison.result)
    events = _Events(comparison, reference, result)
    pairs: list[dict[int, int]] = [{}]
    for tolerance in TOLERANCES:
        candidates = {mother: events.candidates(mother, tolerance) for mother in reference}
        pairs.append(_pair_off(candidates, pairs[-1]))
    return PairedDivisions(reference, result, tuple(pairs[1:]))


class _Events:
    """When the tracks of divisions begin and end, and who follows whom there."""

    def __init__(self, comparison: Comparison, reference: Divisions, result: Divisions) -> None:
        self._reference, self._result = reference, result
        self._lives = comparison.reference.lives.tolist()
        self._result_lives = comparison.result.lives.tolist()
        track, follower = comparison.reference.track, comparison.follower
        concerned = [row for mother, daughters in reference.items() for row in (mother, *daughters)]
        vertex = np.flatnonzero(np.isin(track, concerned) & (follower >= 0))
        frame = comparison.reference.vertices[vertex, 0]
        places = zip(track[vertex].tolist(), frame.tolist(), strict=True)
        self._follower = dict(zip(places, follower[vertex].tolist(), strict=True))

    def candidates(self, mother: int, tolerance: int) -> list[int]:
        """Mothers of the result whose division could be this one."""
        end = self._lives[mother][1]
        near = {self._follower.get((mother, end - before)) for before in range(tolerance + 1)}
        return [other for other in self._result if other in near and self._same(mother, other, tolerance)]

    def _same(self, mother: int, other: int, tolerance: int) -> bool:
        daughters, others = self._reference[mother], self._result[other]
        ends = self._lives[mother][1], self._result_lives[other][1]
        if (
            len(daughters) != len(others)
            or abs(ends[0] - ends[1]) > tolerance
            or self._follower.get((mother, min(ends))) != other
        ):
            return False
        alike = {
            daughter: [candidate for candidate in others if self._born_alike(daughter, candidate, tolerance)]
            for daughter in daughters
        }
        return len(_pair_off(alike, {})) == len(daughters)

    def _born_alike(self, daughter: int, other: int, tolerance: int) -> bool:
        begins = self._lives[daughter][0], self._result_lives[other][0]
        follows = self._follower.get((daughter, max(begins))) == other
        return follows and abs(begins[0] - begins[1]) <= tolerance


def _pair_off(candidates: Mapping[int, Collection[int]], pairs: Mapping[int, int]) -> dict[int, int]:
    """Add to `pairs` until no larger set of disjoint pairs exists (augmenting paths, Kuhn 1955)."""
    holder = {right: left for left, right in pairs.items()}

    def place(left: int, tried: set[int]) -> bool:
        for right in candidates[left]:
            if right in tried:
                continue
            tried.add(right)
            if right not in holder or place(holder[right], tried):
                holder[right] = left
                return True
        return False

    for left in candidates:
        if left not in pairs:
            place(left, set())
    return {left: right for right, left in holder.items()}
