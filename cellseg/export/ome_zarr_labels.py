"""Export the masks to OME-Zarr: NGFF 0.4 (Zarr 2), which ome-zarr-py, napari and Fiji all open."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cellseg.export.experiment import Experiment
from cellseg.export.measure import Wrap
from cellseg.export.optional import need

VERSION = "0.4"
_SMALLEST_SIDE = 512
"""Of the coarsest level: below it one more is made no more."""
_CHUNK = 1024


def write_ome_zarr(experiment: Experiment, path: Path, progress: Wrap = iter) -> None:
    """Write the masks as a label image with axes t, y, x, and with coarser levels for large frames.

    Parameters
    ----------
    experiment : Experiment
        Its units become the scale where they are known.
    path : Path
        A folder, such as `01_RES.ome.zarr`; the labels are in `labels/cells`, as NGFF has it.
    progress : callable
        Wraps the list of frame numbers, such as `tqdm.tqdm`.

    Raises
    ------
    CellsegError
        A mask cannot be read, or the extra `export` is not installed.
    """
    zarr = need("zarr", "export")
    masks = experiment.result.masks
    numbers = list(masks)
    height, width = masks[numbers[0]].shape
    steps = [1]
    while max(height, width) // steps[-1] > 2 * _SMALLEST_SIDE:
        steps.append(2 * steps[-1])
    root = zarr.open_group(path, mode="w", zarr_format=2)
    labels = root.create_group("labels")
    labels.attrs["labels"] = ["cells"]
    cells = labels.create_group("cells")
    cells.attrs["multiscales"] = [_multiscales(experiment, steps)]
    cells.attrs["image-label"] = {"version": VERSION}
    levels = [
        cells.create_array(
            str(level),
            shape=(len(numbers), -(-height // step), -(-width // step)),
            chunks=(1, min(_CHUNK, -(-height // step)), min(_CHUNK, -(-width // step))),
            dtype="uint16",
            chunk_key_encoding={"name": "v2", "separator": "/"},
        )
        for level, step in enumerate(steps)
    ]
    for t, number in enumerate(progress(numbers)):
        image = masks[number]
        for array, step in zip(levels, steps, strict=True):
            array[t] = image[::step, ::step]


def _multiscales(experiment: Experiment, steps: list[int]) -> dict[str, Any]:
    interval, (y, x) = experiment.frame_interval_s, experiment.pixel_size_um or (1.0, 1.0)
    axes: list[dict[str, str]] = [{"name": "t", "type": "time"}]
    axes += [{"name": name, "type": "space"} for name in "yx"]
    if interval is not None:
        axes[0]["unit"] = "second"
    if experiment.pixel_size_um is not None:
        axes[1]["unit"] = axes[2]["unit"] = "micrometer"
    return {
        "version": VERSION,
        "name": "cells",
        "axes": axes,
        "datasets": [
            {
                "path": str(level),
                "coordinateTransformations": [
                    {"type": "scale", "scale": [interval or 1.0, y * step, x * step]}
                ],
            }
            for level, step in enumerate(steps)
        ],
    }
