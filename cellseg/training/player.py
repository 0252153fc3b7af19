"""Plays movies to the network, clip after clip, so that its state can live on from one clip to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cellseg.training.augment import Geometry, Intensity, rescaled
from cellseg.training.crowd import crowded
from cellseg.training.movies import Movie
from cellseg.training.settings import TrainingSettings


@dataclass(frozen=True)
class Clip:
    """Consecutive frames of one pass.

    Attributes
    ----------
    images : Tensor, (T, Y, X) float32
    labels : Tensor, (T, Y, X) int32
    fresh : bool
        Whether a new pass begins, so that the state must be zero.
    """

    images: Tensor
    labels: Tensor
    fresh: bool


class Player:
    """One endless succession of passes; a pass plays one movie to and fro under one augmentation.

    A still moves as it is played, or the network would learn that nothing ever does.

    Everything random is keyed by (seed, player, clip), so the n-th clip does not depend
    on how it was reached.

    Parameters
    ----------
    real, simulated : sequence of Movie
        Movies to choose from; `settings.simulated_share` of the passes play a simulated one.
    settings : TrainingSettings
    crop : tuple of int
        Size (Y, X) of the clips.
    number : int
        Which player of the batch this is.
    """

    def __init__(
        self,
        real: Sequence[Movie],
        simulated: Sequence[Movie],
        settings: TrainingSettings,
        crop: tuple[int, int],
        number: int,
    ) -> None:
        self._real, self._simulated = real, simulated
        self._settings = settings
        self._crop = crop
        self._number = number

    def clip(self, index: int) -> Clip:
        """Return the clip of a step.

        Parameters
        ----------
        index : int
            Step, from 0.

        Returns
        -------
        Clip
        """
        start = self._start_of_pass(index)
        rng = self._rng(start)
        movies = _of_one_dataset(self._choose(rng), rng)
        movie = movies[rng.choice(len(movies), p=_lengths(movies))]
        times = np.arange((index - start + 1) * self._settings.clip_frames)
        images, labels = self._place(movie, times, rng)
        intensity = Intensity.draw(rng, self._settings.intensity)
        alone = rng.random() < self._settings.rescaled_share
        while rng.random() < self._settings.crowded_share and movie.bright:
            images, labels = crowded(images, labels, *self._place(movie, times, rng))
        if alone:
            images = rescaled(images, self._settings.preparation)
        return Clip(intensity.apply(images, self._rng(index, 1)), labels, fresh=index == start)

    def _place(
        self, movie: Movie, times: NDArray[np.int64], rng: np.random.Generator
    ) -> tuple[Tensor, Tensor]:
        """Play a movie at some place of it; the last frames of a pass are images and labels (T, Y, X)."""
        length, clip_frames = len(movie.images), self._settings.clip_frames
        # Playing to and fro is walking around a circle of twice the length.
        phase = (int(rng.integers(2 * length)) + times) % (2 * length)
        frames = np.where(phase < length, phase, 2 * length - 1 - phase)
        focus = self._a_cell(rng, movie.labels[frames[:clip_frames]])
        moving = times[-clip_frames:] if length == 1 else None
        geometry = Geometry.draw(rng, movie.images.shape[1:], self._crop, self._settings, focus, moving)
        frames = frames[-clip_frames:]
        return geometry.apply(torch.from_numpy(movie.images[frames]), torch.from_numpy(movie.labels[frames]))

    def _start_of_pass(self, index: int) -> int:
        """Walk back to the clip at which the state was last reset."""
        while index > 0 and self._rng(index, 2).random() >= self._settings.reset_probability:
            index -= 1
        return index

    def _choose(self, rng: np.random.Generator) -> Sequence[Movie]:
        if not self._simulated:
            return self._real
        if not self._real or rng.random() < self._settings.simulated_share:
            return self._simulated
        return self._real

    def _a_cell(self, rng: np.random.Generator, labels: NDArray[np.int32]) -> tuple[int, int] | None:
        """Choose a pixel of some cell in the first frame with any, or none: the pass may play anywhere."""
        first = next((frame for frame in labels if (frame > 0).any()), labels[0])
        places = np.flatnonzero(first > 0)
        if rng.random() >= self._settings.focus or len(places) == 0:
            return None
        y, x = divmod(int(rng.choice(places)), first.shape[1])
        return y, x

    def _rng(self, index: int, purpose: int = 0) -> np.random.Generator:
        key = (self._settings.seed, self._number, index, purpose)
        return np.random.Generator(np.random.Philox(np.random.SeedSequence(key)))


def _of_one_dataset(movies: Sequence[Movie], rng: np.random.Generator) -> Sequence[Movie]:
    """Choose a dataset, all equally likely, and of the movies those that belong to it."""
    names = sorted({movie.dataset for movie in movies})
    name = names[rng.integers(len(names))]
    return [movie for movie in movies if movie.dataset == name]


def _lengths(movies: Sequence[Movie]) -> list[float]:
    """Chance of each movie, in proportion to its frames that teach something."""
    shares = [max(movie.labelled, 1) for movie in movies]
    return [share / sum(shares) for share in shares]
