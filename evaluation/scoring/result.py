"""Labels of one frame pair after the other become a result of the Cell Tracking Challenge, as in `infer`."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from cellseg.config import Settings
from cellseg.ctc import RESULT_TRACKS, mask_path, write_mask, write_tracks
from cellseg.pair_clusters import fine_foreground
from cellseg.rshn import Pair
from cellseg.tracking import (
    Lineage,
    LinkerSettings,
    clean_instances,
    object_rows,
    overlap_rows,
    solve_lineage,
    upsample_labels,
)
from cellseg.types import CHAIN, NEXT
from cellseg.video import Video


@dataclass
class Result:
    """The masks of a short movie, all in memory, and what the linker goes by.

    Attributes
    ----------
    video : Video
    settings : Settings
        Of linker and instances.
    threshold : float
        Pixels of cells are those whose squared e0 component is below it.
    min_area : int
        Smallest instance in a frame, in original pixels.
    first : int
        Index of the frame of the first mask.
    """

    video: Video
    settings: Settings
    threshold: float = 0.5
    min_area: int = 1
    first: int = 0
    _masks: list[NDArray[Any]] = field(default_factory=list)
    _objects: list[NDArray[np.void]] = field(default_factory=list)
    _overlaps: list[NDArray[np.void]] = field(default_factory=list)
    _previous: NDArray[np.int32] | None = None

    def add_pair(self, pair: Pair, halves: NDArray[np.int32]) -> None:
        """Take the labels (2, Y', X') of a pair, at network scale."""
        if self._previous is None:
            self.first = pair.first.frame
            self.add_frame(self._original_size(halves[0], pair.first.vectors))
        else:
            self._overlaps.append(overlap_rows(self._previous, halves[0], pair.first.frame, CHAIN))
        self.add_frame(self._original_size(halves[1], pair.second.vectors))
        self._previous = halves[1]

    def add_frame(self, labels: NDArray[Any]) -> None:
        """Take the labels (Y, X) of the next frame, at original size."""
        mask = clean_instances(
            labels,
            min_area=self.min_area,
            fill_holes=self.settings.instances.fill_holes,
            border=self.settings.linker.border,
        )
        frame = self.first + len(self._masks)
        if self._masks:
            self._overlaps.append(overlap_rows(self._masks[-1], mask, frame - 1, NEXT))
        self._masks.append(mask)
        self._objects.append(object_rows(mask, frame))

    def link(self) -> Lineage:
        """Solve the lineage."""
        linker = LinkerSettings(**self.settings.linker.model_dump(exclude={"border"}))
        border = self.settings.linker.border
        field_of_interest = border, border, self.video.shape[1] - border, self.video.shape[2] - border
        tables = np.concatenate(self._objects), np.concatenate(self._overlaps)
        return solve_lineage(*tables, linker, field_of_interest)

    def write(self, folder: Path, lineage: Lineage) -> None:
        """Write masks and `res_track.txt` to a new folder."""
        folder.mkdir(parents=True)
        for t in range(self.first, self.first + len(self._masks)):
            path = mask_path(folder, self.video.frame_numbers[t], self.video.digits)
            write_mask(path, lineage.final_frame(t, lambda u: self._masks[u - self.first]))
        shift = self.video.frame_numbers[0]
        tracks = [
            track._replace(begin=track.begin + shift, end=track.end + shift) for track in lineage.tracks
        ]
        write_tracks(folder / RESULT_TRACKS, tracks)

    def _original_size(self, labels: NDArray[np.int32], vectors: Tensor) -> NDArray[Any]:
        shape = (self.video.shape[1], self.video.shape[2])
        return upsample_labels(labels, shape, fine_foreground(vectors, shape, self.threshold))
