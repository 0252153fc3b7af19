"""Measure every object of a result, frame by frame: no more than one frame is held."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage.measure import regionprops_table

from cellseg.ctc import RESULT_TRACKS
from cellseg.errors import CellsegError
from cellseg.export.experiment import Experiment
from cellseg.tracking import object_rows

Columns = dict[str, NDArray[Any]]
"""A table: equally long columns by name; the names carry the units."""
Wrap = Callable[[list[int]], Iterable[int]]
"""Wraps the list of frame numbers, such as `tqdm.tqdm`."""

_SHAPES = {
    "perimeter": "perimeter_px",
    "axis_major_length": "major_axis_px",
    "axis_minor_length": "minor_axis_px",
    "orientation": "orientation_rad",
    "eccentricity": "eccentricity",
    "solidity": "solidity",
}
_LENGTHS = ("perimeter", "major_axis", "minor_axis")


def measure(experiment: Experiment, progress: Wrap = iter) -> Iterator[Columns]:
    """Measure the objects of a result, one frame after the other.

    Parameters
    ----------
    experiment : Experiment
        Its masks must agree with its tracks.
    progress : callable
        Wraps the list of frame numbers, such as `tqdm.tqdm`.

    Yields
    ------
    dict of str to (n,) ndarray
        The objects of a frame, by label, as described in `measure_frame`, with `track` in front.

    Raises
    ------
    CellsegError
        A label belongs to no track that lives in its frame, or is missing where its track lives.
    """
    lives = np.array([track[:3] for track in experiment.result.tracks], np.int64).reshape(-1, 3)
    for frame in progress(list(experiment.result.masks)):
        labels = experiment.result.masks[frame]
        columns = measure_frame(labels, frame, experiment)
        alive = np.sort(lives[(lives[:, 1] <= frame) & (frame <= lives[:, 2]), 0])
        if not np.array_equal(columns["track"], alive):
            wrong = np.setxor1d(columns["track"], alive)
            raise CellsegError(
                f"does not agree with {RESULT_TRACKS} on label {wrong[0] if len(wrong) else 'numbers'}",
                path=experiment.result.masks.files[frame],
                remedy="See cellseg validate; its --fix writes a corrected copy.",
            )
        yield columns


def measure_frame(labels: NDArray[np.integer[Any]], frame: int, experiment: Experiment) -> Columns:
    """Measure the objects of one label image.

    Parameters
    ----------
    labels : ndarray, (Y, X) integer
        0 is background.
    frame : int
        Frame number.
    experiment : Experiment
        Where the intensities and the units come from.

    Returns
    -------
    dict of str to (n,) ndarray
        In ascending order of labels: `track` (the label), `frame`, `time_s`, `y_px`, `x_px` (centroid, pixel
        centres at integers), `area_px`, `perimeter_px`, `major_axis_px` and `minor_axis_px` (of the ellipse
        of equal second moments), `orientation_rad` (of its long axis, from the axis of y, towards x),
        `eccentricity`, `solidity` (area of the object over that of its convex hull), `circularity`
        (4 pi area / perimeter^2), `touches_border`; where pixel sizes are known `y_um`, `x_um`, `area_um2`
        and, for square pixels, `perimeter_um`, `major_axis_um`, `minor_axis_um`; for every channel i, from 1
        on, `mean_ch<i>`, `std_ch<i>`, `min_ch<i>`, `median_ch<i>`, `max_ch<i>`, `sum_ch<i>`.
    """
    rows = object_rows(labels, frame)
    shapes = regionprops_table(  # type: ignore[no-untyped-call]
        labels.astype(np.int32, copy=False), properties=tuple(_SHAPES)
    )
    columns: Columns = {"track": rows["id"].astype(np.int64), "frame": rows["frame"].astype(np.int64)}
    if experiment.frame_interval_s is not None:
        columns["time_s"] = columns["frame"] * experiment.frame_interval_s
    centroid = rows["centroid"].astype(float)
    columns |= {"y_px": centroid[:, 0], "x_px": centroid[:, 1], "area_px": rows["area"]}
    columns |= {name: np.asarray(shapes[there], float) for there, name in _SHAPES.items()}
    with np.errstate(divide="ignore"):
        circularity = 4 * np.pi * rows["area"] / columns["perimeter_px"] ** 2
    # An object of a single pixel has no perimeter.
    columns["circularity"] = np.where(columns["perimeter_px"] > 0, circularity, np.nan)
    columns["touches_border"] = rows["touches_border"].astype(np.int64)
    columns |= _in_micrometres(columns, experiment)
    for channel, image in enumerate(experiment.images(frame), start=1):
        columns |= {f"{name}_ch{channel}": values for name, values in _intensities(labels, image).items()}
    return columns


def _in_micrometres(columns: Columns, experiment: Experiment) -> Columns:
    if experiment.pixel_size_um is None:
        return {}
    y, x = experiment.pixel_size_um
    found = {
        "y_um": columns["y_px"] * y,
        "x_um": columns["x_px"] * x,
        "area_um2": columns["area_px"] * (y * x),
    }
    if experiment.length_um is not None:
        found |= {f"{name}_um": columns[f"{name}_px"] * experiment.length_um for name in _LENGTHS}
    return found


def _intensities(labels: NDArray[np.integer[Any]], image: NDArray[Any]) -> Columns:
    """Statistics of the intensities of each object, by ascending label."""
    inside = labels > 0
    objects, values = labels[inside], image[inside].astype(np.float64)
    order = np.lexsort((values, objects))
    values = values[order]
    _, starts, counts = np.unique(objects[order], return_index=True, return_counts=True)
    total = np.add.reduceat(values, starts) if len(starts) else np.zeros(0)
    mean = total / counts
    squares = (values - np.repeat(mean, counts)) ** 2
    spread = np.add.reduceat(squares, starts) if len(starts) else np.zeros(0)
    return {
        "mean": mean,
        "std": np.sqrt(spread / counts),
        "min": values[starts],
        "median": (values[starts + (counts - 1) // 2] + values[starts + counts // 2]) / 2,
        "max": values[starts + counts - 1],
        "sum": total,
    }
