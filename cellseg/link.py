"""Masks of any program in, a Cell Tracking Challenge result out: the linker alone.

    masks -> tables -> lineage -> masks, res_track.txt

Every mask is read twice, once for its table rows and once to be written with its tracks' labels, so that
memory does not grow with the pixels of the movie.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from cellseg.config import Settings
from cellseg.ctc import LARGEST_LABEL, RESULT_TRACKS, read_tracks
from cellseg.errors import CellsegError
from cellseg.export import fresh
from cellseg.finish import check_border, hash_result, link_tables, write_result
from cellseg.read_record import read_record
from cellseg.record import RunRecord, peak_memory
from cellseg.result_folder import RECORD
from cellseg.tracking import object_rows, overlap_rows
from cellseg.tracking.regions import split_pieces
from cellseg.types import NEXT, OVERLAP_DTYPE, Track
from cellseg.video import Video
from cellseg.whole_file import write_whole

_LOOKED_AT = 10
"""Masks with objects that are looked at to tell numbered cells from other pictures."""
_NUMBER_THEM = (
    "Number the cells first, as Analyze Particles (Count Masks) in Fiji or skimage.measure.label do."
)


class Progress(Protocol):
    """Wraps the frame indices of a pass over the movie."""

    def __call__(self, indices: range, doing: str) -> Iterable[int]:
        """Give them back, and show how far it is."""


def link(
    masks: Video,
    settings: Settings,
    result: Path,
    *,
    frames: Video | None = None,
    overwrite: bool = False,
    progress: Progress = lambda indices, doing: indices,
    say: Callable[[str], Any] = lambda message: None,
) -> tuple[Track, ...]:
    """Link the cells of a movie whose masks there are.

    Parameters
    ----------
    masks : Video
        As of `cellseg.masks.open_masks`.
    settings : Settings
        Of which only the linker's count.
    result : Path
        Folder to write, such as `01_RES`. One that was made from the same masks is left as it is, but for the
        path of the movie in its record.
    frames : Video, optional
        The movie itself, in the order of the masks: gives the numbers of the frames.
    overwrite : bool
        Whether an existing result is replaced.
    progress : callable
        Wraps the frame indices of a pass over the movie, and is told what it does.
    say : callable
        Told what a user should know.

    Returns
    -------
    tuple of Track
        What `res_track.txt` says.

    Raises
    ------
    CellsegError
        A mask cannot be read, tells no cells apart, or has another size; the movie does not fit; another
        result exists; or there are more than 65,535 tracks.
    """
    if frames is not None:
        _check_frames(masks, frames)
    check_border(masks, settings.linker)
    _check_place(masks, result)
    record = _describe(masks, settings, frames or masks)
    if not overwrite and record.is_done_in(result):
        if frames is not None:
            _name_movie(result, frames)
        return tuple(read_tracks(result / RESULT_TRACKS))
    with fresh(result, overwrite) as folder:
        begin = time.perf_counter()
        _refuse_unnumbered(masks)
        read = _Reader(masks, settings.linker.border)
        objects, overlaps = _tables(read, progress(range(len(masks)), doing="reading"))
        if len(objects) == 0:
            say("no mask holds a cell: the result is empty")
        tabled = time.perf_counter()
        lineage = link_tables(objects, overlaps, settings.linker, masks)
        linked = time.perf_counter()
        folder.mkdir()
        numbered = frames or masks
        numbers = numbered.frame_numbers
        digits = max(numbered.digits, len(str(numbers[-1])))
        tracks = write_result(lineage, read, folder, numbers, digits, partial(progress, doing="writing"))
        end = time.perf_counter()
        record.seconds = {
            "reading": tabled - begin,
            "linking": linked - tabled,
            "writing": end - linked,
            "elapsed": end - begin,
        }
        record.tracks, record.output, record.peak_memory = len(tracks), hash_result(folder), peak_memory()
        record.status = "done"
        record.write(folder)
    return tracks


class _Reader:
    """Gives the label image of a frame as the tables know it."""

    def __init__(self, masks: Video, border: int) -> None:
        self._masks, self._border = masks, border

    def __call__(self, t: int) -> NDArray[np.int64]:
        labels = _small_numbers(self._masks.frame(t))
        if self._border:
            # What lies in the rim alone is outside the field of interest.
            height, width = labels.shape
            inside = np.zeros(labels.max() + 1, bool)
            inside[labels[self._border : height - self._border, self._border : width - self._border]] = True
            labels = np.where(inside[labels], labels, 0)
        return labels


def _small_numbers(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the cells of a frame small numbers, if theirs are large: tables are as long as the largest."""
    if labels.max() <= LARGEST_LABEL:
        return labels
    present, place = np.unique(labels, return_inverse=True)
    # Without background the smallest label is a cell.
    return place.reshape(labels.shape) + int(present[0] > 0)


