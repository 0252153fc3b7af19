"""Measure every track, from the objects of one frame after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellseg.export.experiment import Experiment
from cellseg.export.lineages import Lineages
from cellseg.export.measure import Columns

_SECONDS_PER_MINUTE = 60.0


class TrackTable:
    """What is known of each track after the frames seen so far; grows with the number of tracks alone.

    Parameters
    ----------
    experiment : Experiment
        Gives tracks and units.
    """

    def __init__(self, experiment: Experiment) -> None:
        self._experiment = experiment
        self._lineages = Lineages(experiment.result.tracks)
        size = max(self._lineages.tracks, default=0) + 1
        self._count = np.zeros(size, np.int64)
        self._area = np.zeros(size)
        self._first = np.zeros((size, 2))
        self._last = np.zeros((size, 2))
        self._path_px = np.zeros(size)
        self._path_um = np.zeros(size)

    def add(self, columns: Columns) -> None:
        """Take in the objects of the next frame.

        Parameters
        ----------
        columns : dict of str to (n,) ndarray
            As `measure` gives them.
        """
        track = columns["track"]
        place = np.stack([columns["y_px"], columns["x_px"]], axis=1)
        new = self._count[track] == 0
        self._first[track[new]] = self._last[track[new]] = place[new]
        step = place - self._last[track]
        self._path_px[track] += np.hypot(*step.T)
        self._path_um[track] += np.hypot(*(step * self._pixel).T)
        self._last[track] = place
        self._count[track] += 1
        self._area[track] += columns["area_px"]

    def rows(self) -> Iterator[dict[str, Any]]:
        """Describe every track.

        Yields
        ------
        dict of str to value
            By ascending label: `track`, `lineage` (label of the first track of its family), `parent` (0 for
            none), `daughters` (labels), `begin_frame`, `end_frame`, `frames`, `division_frame` (first frame
            of its two or more daughters), `duration_frames` (end - begin), `path_px`, `displacement_px`
            (from the first to the last centroid), `directness` (displacement / path), `speed_px_per_frame`
            (path / duration), `mean_area_px`; where units are known `begin_s`, `duration_s`, `division_s`,
            `path_um`, `displacement_um`, `speed_um_per_min`, `mean_area_um2`. None where a value is not
            defined.
        """
        for label in self._lineages.tracks:
            yield self._row(label)

    @property
    def _pixel(self) -> NDArray[np.float64]:
        return np.array(self._experiment.pixel_size_um or (np.nan, np.nan))

    def _row(self, label: int) -> dict[str, Any]:
        lineages, interval = self._lineages, self._experiment.frame_interval_s
        track = lineages.tracks[label]
        duration, division = track.end - track.begin, lineages.division_frame(label)
        way = self._last[label] - self._first[label]
        path, displacement = float(self._path_px[label]), float(np.hypot(*way))
        area = self._area[label] / max(self._count[label], 1)
        row: dict[str, Any] = {
            "track": label,
            "lineage": lineages.root[label],
            "parent": track.parent,
            "daughters": " ".join(map(str, lineages.daughters[label])),
            "begin_frame": track.begin,
            "end_frame": track.end,
            "frames": int(self._count[label]),
            "division_frame": division,
            "duration_frames": duration,
            "path_px": path,
            "displacement_px": displacement,
            "directness": displacement / path if path > 0 else None,
            "speed_px_per_frame": path / duration if duration else None,
            "mean_area_px": area,
        }
        if interval is not None:
            row |= {
                "begin_s": track.begin * interval,
                "duration_s": duration * interval,
                "division_s": None if division is None else division * interval,
            }
        if self._experiment.pixel_size_um is not None:
            path_um = float(self._path_um[label])
            row |= {
                "path_um": path_um,
                "displacement_um": float(np.hypot(*(way * self._pixel))),
                "mean_area_um2": area * float(self._pixel.prod()),
            }
            if interval is not None:
                minutes = duration * interval / _SECONDS_PER_MINUTE
                row["speed_um_per_min"] = path_um / minutes if duration else None
        return row
