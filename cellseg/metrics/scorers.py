"""Accumulators that take one frame at a time and give the measures at the end.

A measure of nothing (no reference object, no reference edge) is undefined: NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellseg.metrics.biology import BiologicalScore, score_biology
from cellseg.metrics.comparison import Comparison
from cellseg.metrics.matching import FrameMatch, LabelImage, match_objects
from cellseg.metrics.operations import WEIGHTS, Operations, find_corrections
from cellseg.metrics.ratio import ratio
from cellseg.types import Track


@dataclass(frozen=True)
class SegmentationScore:
    """SEG and what it was measured on.

    Attributes
    ----------
    SEG : float
        Mean Jaccard index of the reference objects with their match, 0 where there is none.
    objects, frames : int
        Reference objects and frames that were scored.
    """

    SEG: float
    objects: int
    frames: int


class SegmentationScorer:
    """SEG over the frames added so far (Maška et al., Bioinformatics 30, 2014)."""

    def __init__(self) -> None:
        self._jaccard = 0.0
        self._objects = 0
        self._frames = 0

    def add(self, reference: LabelImage, result: LabelImage) -> None:
        """Score one frame.

        Parameters
        ----------
        reference, result : numpy.ndarray, (Y, X) integer
            Label images; the labels need not be track labels.
        """
        match = match_objects(reference, result)
        self._jaccard += float(match.jaccard.sum())
        self._objects += len(match.reference)
        self._frames += 1

    def score(self) -> SegmentationScore:
        """SEG of all frames added.

        Returns
        -------
        SegmentationScore
        """
        return SegmentationScore(ratio(self._jaccard, self._objects), self._objects, self._frames)


@dataclass(frozen=True)
class TrackingScore:
    """DET, TRA, LNK and the biological measures, and what they were measured on.

    Matula et al. 2015; challenge's evaluation page.

    Attributes
    ----------
    operations : Operations
        The corrections the result needs.
    vertices, edges : int
        Size of the reference graph.
    frames : int
        Frames that were scored.
    biology : BiologicalScore
        CT, TF, BC(i), CCA and BIO.
    """

    operations: Operations
    vertices: int
    edges: int
    frames: int
    biology: BiologicalScore

    @property
    def DET(self) -> float:
        """Detection accuracy: 1 - min(AOGM-D, AOGM-D0) / AOGM-D0 with AOGM-D0 = 10 |V|."""
        return _accuracy(self.operations.vertex_cost, WEIGHTS["FN"] * self.vertices)

    @property
    def TRA(self) -> float:
        """Tracking accuracy: 1 - min(AOGM, AOGM0) / AOGM0 with AOGM0 = 10 |V| + 1.5 |E|."""
        cost = self.operations.vertex_cost + self.operations.edge_cost
        return _accuracy(cost, WEIGHTS["FN"] * self.vertices + WEIGHTS["EA"] * self.edges)

    @property
    def LNK(self) -> float:
        """Linking accuracy: 1 - min(AOGM-A, AOGM-A0) / AOGM-A0 with AOGM-A0 = 1.5 |E|.

        The challenge defines it for given objects, where both graphs have the same vertices. For others, the
        edges of missed and merged objects count as missing (as in py-ctcmetrics 1.3.3).
        """
        return _accuracy(self.operations.edge_cost, WEIGHTS["EA"] * self.edges)


class TrackingScorer:
    """DET, TRA, LNK and the biological measures over the frames added; a row per object is kept of each."""

    def __init__(self) -> None:
        self._frames: list[int] = []
        self._matches: list[FrameMatch] = []

    def add(self, frame: int, reference: LabelImage, result: LabelImage) -> FrameMatch:
        """Match one frame.

        Parameters
        ----------
        frame : int
            Frame number, above those added before.
        reference, result : numpy.ndarray, (Y, X) integer
            Label images whose labels are track labels.

        Returns
        -------
        FrameMatch
            The objects of the frame and who matches whom.

        Raises
        ------
        ValueError
            The frame does not come after the last, or the images do not fit.
        """
        if self._frames and frame <= self._frames[-1]:
            raise ValueError(f"frame {frame} was added after frame {self._frames[-1]}")
        match = match_objects(reference, result)
        self._frames.append(frame)
        self._matches.append(match)
        return match

    @property
    def reference_labels(self) -> dict[int, NDArray[np.int64]]:
        """Labels of the reference objects of every frame added."""
        return {f: match.reference for f, match in zip(self._frames, self._matches, strict=True)}

    @property
    def result_labels(self) -> dict[int, NDArray[np.int64]]:
        """Labels of the result objects of every frame added."""
        return {f: match.result for f, match in zip(self._frames, self._matches, strict=True)}

    def compare(self, reference_tracks: Sequence[Track], result_tracks: Sequence[Track]) -> Comparison:
        """Set the two lineages against each other over all frames added; `list_errors` says what is wrong.

        Parameters
        ----------
        reference_tracks, result_tracks : sequence of Track
            Frame numbers as given to `add`; what lies outside the frames added has no effect.

        Returns
        -------
        Comparison

        Raises
        ------
        ValueError
            Two tracks have the same label.
        """
        return Comparison.build(self._frames, self._matches, reference_tracks, result_tracks)

    def score(self, reference_tracks: Sequence[Track], result_tracks: Sequence[Track]) -> TrackingScore:
        """Score the lineages over all frames added; parameters and errors as in `compare`.

        Returns
        -------
        TrackingScore
        """
        return score_tracking(self.compare(reference_tracks, result_tracks))


def score_tracking(comparison: Comparison) -> TrackingScore:
    """Score two lineages that were set against each other.

    Parameters
    ----------
    comparison : Comparison

    Returns
    -------
    TrackingScore
    """
    return TrackingScore(
        operations=find_corrections(comparison).operations,
        vertices=len(comparison.reference.vertices),
        edges=len(comparison.reference.edges),
        frames=comparison.frames,
        biology=score_biology(comparison),
    )


def _accuracy(cost: float, cost_of_nothing: float) -> float:
    return 1.0 - ratio(min(cost, cost_of_nothing), cost_of_nothing)
