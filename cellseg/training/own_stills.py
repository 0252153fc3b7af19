"""Still images of one's own, with masks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cellseg.training.labels import training_labels
from cellseg.training.masks import PIECES, typical_diameter_of
from cellseg.training.material import Material, at_scale
from cellseg.training.movies import Movie
from cellseg.training.settings import TrainingSettings
from cellseg.training.split import split_stills
from cellseg.training.stills import pair_stills
from cellseg.training.validation import StillsValidation
from cellseg.video import prepare, shrink_labels


@dataclass(frozen=True)
class OwnStills:
    """Images that are no movie.

    Attributes
    ----------
    images, masks : Path
        Folders, as `pair_stills` takes them.
    diameter : float or None
        Of a typical cell, in pixels; None measures it in the masks.
    all_learnt : bool
        Whether none is scored; otherwise every third is (`split_stills`).
    """

    images: Path
    masks: Path
    diameter: float | None = None
    all_learnt: bool = False

    def material(self, settings: TrainingSettings, say: Callable[[str], Any]) -> Material:
        """Read what is learnt from, as `Source.material` says."""
        stills = pair_stills(self.images, self.masks)
        every = list(range(len(stills)))
        learnt, scored = (every, []) if self.all_learnt else split_stills(len(stills))
        measured = typical_diameter_of((stills[index].masks() for index in learnt), self.masks)
        diameter = self.diameter or measured
        preparation = at_scale(settings, diameter)
        name = self.images.resolve().name
        say(f"{name}: {len(stills)} images have masks, cells about {diameter:.3g} pixels across")
        say(f"{name}: learns from {len(learnt)} of them; {len(scored)} are scored as it goes on")
        empty = [still.name for still in stills if not still.masks().any()]
        if empty:
            say(
                f"{name}: no cell in the masks of {len(empty)} images, such as {empty[0]}: they are taken "
                "for images without cells; remove the masks of images that nobody has looked at"
            )
        if scored and all(stills[index].name in empty for index in scored):
            say(f"{name}: none of those that are scored has a cell, so nothing tells which weights are best")
        if stills[0].pieces:
            say(f"{name}: {PIECES}")
        movies = []
        for index in learnt:
            image = prepare(stills[index].image(), preparation)
            labels = training_labels(stills[index].masks(), None, 0)
            labels = shrink_labels(labels, (image.shape[0], image.shape[1]))
            movies.append(Movie(image[None], labels[None], index))
        return Material(
            name=name,
            about=f"{len(learnt)} images of {name}",
            origin=[str(self.images), str(self.masks), [stills[index].name for index in learnt], diameter],
            movies=movies,
            learnt=tuple(learnt),
            validation=StillsValidation(name, [stills[index] for index in scored], preparation)
            if scored
            else None,
            preparation=preparation,
            diameter=diameter,
        )
