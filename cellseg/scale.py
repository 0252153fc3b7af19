"""At which scale a model sees a movie: what somebody says of the cells or pixels, or an estimate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cellseg.cell_size import estimate_diameter
from cellseg.config import ModelCard, Preparation, Settings
from cellseg.errors import CellsegError
from cellseg.rshn import Model
from cellseg.scale_range import WARNING, scale_warnings
from cellseg.video import Video


def preparation_for(
    video: Video,
    model: Model,
    settings: Settings,
    *,
    diameter: float | None = None,
    pixel_size: float | None = None,
    say: Callable[[str], Any] = lambda message: None,
) -> Preparation:
    """Bring a model's preparation to the scale of a movie, so that it sees cells of the size it knows.

    Parameters
    ----------
    video : Video
    model : Model
    settings : Settings
        Of clustering and seeds, for an estimate.
    diameter : float, optional
        Typical diameter of a cell, in pixels.
    pixel_size : float, optional
        In micrometres; without either, what the movie's files say. A model of cells of any size, of which
        nobody says anything, estimates their diameter in the first frames.
    say : callable
        Told what was estimated, and what is doubtful about it.

    Returns
    -------
    Preparation

    Raises
    ------
    CellsegError
        The model does not say which diameter or pixel size it was trained at.
    """
    preparation = _as_said(model.card, video, diameter, pixel_size)
    if preparation.any_size:
        preparation = _estimated(video, model, settings, say)
    for warning in scale_warnings(model.card.preparation, preparation, video.shape[1:]):
        say(f"{WARNING}{video.path}: {warning}; check --diameter or --pixel-size")
    return preparation


def _as_said(card: ModelCard, video: Video, diameter: float | None, pixel_size: float | None) -> Preparation:
    """Bring the preparation to the scale of this movie, as far as anyone says what it is."""
    preparation = card.preparation
    if diameter is not None:
        if preparation.cell_diameter_px is None:
            raise CellsegError("the model does not say which diameter it was trained at; use --pixel-size")
        factor = diameter / preparation.cell_diameter_px
        return preparation.scaled((factor, factor))
    trained = preparation.pixel_size_um
    if trained is None and pixel_size is not None:
        raise CellsegError("the model does not say which pixel size it was trained at; use --diameter")
    here = video.pixel_size_um if pixel_size is None else (pixel_size, pixel_size)
    if trained is None or here is None:
        return preparation
    return preparation.scaled((trained[0] / here[0], trained[1] / here[1]))


def _estimated(video: Video, model: Model, settings: Settings, say: Callable[[str], Any]) -> Preparation:
    """Bring a model of cells of any size to the scale that the first frames of a movie suggest."""
    trained = model.card.preparation
    assert trained.cell_diameter_px is not None
    diameter = estimate_diameter(video, model, settings)
    if diameter is None:
        said = f"no cell found in the first frames; taken to be {trained.cell_diameter_px:.3g} pixels across"
        diameter = trained.cell_diameter_px
    else:
        said = f"cells seem to be {diameter:.3g} pixels across"
    say(f"{video.path}: {said}; --diameter says it better")
    factor = diameter / trained.cell_diameter_px
    return trained.scaled((factor, factor))
