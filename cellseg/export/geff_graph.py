"""Export to GEFF, the Graph Exchange File Format: a directed graph of objects, in Zarr."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from cellseg.errors import CellsegError
from cellseg.export.experiment import Experiment
from cellseg.export.lineages import Lineages
from cellseg.export.measure import Columns, Wrap, measure
from cellseg.export.optional import need

_UNITS = {
    "um2": "micrometer^2",
    "um": "micrometer",
    "px": "pixel",
    "s": "second",
    "rad": "radian",
}


def write_geff(experiment: Experiment, path: Path, progress: Wrap = iter) -> None:
    """Write a result as a GEFF, with everything that is measured of an object as its properties.

    Parameters
    ----------
    experiment : Experiment
    path : Path
        A folder, such as `01_RES.geff`. Axes are `frame`, `y_px` and `x_px`, with the size of a pixel and
        of a step as their scales where known; `track` is the label in the masks, `lineage` that of the first
        track of the family, `tracklet` that of the first track of a run without a division.
    progress : callable
        Wraps the list of frame numbers, such as `tqdm.tqdm`.

    Raises
    ------
    CellsegError
        Masks and tracks do not agree, there is no object, or the extra `export` is not installed.
    """
    geff = need("geff", "export")
    write_arrays = need("geff.core_io", "export").write_arrays
    frames = [columns for columns in measure(experiment, progress) if len(columns["track"])]
    if not frames:
        raise CellsegError("holds no object", path=experiment.result.folder)
    columns = {name: np.concatenate([frame[name] for frame in frames]) for name in frames[0]}
    lineages = Lineages(experiment.result.tracks)
    tracks = columns["track"].tolist()
    columns["lineage"] = np.array([lineages.root[track] for track in tracks])
    columns["tracklet"] = np.array([lineages.tracklet[track] for track in tracks])
    nodes = [lineages.node(*place) for place in zip(tracks, columns["frame"].tolist(), strict=True)]
    numbers = list(experiment.result.masks)
    links = [link for track in lineages.tracks for link in lineages.links(numbers, track)]
    write_arrays(
        path,
        np.array(nodes, np.uint64),
        {name: {"values": values, "missing": None} for name, values in columns.items()},
        np.array(links, np.uint64).reshape(-1, 2),
        {},
        geff.GeffMetadata(
            directed=True,
            axes=_axes(experiment),
            node_props_metadata=_properties(columns),
            edge_props_metadata={},
            track_node_props={"lineage": "lineage", "tracklet": "tracklet"},
        ),
    )


def _axes(experiment: Experiment) -> list[dict[str, Any]]:
    interval, sizes = experiment.frame_interval_s, experiment.pixel_size_um or (None, None)
    axes = [("frame", "time", "frame", interval, "second")]
    axes += [
        (name, "space", "pixel", size, "micrometer")
        for name, size in zip(("y_px", "x_px"), sizes, strict=True)
    ]
    return [
        {"name": name, "type": kind, "unit": unit}
        | ({} if scale is None else {"scale": scale, "scaled_unit": scaled})
        for name, kind, unit, scale, scaled in axes
    ]


def _properties(columns: Columns) -> dict[str, dict[str, Any]]:
    return {
        name: {"identifier": name, "dtype": values.dtype.name, "unit": _UNITS.get(name.rpartition("_")[2])}
        for name, values in columns.items()
    }
