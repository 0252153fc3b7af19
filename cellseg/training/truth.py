"""Where the masks of a movie are, whoever made them, and what they say about each frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cellseg.ctc import (
    MARKERS,
    MASK,
    REFERENCE_TRACKS,
    RESULT_TRACKS,
    SEGMENTATION,
    LabelImages,
    object_labels,
    read_tracks,
    tracks_from_labels,
)
from cellseg.errors import CellsegError
from cellseg.training.labels import training_labels
from cellseg.training.masks import (
    Labels,
    check_masks,
    connected_pieces,
    count_in_place,
    know_no_cells_apart,
    some,
    typical_diameter_of,
)
from cellseg.training.split import spans
from cellseg.types import Track


@dataclass(frozen=True)
class Truth:
    """The ground truth of a movie, read frame by frame when asked for.

    Attributes
    ----------
    folder : Path
        For messages.
    identities : LabelImages
        Labels that stay with a cell from frame to frame: markers, or full masks.
    outlines : LabelImages or None
        Complete segmentation whose labels are of the frame only; None: the identities are full masks.
    numbers : tuple of int
        Frames that have masks, ascending; of the others nothing is known.
    track_file : Path or None
        Lines `L B E P`.
    tracked : bool
        Whether the identities are that: many programs number the cells of every frame anew.
    pieces : bool
        Whether the masks know no cells apart, so that every connected piece is taken for one.
    """

    folder: Path
    identities: LabelImages
    outlines: LabelImages | None
    numbers: tuple[int, ...]
    track_file: Path | None = None
    tracked: bool = True
    pieces: bool = False

    def only(self, numbers: Sequence[int]) -> Truth:
        """Keep what is known of some frames alone."""
        return replace(self, numbers=tuple(numbers))

    def within(self, frames: tuple[int | None, int | None] | None) -> Truth:
        """Keep what is known of the frames [A, B) alone.

        Raises
        ------
        CellsegError
            None of these frames has masks.
        """
        first, last = frames or (None, None)
        chosen = [n for n in self.numbers if (first or 0) <= n and (last is None or n < last)]
        if not chosen:
            others = f"; there are masks of the frames {spans(self.numbers)}" if self.numbers else ""
            raise CellsegError(
                f"there are no full masks of the frames {first or 0}:{'' if last is None else last}{others}",
                path=self.folder,
                remedy="Choose other frames with --frames A:B, or mend the blocks of the configuration.",
            )
        return self.only(chosen)

    def masks(self, number: int) -> Labels:
        """Full masks of a frame, (Y, X), 0 for background."""
        labels = (self.outlines or self.identities)[number]
        return connected_pieces(labels) if self.pieces else labels

    def labels(self, number: int, shape: tuple[int, int], border: int) -> NDArray[np.int32]:
        """Tell what a frame teaches.

        Parameters
        ----------
        number : int
            Of the frame.
        shape : tuple of int
            (Y, X) of the frame.
        border : int
            As `training_labels` takes it.

        Returns
        -------
        ndarray, (Y, X) int32
            Values of `cellseg.training.labels`.

        Raises
        ------
        CellsegError
            A mask is no label image of the frame's size.
        """
        masks = self.masks(number)
        check_masks(masks, shape, (self.outlines or self.identities).files[number])
        if self.outlines is None:
            return training_labels(masks, None, border)
        markers = self.identities[number]
        check_masks(markers, shape, self.identities.files[number])
        return training_labels(markers, masks, border)

    @cached_property
    def tracks(self) -> list[Track]:
        """The lines of the track file; without one, first to last appearance of each label, no parents.

        Raises
        ------
        CellsegError
            The track file is malformed, or names a label twice.
        """
        if self.track_file is None:
            return tracks_from_labels({n: object_labels(self.identities[n]) for n in self.numbers})
        tracks = read_tracks(self.track_file)
        labels, lines = np.unique([track.label for track in tracks], return_counts=True)
        if (lines > 1).any():
            raise CellsegError(
                f"label {labels[lines > 1][0]} has more than one line",
                path=self.track_file,
                remedy="Give every track a label of its own.",
            )
        return tracks

    def frames_with_cells(self, shape: tuple[int, int]) -> list[int]:
        """Check all masks, and tell in which frames there are cells.

        Parameters
        ----------
        shape : tuple of int
            (Y, X) of the frames.

        Returns
        -------
        list of int
            Frame numbers.

        Raises
        ------
        CellsegError
            A mask is no label image of the frames' size.
        """
        found = []
        for number in self.numbers:
            for images in filter(None, (self.outlines, self.identities)):
                labels = images[number]
                check_masks(labels, shape, images.files[number])
            if self.masks(number).any():
                found.append(number)
        return found

    def diameter(self) -> float:
        """Diameter of a disc of the median area of the cells, in original pixels.

        Raises
        ------
        CellsegError
            There is no cell in these frames.
        """
        return typical_diameter_of([self.masks(number) for number in some(self.numbers)], self.folder)

    def examined(self) -> Truth:
        """Find out by a look at some frames what the labels mean, where nobody has said it."""
        if self.outlines is not None:
            return self
        if know_no_cells_apart([self.identities[number] for number in some(self.numbers)]):
            return replace(self, tracked=False, pieces=True)
        same = different = 0
        for before, after in some([pair for pair in pairwise(self.numbers) if pair[1] == pair[0] + 1]):
            first, second = self.identities[before], self.identities[after]
            if first.shape == second.shape:
                kept, changed = count_in_place(first, second)
                same, different = same + kept, different + changed
        return replace(self, tracked=same >= different)


def find_truth(movie: Path, folder: Path | None = None) -> Truth:
    """Find the masks of a movie.

    Parameters
    ----------
    movie : Path
        Folder of frames or TIFF stack, such as `lab/01`.
    folder : Path, optional
        A ground-truth folder with `TRA`, `SEG` or both, or a folder of masks `maskTTT.tif`, `man_segTTT.tif`
        or `man_trackTTT.tif`, such as a corrected result; by default `01_GT` beside the movie.

    Returns
    -------
    Truth
        The markers of `TRA` with the outlines of a silver truth (`01_ST/SEG`) beside them; without one, as
        full masks, unless they are much smaller than the cells of `SEG`: then `SEG` has the outlines. Without
        `TRA` the masks of `SEG`, of the silver truth or of the folder itself.

    Raises
    ------
    CellsegError
        There are no masks, or no such folder.
    """
    name = movie_name(movie)
    if folder is not None and not folder.is_dir():
        raise CellsegError("does not exist", path=folder, remedy="Give the folder that holds the masks.")
    folder = folder or movie.with_name(f"{name}_GT")
    markers, gold = LabelImages(folder / "TRA", MARKERS), LabelImages(folder / "SEG", SEGMENTATION)
    silver = LabelImages(folder.with_name(f"{folder.name.removesuffix('_GT')}_ST") / "SEG", SEGMENTATION)
    if markers:
        outlines = silver or (gold if _mere_markers(markers, gold) else None)
        numbers = [number for number in markers if outlines is None or number in outlines]
        return Truth(folder, markers, outlines, tuple(numbers), _file(folder / "TRA" / REFERENCE_TRACKS))
    for masks in (gold, silver, *(LabelImages(folder, prefix) for prefix in (MASK, SEGMENTATION, MARKERS))):
        if masks:
            tracks = _file(folder / RESULT_TRACKS) or _file(folder / REFERENCE_TRACKS)
            return Truth(folder, masks, None, tuple(masks), tracks)
    result = movie.with_name(f"{name}_RES")
    hint = f" {result} is there: if you have corrected it, add --truth {result}." if result.is_dir() else ""
    raise CellsegError(
        "there are no masks to learn from",
        path=folder,
        remedy=f"Put full masks man_seg000.tif, ... into {name}_GT/SEG beside the frames, one number per "
        f"cell, the same in every frame; or name the folder that holds them with --truth.{hint}",
    )


def movie_name(movie: Path) -> str:
    """Name of a movie: of its folder, or of its file without the suffix."""
    return movie.stem.removesuffix(".ome") if movie.is_file() else movie.name


def _mere_markers(markers: LabelImages, gold: LabelImages) -> bool:
    """Tell whether markers are much smaller than the cells, by a frame that has both."""
    for number in gold:
        if number in markers and (masks := gold[number] > 0).any():
            inside = masks & (markers[number] > 0) if markers[number].shape == masks.shape else masks
            return bool(2 * np.count_nonzero(inside) < np.count_nonzero(masks))
    return False


def _file(path: Path) -> Path | None:
    return path if path.is_file() else None
