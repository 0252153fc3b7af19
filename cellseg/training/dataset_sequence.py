"""A sequence of a dataset, whose configuration says what is learnt from and what is scored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cellseg.config import DatasetConfig
from cellseg.errors import CellsegError
from cellseg.training.material import Material, at_scale
from cellseg.training.movies import read_movies
from cellseg.training.settings import TrainingSettings
from cellseg.training.split import spans
from cellseg.training.truth import find_truth
from cellseg.training.validation import MovieValidation, begin_of_inference


@dataclass(frozen=True)
class DatasetSequence:
    """A sequence in the challenge's layout.

    Attributes
    ----------
    config : DatasetConfig
        Gives the blocks of frames, the border of the field of interest and the settings of inference.
    path : Path
        Folder of frames, with ground truth beside it.
    frames : pair of int or None
        Frame numbers to learn from instead of the configuration's block; nothing is scored then.
    """

    config: DatasetConfig
    path: Path
    frames: tuple[int | None, int | None] | None = None

    def material(self, settings: TrainingSettings, say: Callable[[str], Any]) -> Material:
        """Read what is learnt from, as `Source.material` says."""
        if not self.path.is_dir():
            raise CellsegError(
                "there is no such sequence", path=self.path, remedy="Check --data, --dataset and --sequence."
            )
        config, name = self.config, f"{self.path.parent.name}/{self.path.name}"
        blocks = config.blocks.get(self.path.name) if self.frames is None else None
        truth = find_truth(self.path)
        learnt = truth.within(self.frames if blocks is None else blocks.training)
        diameter = None if settings.cell_diameter is None else learnt.diameter()
        preparation = None if diameter is None else at_scale(settings, diameter)
        movies = read_movies(
            self.path,
            preparation or settings.preparation,
            border=config.linker.border,
            truth=learnt,
            reach=settings.clip_frames - 1,
            dataset=config.dataset,
        )
        validation = None
        if blocks is not None:
            scored = truth.within(blocks.validation)
            begin = begin_of_inference(self.path, scored.numbers[0])
            validation = MovieValidation(name, self.path, scored, begin, config.settings(), preparation)
        last = movies[-1]
        return Material(
            name=name,
            about=f"{name}, frames {spans(learnt.numbers)}",
            origin=[str(self.path), movies[0].begin, last.begin + len(last.images)],
            movies=movies,
            learnt=learnt.numbers,
            validation=validation,
            dataset=config.dataset,
            preparation=preparation,
            diameter=diameter,
            pixel_size_um=config.pixel_size_um,
            challenge=config.published is not None,
        )
