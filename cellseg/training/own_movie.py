"""A movie of one's own: masks of some or all frames beside it, and nothing else said about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from cellseg.config.dataset import HELD_OUT_GAP
from cellseg.errors import CellsegError
from cellseg.training.masks import PIECES
from cellseg.training.material import Material, at_scale
from cellseg.training.movies import read_movies
from cellseg.training.settings import TrainingSettings
from cellseg.training.split import spans, split_movie
from cellseg.training.truth import Truth, find_truth, movie_name
from cellseg.training.validation import MovieValidation, begin_of_inference
from cellseg.video import blocks_without_gaps, open_video

Use = Literal["both", "learn", "score"]
"""Whether a source is learnt from, scored, or split in two."""


@dataclass(frozen=True)
class OwnMovie:
    """A movie with masks.

    Attributes
    ----------
    path : Path
        Folder of frames or TIFF stack.
    truth : Path or None
        Folder of its masks, as `find_truth` takes it; None looks beside the movie.
    frames : pair of int or None
        Frame numbers [A, B) that are used; None is all.
    diameter : float or None
        Of a typical cell, in pixels; None measures it in the masks.
    border : int
        Width of the frame in which not every cell has a mask, in pixels.
    use : {"both", "learn", "score"}
        `both` scores the last third of the frames that have masks (`split_movie`).
    """

    path: Path
    truth: Path | None = None
    frames: tuple[int | None, int | None] | None = None
    diameter: float | None = None
    border: int = 0
    use: Use = "both"

    def material(self, settings: TrainingSettings, say: Callable[[str], Any]) -> Material:
        """Read what is learnt from, as `Source.material` says."""
        path = self.path if self.path.name not in ("", "..") else self.path.resolve()
        frames = [n for start, stop in blocks_without_gaps(path) for n in range(start, stop)]
        truth = find_truth(path, self.truth)
        _refuse_masks_without_frames(truth, frames)
        truth = truth.within(self.frames).examined()
        if truth.track_file is not None:
            _ = truth.tracks  # what is wrong with them is told of now, not at the first validation
        with open_video(path, (frames[0], frames[0] + 1)) as video:
            shape, pixel_size = (video.shape[1], video.shape[2]), video.pixel_size_um
        cells = truth.frames_with_cells(shape)
        learnt, scored = self._split(truth, path)
        measured = truth.only([number for number in learnt or scored if number in cells]).diameter()
        diameter = self.diameter or measured
        name = f"{path.resolve().parent.name}/{movie_name(path)}"
        say(
            f"{name}: {len(truth.numbers)} of {len(frames)} frames have masks ({truth.folder}), "
            f"cells about {diameter:.3g} pixels across"
        )
        for line in _described(truth, learnt, scored, cells):
            say(f"{name}: {line}")
        preparation = at_scale(settings, diameter)
        movies, validation = [], None
        if learnt:
            movies = read_movies(
                path,
                preparation,
                border=self.border,
                truth=truth.only(learnt),
                reach=settings.clip_frames - 1,
            )
        if scored:
            begin = max(begin_of_inference(path, scored[0]), scored[0] - HELD_OUT_GAP)
            validation = MovieValidation(name, path, truth.only(scored), begin, preparation=preparation)
        return Material(
            name=name,
            about=f"{name}, frames {spans(learnt)}" if learnt else "",
            origin=[str(self.path), str(truth.folder), learnt, diameter],
            movies=movies,
            learnt=tuple(learnt),
            validation=validation,
            preparation=preparation,
            diameter=diameter,
            pixel_size_um=pixel_size,
        )

    def _split(self, truth: Truth, path: Path) -> tuple[list[int], list[int]]:
        """Frames that are learnt from, and frames that are scored."""
        everything = list(truth.numbers)
        if self.use == "learn":
            return everything, []
        learnt, scored = ([], everything) if self.use == "score" else split_movie(everything)
        # Inference does not leap over frames that are missing.
        late = [number for number in scored if number >= begin_of_inference(path, scored[-1])]
        return (learnt + [n for n in scored if n not in late] if learnt else []), late


def _refuse_masks_without_frames(truth: Truth, frames: Sequence[int]) -> None:
    strays = sorted(set(truth.numbers) - set(frames))
    if strays:
        raise CellsegError(
            f"there are masks of the frames {spans(strays)}, but no such frames: they are {spans(frames)}",
            path=truth.folder,
            remedy="Masks and frames belong together by the number in their names: mend the names.",
        )


def _described(
    truth: Truth, learnt: Sequence[int], scored: Sequence[int], cells: Sequence[int]
) -> Iterator[str]:
    """Say what is done with the frames, and what is unusual about them."""
    if learnt and scored:
        yield f"learns from frames {spans(learnt)}; frames {spans(scored)} are scored as it goes on"
    elif learnt:
        yield f"learns from frames {spans(learnt)}; none of them is scored"
    else:
        yield f"frames {spans(scored)} are scored as training goes on"
    empty = [number for number in truth.numbers if number not in cells]
    if empty:
        yield (
            f"no cell in the masks of frames {spans(empty)}: they are taken for frames without cells; "
            "remove the masks of frames that nobody has looked at"
        )
    if scored and not set(scored) & set(cells):
        yield "no frame that is scored has a cell, so nothing tells which weights are best"
    if truth.pieces:
        yield PIECES
    elif not truth.tracked:
        yield (
            "a cell changes its number from frame to frame: the frames are learnt from one by one, "
            "as still images, and tracking is not scored"
        )
