"""Lazy readers of a result folder and a ground-truth folder; nothing is held but file names and tracks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellseg.ctc.masks import object_labels, read_labels
from cellseg.ctc.names import (
    MARKERS,
    MASK,
    REFERENCE_TRACKS,
    RESULT_TRACKS,
    SEGMENTATION,
    markers_path,
    mask_path,
    numbered_files,
)
from cellseg.ctc.tracks import read_tracks, tracks_from_labels
from cellseg.errors import CellsegError
from cellseg.types import Track

_NO_FOLDER = "is not a folder"


class LabelImages(Mapping[int, NDArray[np.integer[Any]]]):
    """The numbered label images of one folder, by frame number, read when asked for.

    Parameters
    ----------
    folder : Path
    prefix : str
        What stands before the frame number in the file names (`cellseg.ctc.names`).

    Attributes
    ----------
    files : dict of int to Path
        By frame number, ascending; empty when the folder does not exist.
    """

    def __init__(self, folder: Path, prefix: str) -> None:
        self.files = numbered_files(folder, prefix)

    def __len__(self) -> int:
        return len(self.files)

    def __iter__(self) -> Iterator[int]:
        return iter(self.files)

    def __contains__(self, frame: object) -> bool:
        return frame in self.files  # a mapping would read the image to find out

    def __getitem__(self, frame: int) -> NDArray[np.integer[Any]]:
        return read_labels(self.files[frame])


class Result:
    """A result: `maskTTT.tif` and `res_track.txt`.

    Parameters
    ----------
    folder : Path
        Such as `01_RES`.

    Attributes
    ----------
    masks : LabelImages
        By frame number.

    Raises
    ------
    CellsegError
        The folder holds no masks.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.masks = LabelImages(folder, MASK)
        if not self.masks:
            reason = f"holds no result masks ({mask_path(Path(), 0)}, ...)" if folder.is_dir() else _NO_FOLDER
            raise CellsegError(reason, path=folder, remedy="Give the folder of a result, such as 01_RES.")

    @cached_property
    def tracks(self) -> list[Track]:
        """The lines of `res_track.txt`."""
        return read_tracks(self.folder / RESULT_TRACKS)


class GroundTruth:
    """A ground truth: markers and tracks in `TRA`, outlines of some frames in `SEG`, and silver truth.

    Parameters
    ----------
    folder : Path
        Such as `01_GT`.
    silver : Path, optional
        Folder of silver-truth masks `man_segTTT.tif`; by default `01_ST/SEG` beside `01_GT`, if it exists.

    Attributes
    ----------
    markers : LabelImages
        Tracking markers; labels are track labels.
    segmentation : LabelImages
        Gold outlines; labels are those of the frame only.
    silver : LabelImages
        Silver outlines; likewise. Empty when there are none.

    Raises
    ------
    CellsegError
        The folder holds no tracking ground truth, or a silver truth that was asked for is not there.
    """

    def __init__(self, folder: Path, silver: Path | None = None) -> None:
        self.folder = folder
        self.markers = LabelImages(folder / "TRA", MARKERS)
        if not self.markers:
            reason = f"holds no tracking ground truth ({markers_path(Path(), 0)}, ...)"
            remedy = "Give the ground-truth folder of a sequence, such as 01_GT."
            raise CellsegError(reason if folder.is_dir() else _NO_FOLDER, path=folder, remedy=remedy)
        self.segmentation = LabelImages(folder / "SEG", SEGMENTATION)
        self.silver = LabelImages(silver or self._silver_beside(), SEGMENTATION)
        if silver is not None and not self.silver:
            raise CellsegError("holds no masks man_segTTT.tif", path=silver)

    @property
    def has_track_file(self) -> bool:
        """Whether `TRA/man_track.txt` exists; if not, `tracks` come from the markers."""
        return self._track_file.is_file()

    @cached_property
    def tracks(self) -> list[Track]:
        """The lines of `TRA/man_track.txt`; without it, first to last appearance of each label, no parents.

        Frame numbers may have holes: a track then goes on in the next frame present.
        """
        if self.has_track_file:
            return read_tracks(self._track_file)
        return tracks_from_labels({frame: object_labels(self.markers[frame]) for frame in self.markers})

    @property
    def _track_file(self) -> Path:
        return self.folder / "TRA" / REFERENCE_TRACKS

    def _silver_beside(self) -> Path:
        folder = self.folder.resolve()
        return folder.with_name(f"{folder.name.removesuffix('_GT')}_ST") / "SEG"
