"""What a source gives to a training: movies to learn from, and frames that are scored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from cellseg.config import Preparation
from cellseg.training.movies import Movie
from cellseg.training.settings import TrainingSettings
from cellseg.training.validation import Validation


@dataclass(frozen=True)
class Material:
    """What one source gives.

    Attributes
    ----------
    name : str
        Such as `DIC-C2DH-HeLa/01`.
    about : str
        What is learnt from, in words.
    origin : list
        What it is made from, as JSON values.
    movies : list of Movie
        To learn from; none of a source that is scored alone.
    learnt : tuple of int
        Numbers of the frames with masks that are learnt from.
    validation : Validation or None
    dataset : str or None
        Name of its dataset, where there is one.
    preparation : Preparation or None
        Of its frames; None is that of the settings.
    diameter : float or None
        Typical cell, in original pixels, where the frames were brought to the scale that follows from it.
    pixel_size_um : tuple of float or None
        (y, x), of the frames.
    challenge : bool
        Whether it is data of the challenge, whose terms then hold for the weights.
    """

    name: str
    about: str
    origin: list[Any]
    movies: list[Movie]
    learnt: tuple[int, ...]
    validation: Validation | None
    dataset: str | None = None
    preparation: Preparation | None = None
    diameter: float | None = None
    pixel_size_um: tuple[float, float] | None = None
    challenge: bool = False


class Source(Protocol):
    """A sequence of a dataset, a movie or images."""

    def material(self, settings: TrainingSettings, say: Callable[[str], Any]) -> Material:
        """Read what is learnt from.

        Parameters
        ----------
        settings : TrainingSettings
        say : callable
            Told what was found and decided.

        Raises
        ------
        CellsegError
            Frames or masks are missing, damaged, or do not belong together.
        """


def at_scale(settings: TrainingSettings, diameter: float) -> Preparation:
    """Prepare frames whose typical cell has a given diameter, in original pixels."""
    if settings.cell_diameter is None:
        return settings.preparation.model_copy(update={"cell_diameter_px": diameter})
    factor = diameter / settings.cell_diameter
    unit = settings.preparation.model_copy(update={"cell_diameter_px": settings.cell_diameter})
    return unit.scaled((factor, factor))
