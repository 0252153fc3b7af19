"""Segment and track from Python: `from cellseg import track`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from cellseg import ctc, export
from cellseg.config import Settings, override
from cellseg.ctc import LabelImages, Result
from cellseg.device import choose_device, choose_precision
from cellseg.lazy_frames import LazyFrames
from cellseg.pipeline import infer
from cellseg.resources import GENERALIST
from cellseg.rshn import load_model
from cellseg.scale import preparation_for
from cellseg.tracking import object_rows
from cellseg.types import Track
from cellseg.video import ArrayVideo, Video, open_video


def track(
    movie: Any,
    model: str | Path = GENERALIST,
    *,
    diameter: float | None = None,
    pixel_size: float | None = None,
    output: str | Path | None = None,
    overwrite: bool = False,
    device: str = "auto",
    settings: Settings | Mapping[str, Any] | None = None,
    progress: Callable[[int], Any] | None = None,
    say: Callable[[str], Any] = lambda message: None,
) -> TrackingResult:
    """Segment and track the cells of a movie.

    Parameters
    ----------
    movie : path, Video or array, (T, Y, X)
        A path as `cellseg infer` takes it, or an array of NumPy, Dask or Zarr, of which a frame at a time is
        computed.
    model : str or Path
        Name or folder of a model.
    diameter : float, optional
        Typical diameter of a cell, in pixels; with neither this nor a pixel size the generalist estimates it.
    pixel_size : float, optional
        Size of a pixel, in micrometres. Default: what the movie's files say.
    output : path, optional
        Folder for the result, which is `<name of the movie>_RES` inside it; an unfinished one of the same
        files is continued. Without it the result lies in a temporary folder, which lives as long as the
        `TrackingResult` or its labels.
    overwrite : bool
        Whether a result that is there already is replaced.
    device : str
        `auto`, `cpu`, `cuda`, `cuda:1` or `mps`.
    settings : Settings or mapping, optional
        All settings, or single ones such as `{"linker.max_gap": 3}`.
    progress : callable, optional
        Told the number of frames done since it was last told, such as the `update` of a `tqdm` bar.
    say : callable, optional
        Told what a user should know, such as the diameter that was estimated.

    Returns
    -------
    TrackingResult

    Raises
    ------
    CellsegError
        The movie cannot be read, there is no such model or setting, or another result is there.
    """
    where = choose_device(device)
    loaded = load_model(model, where, choose_precision("auto", where))
    single = settings if isinstance(settings, Mapping) else {}
    chosen = (settings if isinstance(settings, Settings) else Settings()).for_model(loaded.card)
    chosen = override(chosen, [f"{key}={_as_yaml(value)}" for key, value in single.items()])
    temporary = None
    if output is None:
        temporary = TemporaryDirectory(prefix="cellseg-")
        output = temporary.name
    with _opened(movie) as video:
        folder = Path(output) / f"{video.name}_RES"
        infer(
            video,
            loaded,
            chosen,
            folder,
            preparation=preparation_for(
                video, loaded, chosen, diameter=diameter, pixel_size=pixel_size, say=say
            ),
            overwrite=overwrite,
            say=say,
            progress=progress or (lambda frames: None),
        )
    return TrackingResult(folder, movie, pixel_size=pixel_size, temporary=temporary)


class TrackingResult:
    """The result of a movie; masks are read when they are asked for.

    Parameters
    ----------
    folder : Path
        Of a result in the challenge's layout.
    movie : path, Video or array, optional
        Gives intensities and units.
    pixel_size : float, optional
        Micrometres; replaces what the movie says.
    temporary : TemporaryDirectory, optional
        Kept, so that it lives as long as this.

    Attributes
    ----------
    folder : Path
    labels : Labels
        Label images as one lazy array (T, Y, X).
    """

    def __init__(
        self,
        folder: str | Path,
        movie: Any = None,
        *,
        pixel_size: float | None = None,
        temporary: TemporaryDirectory[str] | None = None,
    ) -> None:
        self.folder = Path(folder)
        self._result = Result(self.folder)
        self._movie, self._pixel_size, self._temporary = movie, pixel_size, temporary
        self.labels = Labels(self._result.masks, temporary)

    @cached_property
    def tracks(self) -> list[Track]:
        """Label, first frame, last frame and parent (0 for none) of every track."""
        return self._result.tracks

    def __repr__(self) -> str:
        y, x = self.labels.shape[1:]
        return f"TrackingResult({len(self.tracks)} tracks, {len(self.labels)} frames of {y} x {x} pixels)"

    def to_ctc(self, folder: str | Path) -> Path:
        """Write `maskTTT.tif` and `res_track.txt`.

        Parameters
        ----------
        folder : path
            Must not exist.

        Returns
        -------
        Path
            The folder.
        """
        with export.fresh(Path(folder)) as partial:
            partial.mkdir()
            for file in self._result.masks.files.values():
                (partial / file.name).write_bytes(file.read_bytes())
            ctc.write_tracks(partial / ctc.RESULT_TRACKS, self.tracks)
        return Path(folder)

    def to_csv(self, folder: str | Path) -> Path:
        """Write `objects.csv` and `tracks.csv` into a new folder; return it."""
        return self._write(export.write_csv, folder)

    def to_geff(self, path: str | Path) -> Path:
        """Write a new GEFF, a folder; return it. Needs the extra `export`."""
        return self._write(export.write_geff, path)

    def to_trackmate(self, path: str | Path) -> Path:
        """Write a new TrackMate XML file; return it."""
        return self._write(export.write_trackmate, path)

    def to_napari(self) -> list[tuple[Any, dict[str, Any], str]]:
        """Give the layers of a napari viewer.

        Returns
        -------
        list of tuple
            Layer data tuples: the labels; where there are cells, the tracks (n, 4) of label, frame index, y,
            x, with the graph of divisions, as far as the result has `res_track.txt`.
        """
        first = next(iter(self._result.masks))
        points = [
            np.column_stack([rows["id"], rows["frame"], rows["centroid"]])
            for rows in (object_rows(self.labels[t], t) for t in range(len(self.labels)))
        ]
        data = np.concatenate(points).astype(float)
        data = data[np.lexsort((data[:, 1], data[:, 0]))]
        with self._experiment() as experiment:
            scale = (1.0, *(experiment.pixel_size_um or (1.0, 1.0)))
        seen = set(data[:, 0].astype(int).tolist())
        tracks = self.tracks if (self.folder / ctc.RESULT_TRACKS).is_file() else ()
        graph = {
            track.label: [track.parent]
            for track in tracks
            if {track.label, track.parent} <= seen  # of others there is nothing to draw
        }
        metadata = {"first_frame": first}
        cells = (self.labels, {"name": "cells", "scale": scale, "metadata": metadata}, "labels")
        if not len(data):  # napari has no empty tracks
            return [cells]
        options = {"name": "tracks", "scale": scale, "graph": graph, "metadata": metadata}
        return [cells, (data, options, "tracks")]

    def _write(self, write: Callable[[export.Experiment, Path], None], path: str | Path) -> Path:
        with self._experiment() as experiment, export.fresh(Path(path)) as partial:
            write(experiment, partial)
        return Path(path)

    def _experiment(self) -> AbstractContextManager[export.Experiment]:
        if self._movie is None or isinstance(self._movie, str | PathLike):
            movies = [] if self._movie is None else [Path(self._movie)]
            return export.open_experiment(self.folder, movies, self._pixel_size)
        video = self._movie if isinstance(self._movie, Video) else ArrayVideo(self._movie)
        return nullcontext(export.combine(self._result, [video], self._pixel_size))


class Labels(LazyFrames):
    """Label images as one array (T, Y, X) of uint16, of which only what is asked for is read.

    Parameters
    ----------
    images : LabelImages
    temporary : TemporaryDirectory, optional
        Where they lie: kept, so that it lives as long as this.
    """

    def __init__(self, images: LabelImages, temporary: TemporaryDirectory[str] | None = None) -> None:
        numbers = list(images)
        y, x = images[numbers[0]].shape
        super().__init__(lambda t: images[numbers[t]].astype(np.uint16), (len(numbers), y, x), np.uint16)
        self._temporary = temporary


def _opened(movie: Any) -> AbstractContextManager[Video]:
    """Open a movie, if it is not open."""
    if isinstance(movie, Video):
        return nullcontext(movie)
    if isinstance(movie, str | PathLike):
        return open_video(Path(movie))
    return ArrayVideo(movie)


def _as_yaml(value: Any) -> str:
    """Write a value as `--set` takes it."""
    import yaml

    return yaml.safe_dump(value, default_flow_style=True).removesuffix("...\n").strip()
