"""The challenge's measures: SEG, DET, TRA with its operation counts, and LNK.

Pure functions of label images and lineages, fed one frame at a time. What is kept of a frame is one row per
object, so memory does not grow with the number of pixels:

    segmentation = SegmentationScorer()      # SEG: the frames with full reference outlines
    segmentation.add(reference, result)

    tracking = TrackingScorer()              # DET, TRA, LNK: every frame, in order
    tracking.add(frame, markers, result)
    tracking.score(reference_tracks, result_tracks)
"""

from cellseg.metrics.graph import TrackGraph
from cellseg.metrics.matching import FrameMatch, match_objects
from cellseg.metrics.operations import Operations, count_operations
from cellseg.metrics.scorers import (
    SegmentationScore,
    SegmentationScorer,
    TrackingScore,
    TrackingScorer,
)
from cellseg.metrics.scores import Scores

__all__ = [
    "FrameMatch",
    "Operations",
    "Scores",
    "SegmentationScore",
    "SegmentationScorer",
    "TrackGraph",
    "TrackingScore",
    "TrackingScorer",
    "count_operations",
    "match_objects",
]
