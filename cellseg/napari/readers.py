"""Opens results and movies in napari: masks and tracks with their lineage, frames as they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellseg.api import TrackingResult
from cellseg.ctc import MASK, numbered_files
from cellseg.errors import CellsegError
from cellseg.lazy_frames import LazyFrames
from cellseg.video import Selection, Video, open_video, scene_names

LayerData = tuple[Any, dict[str, Any], str]
"""What napari makes a layer of: data, options, kind."""

_PAINTED = 512 * 2**20
"""Bytes of masks that are held in memory, so that they can be painted in; more are read frame by frame."""


def get_result_reader(path: str | Sequence[str]) -> Callable[[Any], list[LayerData]] | None:
    """Give the reader of a path, if it is the folder of a result, such as `01_RES`.

    Parameters
    ----------
    path : str or sequence of str

    Returns
    -------
    callable or None
    """
    return read_result if isinstance(path, str) and numbered_files(Path(path), MASK) else None


def get_movie_reader(path: str | Sequence[str]) -> Callable[[Any], list[LayerData]] | None:
    """Give the reader of a path, if it is a movie that `cellseg infer` reads.

    Parameters
    ----------
    path : str or sequence of str

    Returns
    -------
    callable or None
    """
    if not isinstance(path, str) or numbered_files(Path(path), MASK):
        return None
    try:
        scene_names(path)
    except CellsegError:
        return None
    return read_movie


def read_result(path: str | Path) -> list[LayerData]:
    """Open a result.

    Parameters
    ----------
    path : path
        Folder with `maskTTT.tif` and, if possible, `res_track.txt`.

    Returns
    -------
    list of LayerData
        Masks and tracks, where they lie in time and space.
    """
    result = TrackingResult(path)
    first = next(iter(numbered_files(result.folder, MASK)))
    return [
        (data, {**options, "name": f"{result.folder.name} {options['name']}"}, kind)
        for data, options, kind in placed(result.to_napari(), translate=(first, 0, 0))
    ]


def read_movie(path: str | Path) -> list[LayerData]:
    """Open a movie; every scene of a recording is a layer.

    Parameters
    ----------
    path : path

    Returns
    -------
    list of LayerData

    Raises
    ------
    CellsegError
        It cannot be read, or holds several channels or focal planes.
    """
    return [_layer(open_video(path, selection=Selection(scene=scene))) for scene in scene_names(path)]


def placed(layers: Sequence[LayerData], **options: Any) -> list[LayerData]:
    """Put the layers of a result in their place; masks that fit are held in memory, to be painted in.

    Parameters
    ----------
    layers : sequence of LayerData
        As of `TrackingResult.to_napari`.
    **options
        Of all layers, such as `scale` and `translate`.

    Returns
    -------
    list of LayerData
    """
    found = []
    for data, given, kind in layers:
        held: Any = data
        if kind == "labels" and np.prod(data.shape) * data.dtype.itemsize <= _PAINTED:
            held = np.asarray(data)
        found.append((held, {**given, **options}, kind))
    return found


def _layer(video: Video) -> LayerData:
    """Make the layer of a movie, which is open as long as the layer is."""
    reading = Lock()  # the viewer reads in one thread, tracking in another

    def read(t: int) -> NDArray[Any]:
        with reading:
            return video.frame(t)

    t, y, x = video.shape
    pixel_size = video.pixel_size_um or (1.0, 1.0)
    options = {
        "name": video.name,
        "scale": (1.0, *pixel_size),
        "translate": (video.frame_numbers[0], 0, 0),
        "metadata": {"path": str(video.path), "pixel_size_um": video.pixel_size_um},
    }
    return LazyFrames(read, (t, y, x), video.dtype), options, "image"
