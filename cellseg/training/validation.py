"""Scores a network on frames that it does not learn from, by the inference that a user would run."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from cellseg.config import Preparation, Settings
from cellseg.ctc import Result, clip_tracks
from cellseg.metrics import SegmentationScorer, TrackingScorer
from cellseg.pipeline import infer
from cellseg.rshn import Model
from cellseg.training.pictures import draw_outlines
from cellseg.training.split import spans
from cellseg.training.stills import Still, StillVideo
from cellseg.training.truth import Truth
from cellseg.video import blocks_without_gaps, open_video

_Item = TypeVar("_Item")
_REPEATS = 4
"""Frames that an image is played for."""


class Validation(Protocol):
    """What one source has to say about a network."""

    @property
    def name(self) -> str:
        """Of the source, such as `lab/01`."""

    @property
    def about(self) -> str:
        """What is scored, in words."""

    def score(self, model: Model, folder: Path, picture: Callable[[str], Path]) -> dict[str, float]:
        """Score a model.

        Parameters
        ----------
        model : Model
        folder : Path
            For results, which are removed again.
        picture : callable
            Gives the path of the picture of a frame, by a name for the frame.

        Returns
        -------
        dict of str to float
            SEG, DET, TRA, LNK, as far as they are defined.
        """


@dataclass(frozen=True)
class MovieValidation:
    """Frames of a movie.

    Attributes
    ----------
    name : str
    path : Path
        The movie.
    truth : Truth
        Of the frames that are scored.
    begin : int
        Frame at which inference begins, so that a state may build up.
    settings : Settings or None
        Of inference; None are those for a movie of no dataset.
    preparation : Preparation or None
        Of the frames; None is the model's.
    """

    name: str
    path: Path
    truth: Truth
    begin: int
    settings: Settings | None = None
    preparation: Preparation | None = None

    @property
    def about(self) -> str:
        """What is scored, in words."""
        return f"{self.name}, frames {spans(self.truth.numbers)}"

    def score(self, model: Model, folder: Path, picture: Callable[[str], Path]) -> dict[str, float]:
        """Score a model, as `Validation.score` says; without track ids by SEG alone."""
        numbers = self.truth.numbers
        result = folder / f"{_file_name(self.name)}_RES"
        segmentation, tracking = SegmentationScorer(), TrackingScorer()
        with open_video(self.path, (self.begin, numbers[-1] + 1)) as video:
            infer(
                video,
                model,
                self.settings or Settings(),
                result,
                preparation=self.preparation,
                overwrite=True,
            )
            found = Result(result)
            for number in numbers:
                truth, mask = self.truth.masks(number), found.masks[number]
                segmentation.add(truth, mask)
                if self.truth.tracked:
                    tracking.add(number, self.truth.identities[number], mask)
                if number in _some(numbers):
                    frame = video.frame(number - self.begin)
                    path = picture(f"{_file_name(self.name)}-{number:0{video.digits}d}")
                    draw_outlines(path, frame, truth, mask)
        scores = {"SEG": segmentation.score().SEG}
        if self.truth.tracked:
            ends = numbers[0], numbers[-1]
            score = tracking.score(clip_tracks(self.truth.tracks, *ends), clip_tracks(found.tracks, *ends))
            scores |= {"DET": score.DET, "TRA": score.TRA, "LNK": score.LNK}
        shutil.rmtree(result)
        return {measure: value for measure, value in scores.items() if not math.isnan(value)}


@dataclass(frozen=True)
class StillsValidation:
    """Images that are no movie: each is played for a few frames, and the last of them is scored.

    Attributes
    ----------
    name : str
    stills : sequence of Still
    preparation : Preparation
    """

    name: str
    stills: Sequence[Still]
    preparation: Preparation

    @property
    def about(self) -> str:
        """What is scored, in words."""
        return f"{len(self.stills)} images of {self.name}"

    def score(self, model: Model, folder: Path, picture: Callable[[str], Path]) -> dict[str, float]:
        """Score a model, as `Validation.score` says, by SEG: the mean over all cells of all images."""
        segmentation = SegmentationScorer()
        for still in self.stills:
            result = folder / f"{still.name}_RES"
            video = StillVideo(still, _REPEATS)
            infer(video, model, Settings(), result, preparation=self.preparation, overwrite=True)
            truth, mask = still.masks(), Result(result).masks[_REPEATS - 1]
            segmentation.add(truth, mask)
            if still in _some(self.stills):
                path = picture(f"{_file_name(self.name)}-{still.name}")
                draw_outlines(path, video.frame(0), truth, mask)
            shutil.rmtree(result)
        score = segmentation.score().SEG
        return {} if math.isnan(score) else {"SEG": score}


def begin_of_inference(movie: Path, number: int) -> int:
    """First frame of a movie, or the one after the last gap before a frame."""
    return max(start for start, _ in blocks_without_gaps(movie) if start <= number)


def _file_name(name: str) -> str:
    return name.replace("/", "-")


def _some(items: Sequence[_Item]) -> Sequence[_Item]:
    """First, middle and last."""
    return [items[0], items[len(items) // 2], items[-1]]
