"""Movies with ground truth, prepared once and kept at network scale while a training plays them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cellseg.config import Preparation
from cellseg.errors import CellsegError
from cellseg.training.labels import BACKGROUND, IGNORED
from cellseg.training.split import spans
from cellseg.training.truth import Truth, find_truth
from cellseg.video import blocks, blocks_without_gaps, open_video, prepare, shrink_labels


@dataclass(frozen=True)
class Movie:
    """Consecutive frames at network scale; a single frame is a still.

    Attributes
    ----------
    images : ndarray, (T, Y, X) float32
        Prepared frames.
    labels : ndarray, (T, Y, X) int32
        Values of `cellseg.training.labels`; a frame without masks is ignored.
    begin : int
        Number of the first frame in its sequence.
    dataset : str
        Name of its dataset; each has the same share of the training.
    """

    images: NDArray[np.float32]
    labels: NDArray[np.int32]
    begin: int = 0
    dataset: str = ""

    @cached_property
    def labelled(self) -> int:
        """How many of the frames teach something."""
        return int((self.labels != IGNORED).any((1, 2)).sum())

    @cached_property
    def bright(self) -> bool:
        """Whether cells are bright and their surroundings dark.

        Three quarters of the ones' pixels are then brighter than nineteen in twenty of the others'.
        """
        cells, background = self.images[self.labels > 0], self.images[self.labels == BACKGROUND]
        if cells.size == 0 or background.size == 0:
            return False
        return bool(np.quantile(cells, 0.25) > np.quantile(background, 0.95))


def read_movies(
    sequence: Path,
    preparation: Preparation,
    *,
    frames: tuple[int | None, int | None] | None = None,
    border: int = 0,
    truth: Truth | None = None,
    reach: int = 1,
    dataset: str = "",
) -> list[Movie]:
    """Read a sequence and its ground truth; a gap in the numbering starts another movie.

    Parameters
    ----------
    sequence : Path
        A movie, as `cellseg.video.open_video` takes it.
    preparation : Preparation
        The model's.
    frames : pair of int or None, optional
        Frame numbers [A, B) to read; None reads all.
    border : int
        Width E of the frame around the field of interest, in original pixels.
    truth : Truth, optional
        Its masks; by default those that lie beside it.
    reach : int
        Frames without masks are read, as ignored ones, where the frames with masks around them are at most so
        far apart. Where they are farther, or nobody knows which cell is which, another movie begins.
    dataset : str
        Of the movies.

    Returns
    -------
    list of Movie
        At least one.

    Raises
    ------
    CellsegError
        Frames or masks are missing, or their sizes differ.
    """
    truth = (truth or find_truth(sequence)).within(frames)
    movies = []
    for start, stop in blocks_without_gaps(sequence):
        inside = [number for number in truth.numbers if start <= number < stop]
        for begin, end in blocks(inside, reach if truth.tracked else 0):
            images, labels = [], []
            with open_video(sequence, (begin, end)) as video:
                shape = (video.shape[1], video.shape[2])
                for index, number in enumerate(video.frame_numbers):
                    image = prepare(video.frame(index), preparation)
                    target = (
                        truth.labels(number, shape, border)
                        if number in truth.numbers
                        else np.full(shape, IGNORED, np.int32)
                    )
                    images.append(image)
                    labels.append(shrink_labels(target, (image.shape[0], image.shape[1])))
            movies.append(Movie(np.stack(images), np.stack(labels), begin, dataset))
    if not movies:
        raise CellsegError(
            f"there are masks of the frames {spans(truth.numbers)}, but none of these frames",
            path=sequence,
            remedy="Masks and frames belong together by the number in their names: mend the names.",
        )
    return movies


def typical_diameter(sequence: Path, frames: tuple[int | None, int | None] | None) -> float:
    """Measure the cells of a challenge sequence in its ground truth.

    Parameters
    ----------
    sequence, frames
        As in `read_movies`.

    Returns
    -------
    float
        Diameter of a disc of the median area, in original pixels.

    Raises
    ------
    CellsegError
        There is no cell in these frames.
    """
    return find_truth(sequence).within(frames).diameter()
