"""Check a result against every rule of the challenge, and report all that is wrong at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cellseg.ctc.mask_rules import check_mask, check_names
from cellseg.ctc.masks import object_labels, read_labels
from cellseg.ctc.names import RESULT_TRACKS
from cellseg.ctc.raw_frames import find_raw_frames
from cellseg.ctc.track_rules import check_tracks, compare_with_masks
from cellseg.ctc.tracks import parse_tracks
from cellseg.ctc.violation import Violation
from cellseg.errors import CellsegError
from cellseg.types import Track


def validate(
    result_folder: Path,
    frames_folder: Path | None = None,
    *,
    numbers: Iterable[int] | None = None,
    digits: int | None = None,
    progress: Callable[[list[int]], Iterable[int]] = iter,
) -> list[Violation]:
    """Check a result folder, one mask at a time.

    Rules: the challenge's naming and file content conventions, and those its own and the community's programs
    enforce.

    Parameters
    ----------
    result_folder : Path
        Folder with `maskTTT.tif` and `res_track.txt`.
    frames_folder : Path, optional
        Folder with the raw frames `tTTT.tif`; with it, number, digits and size of the masks are held to them.
    numbers : iterable of int, optional
        Without a frames folder: the frame numbers there should be; by default all from 0 to that of the last
        mask.
    digits : int, optional
        Without a frames folder: digits in the names; by default any number from 3.
    progress : callable
        Wraps the list of frame numbers, such as `tqdm.tqdm`.

    Returns
    -------
    list of Violation
        All of them; empty when the result is valid and there is nothing to remark.

    Raises
    ------
    CellsegError
        A folder does not exist, or the frames folder holds no frames.
    """
    if not result_folder.is_dir():
        raise CellsegError("is not a folder", path=result_folder)
    shape: tuple[int, ...] | None = None
    if frames_folder is not None:
        frames = find_raw_frames(frames_folder)
        numbers, digits, shape = frames.numbers, frames.digits, frames.shape

    masks, found = check_names(result_folder, numbers, digits)
    if not masks:
        found.append(Violation(result_folder, "no-masks", "holds no mask"))
    labels: dict[int, NDArray[np.int64]] = {}
    for number in progress(list(masks)):
        try:
            image = read_labels(masks[number])
        except CellsegError as error:
            found.append(Violation(masks[number], "unreadable", error.reason))
            continue
        shape = shape or image.shape
        found.extend(check_mask(masks[number], image, shape))
        labels[number] = object_labels(image)

    track_file = result_folder / RESULT_TRACKS
    if not track_file.is_file():
        return [*found, Violation(track_file, "no-track-file", "does not exist")]
    try:
        tracks, problems = parse_tracks(track_file)
    except CellsegError as error:
        return [*found, Violation(track_file, "unreadable", error.reason)]
    found.extend(Violation(track_file, "track-line", problem) for problem in problems)
    found.extend(check_tracks(track_file, tracks))
    found.extend(_check_both_ways(masks, labels, track_file, tracks))
    return found


def _check_both_ways(
    masks: dict[int, Path], labels: dict[int, NDArray[np.int64]], track_file: Path, tracks: list[Track]
) -> list[Violation]:
    unlisted, absent = compare_with_masks(labels, tracks)
    found: list[Violation] = []
    for frame, label in unlisted:
        message = f"label {label} belongs to no track that lives in frame {frame}"
        found.append(Violation(masks[frame], "unlisted-object", message, label))
    for frame, label in absent:
        message = f"label {label} is absent, but its track lives in frame {frame}"
        found.append(Violation(masks[frame], "absent-object", message, label))
    last = max(masks, default=-1)
    for track in tracks:
        if track.end > last:
            message = f"track {track.label} ends in frame {track.end}, after the last mask"
            found.append(Violation(track_file, "track-beyond", message, track.label))
    return found
