"""Write a corrected copy of a result: everything that can be put right without guessing."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cellseg.ctc.masks import object_labels, read_plane, write_mask
from cellseg.ctc.names import (
    MARKERS,
    MASK,
    REFERENCE_TRACKS,
    RESULT_TRACKS,
    digits_of,
    mask_path,
    number_width,
)
from cellseg.ctc.raw_frames import RawFrames, find_raw_frames
from cellseg.ctc.rebuild_tracks import rebuild_tracks, relabelled
from cellseg.ctc.tracks import parse_tracks, write_tracks
from cellseg.errors import CellsegError
from cellseg.types import Track

_NAME = re.compile(rf"(?P<prefix>{MASK}|{MARKERS})[ _-]?(?P<number>[0-9]{{1,9}})\.tiff?", re.IGNORECASE)
"""Names that were meant to be masks, those of a ground truth included: some programs export results so."""


@dataclass(frozen=True)
class Change:
    """One thing that is different in the corrected copy.

    Attributes
    ----------
    path : Path
        File of the original that is concerned, or of the copy where there was none.
    message : str
        What is different, as a clause.
    """

    path: Path
    message: str

    def __str__(self) -> str:
        return f"corrected: {self.path}: {self.message}"


def fix(
    result_folder: Path,
    output: Path,
    frames_folder: Path | None = None,
    *,
    progress: Callable[[list[int]], Iterable[int]] = iter,
) -> list[Change]:
    """Write a corrected copy of a result.

    Names, digits, type and range of the labels are put right; tracks are made anew from the masks, with the
    parents that are possible (`rebuild_tracks`). A mask that is missing, damaged or of the wrong size becomes
    an empty one. Objects in pieces stay as they are.

    Parameters
    ----------
    result_folder : Path
    output : Path
        Folder to write; it may exist if it is empty. Holds masks and track file, nothing else.
    frames_folder : Path, optional
        Folder with the raw frames; without it there are to be masks from 0 to the last there is.
    progress : callable
        Wraps the list of frame numbers, such as `tqdm.tqdm`; called twice.

    Returns
    -------
    list of Change
        Empty when the copy says the same as the original.

    Raises
    ------
    CellsegError
        There is nothing like a mask, the output is in the way, or there are more than 65,535 tracks.
    """
    if output.exists() and not (output.is_dir() and not any(output.iterdir())):
        raise CellsegError("exists already", path=output, remedy="Name a new folder with --fix.")
    frames = None if frames_folder is None else find_raw_frames(frames_folder)
    sources, changes = _find_masks(result_folder, frames)
    numbers, digits = _numbers(result_folder, sources, frames)

    shape = None if frames is None else frames.shape
    seen: dict[int, NDArray[np.int64]] = {}
    for number in progress(numbers):
        labels, message = _read(sources.get(number), shape)
        path = sources.get(number, mask_path(result_folder, number, digits))
        if message:
            changes.append(Change(path, message))
        if labels is None:
            sources.pop(number, None)
            seen[number] = np.zeros(0, np.int64)
            continue
        shape = shape or labels.shape
        seen[number] = object_labels(labels)
        if path.name != mask_path(path.parent, number, digits).name:
            changes.append(Change(path, f"is {mask_path(Path(), number, digits)} now"))
    if shape is None:
        raise CellsegError("no mask can be read", path=result_folder)

    track_file, lines, found = _read_tracks(result_folder)
    rebuilt = rebuild_tracks(seen, lines)
    changes += [Change(track_file, message) for message in [*found, *rebuilt.changes]]

    partial = output.with_name(output.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for number in progress(numbers):
        target = mask_path(partial, number, digits)
        labels, message = _read(sources.get(number), shape)
        if labels is None:
            write_mask(target, np.zeros(shape, np.uint16))
        elif message or number in rebuilt.new_labels:
            write_mask(target, relabelled(labels, rebuilt.new_labels.get(number, {})))
        else:
            shutil.copyfile(sources[number], target)
    write_tracks(partial / RESULT_TRACKS, rebuilt.tracks)
    if output.exists():
        output.rmdir()
    partial.replace(output)
    return changes


def _find_masks(folder: Path, frames: RawFrames | None) -> tuple[dict[int, Path], list[Change]]:
    """Masks by the number they are to have, the best name first where two have the same."""
    if not folder.is_dir():
        raise CellsegError("is not a folder", path=folder)
    named = [(name, path) for path in sorted(folder.iterdir()) if (name := _NAME.fullmatch(path.name))]
    prefixes = {name["prefix"].lower() for name, _ in named}
    wanted = MASK if MASK in prefixes else MARKERS
    candidates = [
        (name["prefix"] != MASK, path.suffix != ".tif", -len(name["number"]), int(name["number"]), path)
        for name, path in named
        if name["prefix"].lower() == wanted
    ]
    masks: dict[int, Path] = {}
    changes = []
    for *_, number, path in sorted(candidates):
        if number in masks:
            changes.append(Change(path, f"is left out: it has the frame number of {masks[number].name}"))
        masks.setdefault(number, path)
    if not masks:
        raise CellsegError("holds no mask", path=folder)
    masks = dict(sorted(masks.items()))
    if frames is None:
        return masks, changes
    shift = frames.numbers[0] - min(masks)
    if shift and [number + shift for number in masks] == list(frames.numbers):
        masks = dict(zip(frames.numbers, masks.values(), strict=True))
        changes.append(Change(folder, f"the frames begin at {frames.numbers[0]}, and so do the masks now"))
    for number in sorted(masks.keys() - set(frames.numbers)):
        changes.append(Change(masks.pop(number), f"is left out: there is no frame {number}"))
    return masks, changes


def _numbers(folder: Path, masks: dict[int, Path], frames: RawFrames | None) -> tuple[list[int], int]:
    """Frame numbers there are to be, and digits of the names."""
    if frames is not None:
        return list(frames.numbers), frames.digits
    count = max(masks) + 1
    if count > 2 * len(masks):
        raise CellsegError(
            f"holds {len(masks)} masks, the last of which has the number {count - 1}",
            path=folder,
            remedy="Name the folder of the movie with --frames: it says which frames there are.",
        )
    (usual, _), *_ = Counter(map(digits_of, masks.values())).most_common(1)
    return list(range(count)), max(usual, number_width(count))


def _read(path: Path | None, shape: tuple[int, ...] | None) -> tuple[NDArray[np.int64] | None, str]:
    """Labels of a mask, negative ones erased, or None where there are none; and what had to be changed."""
    if path is None:
        return None, "did not exist: it is an empty mask now"
    try:
        image = read_plane(path)
    except CellsegError as error:
        return None, f"{error.reason}: it is an empty mask now"
    if shape is not None and image.shape != shape:
        return None, f"is {image.shape} pixels instead of {shape}: it is an empty mask now"
    if not (np.isfinite(image).all() and (image == np.rint(image)).all()):
        return None, "holds fractions instead of labels: it is an empty mask now"
    messages = [] if image.dtype == np.uint16 else [f"holds uint16 instead of {image.dtype} values"]
    labels = image.astype(np.int64)
    if labels.min() < 0:
        labels = np.maximum(labels, 0)
        messages.append("values below 0 are background now")
    return labels, ", ".join(messages)


def _read_tracks(folder: Path) -> tuple[Path, list[Track], list[str]]:
    """Find the track file, the lines that can be used, and what is left out."""
    path = folder / RESULT_TRACKS
    messages = []
    if not path.is_file() and (folder / REFERENCE_TRACKS).is_file():
        path = folder / REFERENCE_TRACKS
        messages.append(f"is {RESULT_TRACKS} now")
    if not path.is_file():
        return path, [], ["did not exist: it is made from the masks, without parents"]
    try:
        tracks, problems = parse_tracks(path)
    except CellsegError as error:
        return path, [], [f"{error.reason}: it is made from the masks, without parents"]
    return path, tracks, messages + [f"left out: {problem}" for problem in problems]
