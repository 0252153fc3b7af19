"""Bring corrected tracks back: points and links become a result of the challenge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellseg.ctc import RESULT_TRACKS, mask_path, object_labels, read_labels, write_mask, write_tracks
from cellseg.ctc.rebuild_tracks import rebuild_tracks
from cellseg.errors import CellsegError
from cellseg.export.measure import Wrap
from cellseg.export.points import Points, tracks_of
from cellseg.tracking import object_rows

_UNMOVED = 1.0
"""Pixels between a point and the centroid of the object it was exported from, if nobody moved it."""


@dataclass
class Imported:
    """What became of the points.

    Attributes
    ----------
    tracks : int
        In the result.
    matched : int
        Points that took the outline of an object.
    discs : int
        Points drawn as discs.
    lost : int
        Points that got no pixel: they lie outside the image or under other cells.
    objects_left_out : int
        Objects of the masks that no point lies on.
    links_left_out : int
        Links that the challenge cannot express: a second parent, or backwards in time.
    """

    tracks: int = 0
    matched: int = 0
    discs: int = 0
    lost: int = 0
    objects_left_out: int = 0
    links_left_out: int = 0


def import_tracks(
    points: Points,
    masks: Mapping[int, NDArray[np.integer[Any]]],
    output: Path,
    *,
    digits: int = 3,
    radius: float = 5.0,
    progress: Wrap = iter,
) -> Imported:
    """Write tracks as `maskTTT.tif` and `res_track.txt`.

    A point takes the object it was exported from, if it has not been moved; else the object under it; else
    the one whose centroid is nearest, no farther than the radius of the point. Points that share an object
    divide its pixels, each taking the nearest. Where there is no object, a disc is drawn on free pixels.
    Objects without a point are left out.

    Parameters
    ----------
    points : Points
    masks : mapping of int to (Y, X) integer
        Label image of every frame there is; blank images where only points are known.
    output : Path
        Is made.
    digits : int
        Of the frame numbers in file names.
    radius : float
        Of discs, in pixels, where a point has none of its own.
    progress : callable
        Wraps the list of frame numbers, such as `tqdm.tqdm`.

    Returns
    -------
    Imported

    Raises
    ------
    CellsegError
        A point lies in a frame that there is not, or there are more tracks than 16-bit labels.
    """
    outside = set(points.frame.tolist()) - set(masks)
    if outside:
        raise CellsegError(
            f"a point lies in frame {min(outside)}, which is not there; frames are {min(masks)}-{max(masks)}",
            remedy="Give the movie or the result that the tracks belong to.",
        )
    labels, tracks, dropped = tracks_of(points)
    report = Imported(links_left_out=dropped)
    seen: dict[int, NDArray[np.int64]] = {}
    output.mkdir(parents=True)
    for frame in progress(list(masks)):
        here = np.flatnonzero(points.frame == frame)
        image = _draw(masks[frame], points, here, labels[here], radius, report)
        seen[frame] = object_labels(image)
        report.lost += len(here) - len(seen[frame])
        write_mask(mask_path(output, frame, digits), image)
    rebuilt = rebuild_tracks(seen, tracks)
    _rename(output, digits, rebuilt.new_labels)
    write_tracks(output / RESULT_TRACKS, rebuilt.tracks)
    report.tracks = len(rebuilt.tracks)
    return report


def _draw(
    objects: NDArray[np.integer[Any]],
    points: Points,
    here: NDArray[np.int64],
    labels: NDArray[np.int64],
    radius: float,
    report: Imported,
) -> NDArray[np.int64]:
    """Draw the points of one frame, each with its label."""
    owners = _owners(objects, points, here, radius)
    names = np.zeros(int(objects.max(initial=0)) + 1, np.int64)
    names[owners[owners > 0]] = labels[owners > 0]
    image: NDArray[np.int64] = names[objects]
    found, counts = np.unique(owners[owners > 0], return_counts=True)
    for shared in found[counts > 1]:
        sharing = owners == shared
        y, x = np.nonzero(objects == shared)
        places = points.place[here[sharing]]
        nearest = ((places[:, None] - np.stack([y, x], axis=1)) ** 2).sum(axis=-1).argmin(axis=0)
        image[y, x] = labels[sharing][nearest]
    for point, label in zip(here[owners == 0], labels[owners == 0], strict=True):
        own = points.radius[point]
        _draw_disc(image, points.place[point], own if own > 0 else radius, int(label))
    report.matched += int(np.count_nonzero(owners))
    report.discs += int(np.count_nonzero(owners == 0))
    report.objects_left_out += len(np.setdiff1d(object_labels(objects), owners))
    return image


def _owners(
    objects: NDArray[np.integer[Any]], points: Points, here: NDArray[np.int64], radius: float
) -> NDArray[np.int64]:
    """Label of the object that each point of a frame belongs to; 0 for none."""
    rows = object_rows(objects, 0)
    centroids = rows["centroid"].astype(float)
    where = {int(label): centroid for label, centroid in zip(rows["id"], centroids, strict=True)}
    owners = np.zeros(len(here), np.int64)
    for index, point in enumerate(here):
        place, exported = points.place[point], int(points.label[point])
        if exported in where and np.hypot(*(where[exported] - place)) <= _UNMOVED:
            owners[index] = exported
            continue
        y, x = np.round(place).astype(int)
        if 0 <= y < objects.shape[0] and 0 <= x < objects.shape[1] and objects[y, x] > 0:
            owners[index] = objects[y, x]
        elif len(rows):
            distances = np.hypot(*(centroids - place).T)
            reach = points.radius[point] if points.radius[point] > 0 else radius
            if distances.min() <= reach:
                owners[index] = rows["id"][distances.argmin()]
    return owners


def _draw_disc(image: NDArray[np.int64], place: NDArray[np.float64], radius: float, label: int) -> None:
    """Fill the free pixels within a radius, the pixel under the point at least."""
    radius = max(radius, 0.71)
    low = np.maximum(np.floor(place - radius).astype(int), 0)
    high = np.maximum(np.ceil(place + radius).astype(int) + 1, 0)
    part = image[low[0] : high[0], low[1] : high[1]]
    y, x = np.ogrid[low[0] : low[0] + part.shape[0], low[1] : low[1] + part.shape[1]]
    inside = (y - place[0]) ** 2 + (x - place[1]) ** 2 <= radius**2
    part[inside & (part == 0)] = label


def _rename(output: Path, digits: int, new_labels: Mapping[int, Mapping[int, int]]) -> None:
    """Give the labels of some frames their new names."""
    for frame, names in new_labels.items():
        path = mask_path(output, frame, digits)
        old = read_labels(path).astype(np.int64)
        image = old.copy()
        for before, after in names.items():
            image[old == before] = after
        write_mask(path, image)