def _tables(read: _Reader, indices: Iterable[int]) -> tuple[NDArray[np.void], NDArray[np.void]]:
    """Describe all objects and all overlaps of neighbouring frames."""
    objects, overlaps = [], [np.zeros(0, OVERLAP_DTYPE)]
    before: NDArray[np.int64] | None = None
    for t in indices:
        labels = read(t)
        objects.append(object_rows(labels, t))
        if before is not None:
            overlaps.append(overlap_rows(before, labels, t - 1, NEXT))
        before = labels
    return np.concatenate(objects), np.concatenate(overlaps)


def _refuse_unnumbered(masks: Video) -> None:
    """Refuse masks whose numbers are not those of cells: most of them lie in several places at once."""
    numbers, pieces, frames = set(), [], 0
    for t in range(len(masks)):
        _, owner, _, _ = split_pieces(masks.frame(t))
        present, count = np.unique(owner[1:], return_counts=True)
        numbers.update(present.tolist())
        pieces += count.tolist()
        frames += len(present) > 0
        if frames == _LOOKED_AT:
            break
    if np.median(pieces or [0]) <= 1:
        return
    if len(numbers) == 1:
        raise CellsegError(
            f"all cells have the number {numbers.pop()}: the masks tell only cell from background",
            path=masks.path,
            remedy=_NUMBER_THEM,
        )
    raise CellsegError(
        "most numbers lie in several places: these are intensities or classes of pixels, not masks of cells",
        path=masks.path,
        remedy=f"Give the masks, not the movie. {_NUMBER_THEM}",
    )


def _check_frames(masks: Video, frames: Video) -> None:
    """Refuse a movie that the masks are not of."""
    if len(masks) != len(frames):
        raise CellsegError(
            f"there are {len(masks)} masks, but {len(frames)} frames in {frames.path}",
            path=masks.path,
            remedy="Give the movie that the masks were made of, or leave --frames out.",
        )
    if masks.shape != frames.shape:
        here, there = (f"{y} x {x}" for _, y, x in (masks.shape, frames.shape))
        raise CellsegError(
            f"the masks are {here} pixels (y, x), the frames in {frames.path} {there}",
            path=masks.path,
            remedy="Save the masks at the size of the frames.",
        )


def _check_place(masks: Video, result: Path) -> None:
    """Refuse to replace the masks by what is made of them."""
    if result.resolve() in (masks.path.resolve(), *masks.path.resolve().parents):
        raise CellsegError(
            "the result would take the place of the masks", path=result, remedy="Choose another --output."
        )


def _describe(masks: Video, settings: Settings, numbered: Video) -> RunRecord:
    """Begin the record: what the result is made from; `path`, where there is one, is that of the movie."""
    source = {
        "masks": str(masks.path),
        "shape": list(masks.shape),
        "frames": [numbered.frame_numbers[0], numbered.frame_numbers[-1] + 1],
        "files": masks.fingerprint(),
    }
    if numbered is not masks:
        source["path"] = str(numbered.path)
    chosen = settings.model_dump(mode="json", include={"dataset", "linker"})
    return RunRecord(settings=chosen, model={}, input=source)


def _name_movie(result: Path, frames: Video) -> None:
    """Record where the movie of a result is, which may have been linked without it."""
    record = read_record(result)
    if record is not None and record["input"].get("path") != str(frames.path):
        named = {**record, "input": {**record["input"], "path": str(frames.path)}}
        write_whole(result / RECORD, json.dumps(named, indent=1) + "\n")
