"""Read the tracks of a GEFF, the Graph Exchange File Format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from cellseg.errors import CellsegError
from cellseg.export.optional import need
from cellseg.export.points import Points

_PIXELS = ("pixel", "px", None)
_TO_MICROMETRES = {"micrometer": 1.0, "nanometer": 1e-3, "millimeter": 1e3}


def read_geff(path: Path, pixel_size: tuple[float, float] | None = None) -> Points:
    """Read the points and links of a GEFF.

    Parameters
    ----------
    path : Path
        Its axes must name one time axis, whose values are frame numbers, and at least y and x; of three axes
        in space the last two count.
    pixel_size : tuple of float, optional
        Size (y, x) of a pixel in micrometres: needed where positions are not in pixels.

    Returns
    -------
    Points

    Raises
    ------
    CellsegError
        The file cannot be read, its axes are not these, or the extra `export` is not installed.
    """
    read = need("geff.core_io", "export").read_to_memory
    try:
        graph = read(path)
    except Exception as error:  # the library fails in as many ways as Zarr does
        raise CellsegError(f"cannot be read as GEFF ({error})", path=path) from error
    axes = graph["metadata"].axes or []
    times = [axis for axis in axes if axis.type == "time"]
    spaces = [axis for axis in axes if axis.type == "space"]
    if len(times) != 1 or len(spaces) < 2:
        raise CellsegError("has no axes of type time and space (y, x)", path=path)
    if not len(graph["node_ids"]):
        raise CellsegError("holds no track", path=path)

    def values(name: str) -> Any:
        return np.asarray(graph["node_props"][name]["values"], float)

    frame = values(times[0].name)
    if not np.array_equal(frame, np.round(frame)):
        raise CellsegError(f"its axis {times[0].name} holds no frame numbers", path=path)
    y, x = (
        values(axis.name) / _unit(axis, None if pixel_size is None else pixel_size[side], path)
        for side, axis in enumerate(spaces[-2:])
    )
    order = np.argsort(graph["node_ids"])
    index = order[np.searchsorted(graph["node_ids"], graph["edge_ids"], sorter=order)]
    track = graph["node_props"].get("track")
    area = graph["node_props"].get("area_px")
    return Points(
        frame.astype(np.int64),
        np.stack([y, x], axis=1),
        np.full(len(frame), np.nan) if area is None else np.sqrt(np.asarray(area["values"], float) / np.pi),
        np.zeros(len(frame), np.int64) if track is None else np.asarray(track["values"], np.int64),
        np.asarray(index, np.int64).reshape(-1, 2),
    )


def _unit(axis: Any, pixel_size: float | None, path: Path) -> float:
    """Size of a pixel in the unit of an axis."""
    if axis.unit in _PIXELS:
        return 1.0
    if axis.unit not in _TO_MICROMETRES:
        raise CellsegError(f"positions are in {axis.unit}, which is not known", path=path)
    if pixel_size is None:
        raise CellsegError(f"positions are in {axis.unit}", path=path, remedy="Add --pixel-size.")
    return pixel_size / _TO_MICROMETRES[axis.unit]
