"""Movies with ground truth, prepared once and kept at network scale while a training plays them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cellseg.config import Preparation
from cellseg.ctc import MARKERS, SEGMENTATION, LabelImages
from cellseg.errors import CellsegError
from cellseg.training.labels import training_labels
from cellseg.video import blocks_without_gaps, open_video, prepare, shrink_labels

_MEASURED_FRAMES = 8


@dataclass(frozen=True)
class Movie:
    """Consecutive frames at network scale.

    Attributes
    ----------
    images : ndarray, (T, Y, X) float32
        Prepared frames.
    labels : ndarray, (T, Y, X) int32
        Values of `cellseg.training.labels`.
    begin : int
        Number of the first frame in its sequence.
    dataset : str
        Name of its dataset; each has the same share of the training.
    """

    images: NDArray[np.float32]
    labels: NDArray[np.int32]
    begin: int = 0
    dataset: str = ""


def read_movies(
    sequence: Path, preparation: Preparation, *, frames: tuple[int | None, int | None] | None, border: int
) -> list[Movie]:
    """Read a challenge sequence and its ground truth; a gap in the numbering starts another movie.

    Parameters
    ----------
    sequence : Path
        Folder of frames, such as `DIC-C2DH-HeLa/01`, with `01_GT` and, where there is one, `01_ST` beside it.
    preparation : Preparation
        The model's.
    frames : pair of int or None
        Frame numbers [A, B) to read; None reads all.
    border : int
        Width E of the frame around the field of interest, in original pixels.

    Returns
    -------
    list of Movie

    Raises
    ------
    CellsegError
        Frames or ground truth are missing, or their sizes differ.
    """
    markers = LabelImages(sequence.with_name(sequence.name + "_GT") / "TRA", MARKERS)
    silver = LabelImages(sequence.with_name(sequence.name + "_ST") / "SEG", SEGMENTATION)
    if not markers:
        raise CellsegError(
            "there is no tracking ground truth to learn from",
            path=sequence,
            remedy=f"Put man_trackTTT.tif files into {sequence.name}_GT/TRA beside the frames.",
        )
    if not silver:
        _refuse_mere_markers(sequence, markers)
    first, last = frames or (None, None)
    movies = []
    for start, stop in blocks_without_gaps(sequence):
        block = (max(start, first or 0), stop if last is None else min(stop, last))
        if block[0] >= block[1]:
            continue
        images, labels = [], []
        with open_video(sequence, block) as video:
            for index, number in enumerate(video.frame_numbers):
                if number not in markers:
                    raise CellsegError(
                        f"frame {number} has no markers",
                        path=sequence.with_name(sequence.name + "_GT"),
                        remedy="Add its man_track file, or choose other frames with --frames.",
                    )
                image = prepare(video.frame(index), preparation)
                objects = silver[number] if silver else None
                target = training_labels(markers[number], objects, border)
                images.append(image)
                labels.append(shrink_labels(target, (image.shape[0], image.shape[1])))
        movies.append(Movie(np.stack(images), np.stack(labels), block[0], sequence.parent.name))
    if not movies:
        raise CellsegError(
            f"there are no frames {first or 0}:{'' if last is None else last} to learn from",
            path=sequence,
            remedy="Choose others with --frames A:B, or mend the blocks of the dataset's configuration.",
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
    silver = LabelImages(sequence.with_name(sequence.name + "_ST") / "SEG", SEGMENTATION)
    truth = silver or LabelImages(sequence.with_name(sequence.name + "_GT") / "TRA", MARKERS)
    first, last = frames or (None, None)
    chosen = [n for n in truth if (first or 0) <= n and (last is None or n < last)]
    areas: list[int] = []
    for number in chosen[:: max(1, len(chosen) // _MEASURED_FRAMES)]:
        areas += np.unique(truth[number][truth[number] > 0], return_counts=True)[1].tolist()
    if not areas:
        raise CellsegError(
            "there is no cell in the ground truth", path=sequence, remedy="Choose other --frames."
        )
    return float(2 * np.sqrt(np.median(areas) / np.pi))


def _refuse_mere_markers(sequence: Path, markers: LabelImages) -> None:
    """Without a complete segmentation the markers must be full masks: compare with an annotated frame."""
    annotated = LabelImages(sequence.with_name(sequence.name + "_GT") / "SEG", SEGMENTATION)
    for number in annotated:
        if number in markers:
            masks = annotated[number] > 0
            if 2 * np.count_nonzero(markers[number][masks]) < np.count_nonzero(masks):
                raise CellsegError(
                    f"the markers of frame {number} are much smaller than the cells",
                    path=sequence,
                    remedy=f"Put full masks for every frame into {sequence.name}_ST/SEG (man_segTTT.tif).",
                )
            return
