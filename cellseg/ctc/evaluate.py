"""Score a result folder against a ground-truth folder, one frame at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellseg.ctc.evaluation_warnings import ground_truth_warnings, result_warnings
from cellseg.ctc.names import RESULT_TRACKS, digits_of, mask_path
from cellseg.ctc.sequences import GroundTruth, LabelImages, Result
from cellseg.ctc.tracks import clip_tracks
from cellseg.errors import CellsegError
from cellseg.metrics import Comparison, Scores, SegmentationScorer, TrackingScorer, score_tracking
from cellseg.types import Track


@dataclass(frozen=True)
class Evaluation:
    """Scores, and what the reader of the scores should know.

    Attributes
    ----------
    scores : Scores
    comparison : Comparison
        The lineages set against each other, for `cellseg.metrics.list_errors`.
    warnings : tuple of str
        Defects of the ground truth and of the result that the scores had to live with, one clause each.
    """

    scores: Scores
    comparison: Comparison
    warnings: tuple[str, ...]


def evaluate(
    result_folder: Path,
    ground_truth_folder: Path,
    *,
    frames: tuple[int | None, int | None] | None = None,
    silver: Path | None = None,
    progress: Callable[[Sequence[int]], Iterable[int]] = iter,
) -> Evaluation:
    """Score a result by all measures, and by SEG against the silver truth where there is one.

    Parameters
    ----------
    result_folder : Path
        Folder with `maskTTT.tif` and `res_track.txt`, such as `01_RES`.
    ground_truth_folder : Path
        Folder with `TRA` and `SEG`, such as `01_GT`.
    frames : (int or None, int or None), optional
        Score only frames A to B - 1; None is the first or the last with ground truth. Tracks are cut to the
        block; parents outside it are forgotten.
    silver : Path, optional
        Folder of silver-truth masks; by default `01_ST/SEG` beside `01_GT`, if it exists.
    progress : callable
        Wraps the sequence of frame numbers, such as `tqdm.tqdm`.

    Returns
    -------
    Evaluation

    Raises
    ------
    CellsegError
        A file is missing, damaged or of the wrong size, the block is empty or has holes, or two tracks have
        the same label.
    """
    result, truth = Result(result_folder), GroundTruth(ground_truth_folder, silver)
    numbers = _select(truth, frames)
    _refuse_missing_masks(result, numbers)
    first, last = numbers[0], numbers[-1]
    reference_tracks = clip_tracks(_unique_labels(truth.tracks, truth.folder), first, last)
    result_tracks = clip_tracks(_unique_labels(result.tracks, result_folder / RESULT_TRACKS), first, last)

    tracking, gold, fused = TrackingScorer(), SegmentationScorer(), SegmentationScorer()
    for number in progress(numbers):
        mask = result.masks[number]
        if number in truth.markers:
            tracking.add(number, _same_size(truth.markers, number, result.masks, mask), mask)
        if number in truth.segmentation:
            gold.add(_same_size(truth.segmentation, number, result.masks, mask), mask)
        if number in truth.silver:
            fused.add(_same_size(truth.silver, number, result.masks, mask), mask)

    comparison = tracking.compare(reference_tracks, result_tracks)
    scores = Scores(
        segmentation=gold.score(),
        tracking=score_tracking(comparison),
        silver=fused.score() if fused.score().frames else None,
    )
    return Evaluation(
        scores,
        comparison,
        (
            *ground_truth_warnings(truth, numbers, reference_tracks, tracking.reference_labels),
            *result_warnings(result, numbers, result_tracks, tracking.result_labels, frames is None),
        ),
    )


def _select(truth: GroundTruth, frames: tuple[int | None, int | None] | None) -> list[int]:
    """Frame numbers to score: all with any ground truth, or those of the block."""
    numbers = sorted({*truth.markers, *truth.segmentation, *truth.silver})
    if frames is None:
        return numbers
    begin = numbers[0] if frames[0] is None else frames[0]
    end = numbers[-1] + 1 if frames[1] is None else frames[1]
    missing = next((number for number in range(begin, end) if number not in truth.markers), None)
    if missing is not None:
        reason = f"has no tracking ground truth for frame {missing} of the block {begin}:{end}"
        remedy = f"Choose a block A:B (B excluded) without holes within {numbers[0]}:{numbers[-1] + 1}."
        raise CellsegError(reason, path=truth.folder, remedy=remedy)
    return list(range(begin, end))


def _refuse_missing_masks(result: Result, numbers: Sequence[int]) -> None:
    missing = [number for number in numbers if number not in result.masks]
    if missing:
        digits = digits_of(next(iter(result.masks.files.values())))
        raise CellsegError(
            f"does not exist; {len(missing)} of {len(numbers)} frames with ground truth have no result mask",
            path=mask_path(result.folder, missing[0], digits),
            remedy="Write a mask for every frame, empty where there is no cell, or choose --frames A:B.",
        )


def _unique_labels(tracks: Sequence[Track], path: Path) -> Sequence[Track]:
    labels, lines = np.unique([track.label for track in tracks], return_counts=True)
    if (lines > 1).any():
        reason = f"label {labels[lines > 1][0]} has more than one line in the track file"
        raise CellsegError(reason, path=path, remedy="Give every track a label of its own.")
    return tracks


def _same_size(
    images: LabelImages,
    number: int,
    masks: LabelImages,
    mask: NDArray[np.integer[Any]],
) -> NDArray[np.integer[Any]]:
    reference = images[number]
    if reference.shape != mask.shape:
        raise CellsegError(
            f"is {mask.shape} pixels, but {images.files[number]} is {reference.shape}",
            path=masks.files[number],
            remedy="Masks must have the size of the frames.",
        )
    return reference
