"""The challenge's measures: SEG, DET, TRA with its operation counts, LNK, CT, TF, BC(i), CCA and their means.

Pure functions of label images and lineages, fed one frame at a time. What is kept of a frame is one row per
object, so memory does not grow with the number of pixels:

    segmentation = SegmentationScorer()      # SEG: the frames with full reference outlines
    segmentation.add(reference, result)

    tracking = TrackingScorer()              # all others: every frame, in order
    tracking.add(frame, markers, result)
    tracking.score(reference_tracks, result_tracks)
    list_errors(tracking.compare(reference_tracks, result_tracks))
"""

from cellseg.metrics.biology import BiologicalScore, score_biology
from cellseg.metrics.comparison import Comparison
from cellseg.metrics.divisions import TOLERANCES, PairedDivisions, pair_divisions
from cellseg.metrics.errors import ERROR_DTYPE, KINDS, Errors, list_errors
from cellseg.metrics.graph import TrackGraph
from cellseg.metrics.matching import FrameMatch, match_objects
from cellseg.metrics.operations import WEIGHTS, Corrections, Operations, find_corrections
from cellseg.metrics.scorers import (
    SegmentationScore,
    SegmentationScorer,
    TrackingScore,
    TrackingScorer,
    score_tracking,
)
from cellseg.metrics.scores import Scores

__all__ = [
    "ERROR_DTYPE",
    "KINDS",
    "TOLERANCES",
    "WEIGHTS",
    "BiologicalScore",
    "Comparison",
    "Corrections",
    "Errors",
    "FrameMatch",
    "Operations",
    "PairedDivisions",
    "Scores",
    "SegmentationScore",
    "SegmentationScorer",
    "TrackGraph",
    "TrackingScore",
    "TrackingScorer",
    "find_corrections",
    "list_errors",
    "match_objects",
    "pair_divisions",
    "score_biology",
    "score_tracking",
]
