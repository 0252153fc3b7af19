"""A look at what a model makes of a movie: three frames of it, before the whole is run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellseg.config import Preparation, Settings
from cellseg.ctc import read_labels
from cellseg.pipeline import infer
from cellseg.rshn import Model
from cellseg.training.pictures import draw_outlines
from cellseg.video import Selection, Video, open_videos

_BEFORE = 3
"""Frames before the one that is shown, which let the network see how things move."""


def preview(
    path: str | Path,
    selection: Selection,
    video: Video,
    model: Model,
    settings: Settings,
    preparation: Preparation,
    output: Path,
    say: Callable[[str], Any] = lambda message: None,
) -> list[tuple[Path, int]]:
    """Segment three frames of a movie, each at the end of a few, and draw the outlines.

    Parameters
    ----------
    path : path
        The recording, as of `open_videos`.
    selection : Selection
        What was chosen from it; one scene.
    video : Video
        The movie it gives.
    model : Model
    settings : Settings
    preparation : Preparation
        The model's, at the scale of the movie.
    output : Path
        Folder of the pictures.
    say : callable
        Told what a user should know.

    Returns
    -------
    list of tuple
        Picture and number of cells, of every frame shown. The circle in the corner of a picture has the
        diameter that cells are taken to have.
    """
    shown = []
    for t in sorted({0, len(video) // 2, len(video) - 1}):
        # What comes behind helps the first frame as well as what comes before helps the others.
        begin, end = max(0, t - _BEFORE), max(t + 1, min(_BEFORE + 1, len(video)))
        numbers = video.frame_numbers[begin], video.frame_numbers[end - 1] + 1
        with TemporaryDirectory() as folder:
            result = Path(folder) / "RES"
            for part in open_videos(path, replace(selection, frames=numbers)):
                infer(part, model, settings, result, preparation=preparation, say=say)
                frame = part.frame(t - begin)
            labels = read_labels(sorted(result.glob("mask*.tif"))[t - begin])
        number = video.frame_numbers[t]
        picture = output / f"{video.name}-{number:0{video.digits}d}.png"
        draw_outlines(picture, frame, _circle(frame.shape, preparation.cell_diameter_px), labels)
        shown.append((picture, np.unique(labels[labels > 0]).size))
    return shown


def _circle(shape: tuple[int, ...], diameter: float | None) -> NDArray[np.uint8]:
    """Draw the assumed size of a cell in the upper left corner, as a label image."""
    if diameter is None:
        return np.zeros(shape, np.uint8)
    y, x = np.ogrid[: shape[0], : shape[1]]
    middle = diameter / 2 + 2
    return (np.hypot(y - middle, x - middle) <= diameter / 2).astype(np.uint8)
