"""The tables of a movie too large for masks: discs that wander, divide and die, of which some are missed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from cellseg.tracking import Lineage
from cellseg.types import NEXT, OVERLAP_DTYPE, Track, object_dtype
from evaluation.linkers.movie import Masks, Movie

_RADII = 7.0, 10.0
"""Of a disc at birth and when it is grown, in pixels; it grows by `_GROWTH` a frame."""
_GROWTH = 1.003
_STEP = 2.0
"""Standard deviation of a step, per axis."""
_COVERED = 0.35
"""Share of the image that grown discs would cover."""
_DIVIDING = 0.003
"""Share that divides in a frame; as many die."""
_MISSED = 0.01


@dataclass
class Tables(Masks):
    """Objects and overlaps alone; in the label images (1, n) a cell is one pixel, 0 where it is missed."""

    size: tuple[int, int] = (0, 0)

    @property
    def shape(self) -> tuple[int, int]:
        """Size (Y, X) of a frame."""
        return self.size

    def fresh(self) -> Tables:
        """Keep the tables: there is nothing to make them of."""
        return self

    def draw(self, lineage: Lineage, t: int) -> NDArray[Any]:
        """Give the objects their final labels; where there are no pixels nothing is drawn."""
        labels: NDArray[Any] = lineage.final_labels(t)[self.labels[t]]
        return labels


@dataclass(frozen=True)
class _Cells:
    """The cells of a frame: places (n, 2), radii, track labels, and which of them are found."""

    place: NDArray[np.float64]
    radius: NDArray[np.float64]
    label: NDArray[np.int64]
    found: NDArray[np.bool_]

    def seen(self) -> _Cells:
        """Leave out those that are missed."""
        parts = (self.place[self.found], self.radius[self.found], self.label[self.found])
        return _Cells(*parts, self.found[self.found])


def big(frames: int, cells: int, seed: int = 0) -> Movie:
    """Make the tables of a movie.

    Parameters
    ----------
    frames, cells : int
        Number of frames, and of cells in each.
    seed : int

    Returns
    -------
    Movie
        Its masks are `Tables`; its markers have one pixel for each cell.
    """
    side = float(np.ceil(_RADII[1] * np.sqrt(cells * np.pi / _COVERED)))
    objects, overlaps, labels, markers = [], [], [], []
    tracks: list[Track] = []
    before: _Cells | None = None
    for t, here in enumerate(_culture(frames, cells, side, seed, tracks)):
        seen = here.seen()
        objects.append(_objects(seen, t, side))
        if before is not None:
            overlaps.append(_overlaps(before, seen, t - 1))
        ids = np.zeros((1, cells), np.int64)
        ids[0, here.found] = np.arange(1, len(seen.label) + 1)
        labels.append(ids)
        markers.append(here.label[None])
        before = seen
    masks = Tables(np.stack(labels), size=(int(side), int(side)))
    masks.objects, masks.overlaps = np.concatenate(objects), np.concatenate(overlaps)
    return Movie(f"{frames:,} frames x {cells:,} cells", masks, np.stack(markers), tuple(tracks))


def _culture(frames: int, cells: int, side: float, seed: int, tracks: list[Track]) -> Iterator[_Cells]:
    """Let the cells live, and write their lineage down."""
    rng = np.random.default_rng(seed)
    place, radius = rng.uniform(0, side, (cells, 2)), rng.uniform(*_RADII, cells)
    label = np.arange(1, cells + 1)
    tracks += [Track(int(each), 0, frames - 1, 0) for each in label]
    for t in range(frames):
        place = np.clip(place + rng.normal(0, _STEP, place.shape), 0, side - 1)
        radius = np.minimum(radius * _GROWTH, _RADII[1])
        count = min(rng.poisson(cells * _DIVIDING), cells // 2) if t else 0
        chosen = rng.permutation(cells)[: 2 * count]
        dying, dividing = chosen[:count], chosen[count:]
        for cell in chosen:
            tracks[label[cell] - 1] = tracks[label[cell] - 1]._replace(end=t - 1)
        angle = rng.uniform(0, np.pi, count)
        apart = np.stack([np.sin(angle), np.cos(angle)], axis=1) * radius[dividing, None] * 0.8
        place[dying], place[dividing] = place[dividing] + apart, place[dividing] - apart
        radius[dividing] *= 0.75
        radius[dying] = radius[dividing]
        mothers = label[dividing].copy()
        for daughters in (dying, dividing):
            for cell, mother in zip(daughters, mothers, strict=True):
                tracks.append(Track(len(tracks) + 1, t, frames - 1, int(mother)))
                label[cell] = len(tracks)
        place = np.clip(place, 0, side - 1)
        yield _Cells(place, radius, label.copy(), rng.random(cells) >= _MISSED)


def _objects(cells: _Cells, frame: int, side: float) -> NDArray[np.void]:
    rows = np.zeros(len(cells.label), object_dtype(0))
    radius = cells.radius[:, None]
    rows["frame"], rows["id"] = frame, np.arange(1, len(rows) + 1)
    rows["area"], rows["centroid"] = np.pi * cells.radius**2, cells.place
    rows["bbox"][:, :2] = np.maximum(np.floor(cells.place - radius), 0)
    rows["bbox"][:, 2:] = np.minimum(np.ceil(cells.place + radius), side)
    rows["touches_border"] = ((rows["bbox"] <= 0) | (rows["bbox"] >= side)).any(axis=1)
    return rows


def _overlaps(first: _Cells, second: _Cells, frame: int) -> NDArray[np.void]:
    """Areas that the discs of two frames share, and what each shares with the background."""
    near = KDTree(first.place).sparse_distance_matrix(
        KDTree(second.place), 2 * _RADII[1], output_type="ndarray"
    )
    area = _lens(near["v"], first.radius[near["i"]], second.radius[near["j"]]).astype(np.int64)
    near, area = near[area > 0], area[area > 0]
    pairs = _rows(frame, near["i"] + 1, near["j"] + 1, area)
    rest = [
        np.maximum(np.pi * cells.radius**2 - np.bincount(near[side], area, len(cells.label)), 0)
        for cells, side in ((first, "i"), (second, "j"))
    ]
    left = _rows(frame, np.arange(1, len(first.label) + 1), 0, rest[0])
    right = _rows(frame, 0, np.arange(1, len(second.label) + 1), rest[1])
    return np.concatenate([pairs, left, right])


def _lens(distance: NDArray[Any], a: NDArray[Any], b: NDArray[Any]) -> NDArray[np.float64]:
    """Area that two discs of radius a and b share."""
    d = np.clip(distance, np.abs(a - b) + 1e-9, a + b)
    one = a**2 * np.arccos(np.clip((d**2 + a**2 - b**2) / (2 * d * a), -1, 1))
    other = b**2 * np.arccos(np.clip((d**2 + b**2 - a**2) / (2 * d * b), -1, 1))
    kite = np.sqrt(np.maximum((a + b - d) * (d + a - b) * (d - a + b) * (d + a + b), 0)) / 2
    shared: NDArray[np.float64] = one + other - kite
    return shared


def _rows(frame: int, first: Any, second: Any, pixels: NDArray[Any]) -> NDArray[np.void]:
    rows = np.zeros(len(pixels), OVERLAP_DTYPE)
    rows["frame"], rows["kind"] = frame, NEXT
    rows["id_a"], rows["id_b"], rows["pixels"] = first, second, pixels
    return rows
