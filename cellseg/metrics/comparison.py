"""A result's graph beside the reference's, and which vertex stands for which: all that is scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellseg.metrics.graph import TrackGraph
from cellseg.metrics.matching import FrameMatch
from cellseg.types import Track


@dataclass(frozen=True)
class Comparison:
    """Two graphs of the same frames.

    Attributes
    ----------
    reference, result : TrackGraph
        With n and m vertices.
    matched : numpy.ndarray, (n,) int64
        Result vertex that matches each reference vertex, -1 for none.
    stands_for : numpy.ndarray, (m,) int64
        The one reference vertex that each result vertex matches, -1 where it matches none or several.
    frames : int
        How many frames they are of.
    """

    reference: TrackGraph
    result: TrackGraph
    matched: NDArray[np.int64]
    stands_for: NDArray[np.int64]
    frames: int

    @classmethod
    def build(
        cls,
        frames: Sequence[int],
        matches: Sequence[FrameMatch],
        reference_tracks: Sequence[Track],
        result_tracks: Sequence[Track],
    ) -> Comparison:
        """Build both graphs and carry the matches of the frames over to their vertices.

        Parameters
        ----------
        frames : sequence of int
            Frame numbers, ascending.
        matches : sequence of FrameMatch
            One per frame.
        reference_tracks, result_tracks : sequence of Track

        Returns
        -------
        Comparison

        Raises
        ------
        ValueError
            Two tracks have the same label.
        """
        reference = TrackGraph.build(frames, [match.reference for match in matches], reference_tracks)
        result = TrackGraph.build(frames, [match.result for match in matches], result_tracks)
        matched = _matched_vertex(matches)
        found = np.flatnonzero(matched >= 0)
        stands_for = np.full(len(result.vertices), -1, np.int64)
        stands_for[matched[found]] = found
        stands_for[np.bincount(matched[found], minlength=len(stands_for)) > 1] = -1
        return cls(reference, result, matched, stands_for, len(frames))

    @property
    def follower(self) -> NDArray[np.int64]:
        """Row of the result track that each reference vertex is followed by, -1 for none, (n,) int64.

        It is the track of the result vertex that stands for this reference vertex and for no other.
        """
        vertex = np.flatnonzero(self.stands_for >= 0)
        follower = np.full(len(self.matched), -1, np.int64)
        follower[self.stands_for[vertex]] = self.result.track[vertex]
        return follower


def _matched_vertex(matches: Sequence[FrameMatch]) -> NDArray[np.int64]:
    """Index of the result vertex that matches each reference vertex; -1 for none."""
    frames: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    offset = 0
    for match in matches:
        vertex = offset + np.searchsorted(match.result, match.matched)
        frames.append(np.where(match.matched > 0, vertex, -1))
        offset += len(match.result)
    return np.concatenate(frames)
