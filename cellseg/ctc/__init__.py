"""The formats of the Cell Tracking Challenge: names, masks, track files, validation, scoring of folders."""

from cellseg.ctc.error_table import write_errors
from cellseg.ctc.evaluate import Evaluation, evaluate
from cellseg.ctc.fix import Change, fix
from cellseg.ctc.masks import LARGEST_LABEL, object_labels, read_labels, read_plane, write_mask
from cellseg.ctc.names import (
    FRAME,
    MARKERS,
    MASK,
    REFERENCE_TRACKS,
    RESULT_TRACKS,
    SEGMENTATION,
    digits_of,
    frame_path,
    markers_path,
    mask_path,
    number_width,
    numbered_files,
    segmentation_path,
)
from cellseg.ctc.official import OFFICIAL_MEASURES, run_official
from cellseg.ctc.rebuild_tracks import rebuild_tracks, relabelled
from cellseg.ctc.sequences import GroundTruth, LabelImages, Result
from cellseg.ctc.tracks import clip_tracks, read_tracks, tracks_from_labels, write_tracks
from cellseg.ctc.validate import validate
from cellseg.ctc.violation import Violation

__all__ = [
    "FRAME",
    "LARGEST_LABEL",
    "MARKERS",
    "MASK",
    "OFFICIAL_MEASURES",
    "REFERENCE_TRACKS",
    "RESULT_TRACKS",
    "SEGMENTATION",
    "Change",
    "Evaluation",
    "GroundTruth",
    "LabelImages",
    "Result",
    "Violation",
    "clip_tracks",
    "digits_of",
    "evaluate",
    "fix",
    "frame_path",
    "markers_path",
    "mask_path",
    "number_width",
    "numbered_files",
    "object_labels",
    "read_labels",
    "read_plane",
    "read_tracks",
    "rebuild_tracks",
    "relabelled",
    "run_official",
    "segmentation_path",
    "tracks_from_labels",
    "validate",
    "write_errors",
    "write_mask",
    "write_tracks",
]
