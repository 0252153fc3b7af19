"""What is wrong with a ground truth or a result that can be scored all the same, said in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from cellseg.ctc.sequences import GroundTruth, Result
from cellseg.ctc.track_rules import compare_with_masks
from cellseg.types import Track

Labels = Mapping[int, NDArray[np.int64]]
_SHOWN = 10


def ground_truth_warnings(
    truth: GroundTruth, frames: Sequence[int], tracks: Sequence[Track], labels: Labels
) -> list[str]:
    """Say what the ground truth lacks.

    Parameters
    ----------
    truth : GroundTruth
    frames : sequence of int
        Frame numbers scored, ascending.
    tracks : sequence of Track
        Its tracks, cut to these frames.
    labels : mapping of int to (n,) int64
        Labels of its markers in each frame.

    Returns
    -------
    list of str
        One clause per defect.
    """
    found: list[str] = []
    holes = frames[-1] - frames[0] + 1 - len(frames)
    if holes:
        found.append(
            f"{truth.folder}: {holes} of the frame numbers {frames[0]}..{frames[-1]} are missing; "
            "a track goes on in the next frame there is"
        )
    if not truth.has_track_file:
        found.append(
            f"{truth.folder}: no TRA/man_track.txt; a track is a marker label from its first to its "
            "last appearance, without parent"
        )
    elif not any(track.parent for track in truth.tracks):
        found.append(f"{truth.folder}: no track has a parent; divisions are not scored")
    outlined = sum(frame in truth.segmentation for frame in frames)
    if not outlined:
        found.append(f"{truth.folder}: no SEG ground truth in these frames; SEG is undefined")
    elif outlined < len(frames):
        found.append(f"{truth.folder}: SEG ground truth covers {outlined} of {len(frames)} frames")
    unlisted, absent = compare_with_masks(labels, tracks)
    if unlisted:
        found.append(f"{truth.folder}: markers of no track, counted without links: {_places(unlisted)}")
    if absent:
        found.append(
            f"{truth.folder}: tracks without a marker, no object or link is expected there: {_places(absent)}"
        )
    return found


def result_warnings(
    result: Result, frames: Sequence[int], tracks: Sequence[Track], labels: Labels, whole: bool
) -> list[str]:
    """Say what makes the result invalid, or was left out of the score.

    Parameters
    ----------
    result : Result
    frames : sequence of int
        Frame numbers scored, ascending.
    tracks : sequence of Track
        Its tracks, cut to these frames.
    labels : mapping of int to (n,) int64
        Labels of its objects in each frame.
    whole : bool
        Whether the whole sequence was to be scored, so that masks left out are worth a word.

    Returns
    -------
    list of str
        One clause per defect.
    """
    found: list[str] = []
    extra = sorted(set(result.masks) - set(frames))
    if whole and extra:
        found.append(
            f"{result.folder}: {len(extra)} masks of frames without ground truth are ignored, "
            f"the first is {result.masks.files[extra[0]].name}"
        )
    unlisted, absent = compare_with_masks(labels, tracks)
    if unlisted:
        found.append(
            f"{result.folder}: invalid result: labels in masks but not in res_track.txt, counted without "
            f"links: {_places(unlisted)}"
        )
    if absent:
        found.append(
            f"{result.folder}: invalid result: labels in res_track.txt but not in the mask: {_places(absent)}"
        )
    return found


def _places(places: Sequence[tuple[int, int]]) -> str:
    """Where, by label: `label 2 in frames 23-26; label 6 in frames 65`; the first few labels of many."""
    by_label: dict[int, list[int]] = {}
    for frame, label in places:
        by_label.setdefault(label, []).append(frame)
    shown = [f"label {label} in frames {_runs(by_label[label])}" for label in sorted(by_label)[:_SHOWN]]
    more = [f"and {len(by_label) - _SHOWN} labels more"] if len(by_label) > _SHOWN else []
    return "; ".join([*shown, *more])


def _runs(frames: Sequence[int]) -> str:
    ends = np.flatnonzero(np.diff(frames) != 1)
    runs = [(int(run[0]), int(run[-1])) for run in np.split(np.asarray(frames), ends + 1)]
    return ", ".join(f"{first}" if first == last else f"{first}-{last}" for first, last in runs)
