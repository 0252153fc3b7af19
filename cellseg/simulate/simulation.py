"""A simulated movie: frames one by one, and the lineage when they have been drawn.

Memory does not grow with the number of frames: the frames flow through, only the table of tracks is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellseg.errors import CellsegError
from cellseg.simulate.population import Population
from cellseg.simulate.presets import Preset
from cellseg.simulate.scene import CellView, views
from cellseg.types import Track

_ENTER_SHARE, _LEAVE_SHARE = 0.03, 0.01
"""Visible shares of a cell at which a track begins and ends; two numbers, lest a track flicker."""

_MOTION, _OPTICS = 0, 1
"""Independent streams of random numbers of one seed: the optics do not change what the cells do."""


@dataclass(frozen=True)
class SimulatedFrame:
    """One frame and its exact ground truth.

    Attributes
    ----------
    image : numpy.ndarray, (Y, X) uint8 or uint16
        What the camera saw.
    labels : numpy.ndarray, (Y, X) uint16
        Full masks with track ids, 0 = background; one connected component per id.
    """

    image: NDArray[np.integer]
    labels: NDArray[np.uint16]


class Simulation:
    """A movie of a preset; the same seed gives the same movie.

    Parameters
    ----------
    preset : Preset
        What to simulate.
    frames : int
        Number of frames.
    seed : int
        Seed of all randomness, 0 or larger.
    shape : tuple of int, optional
        (Y, X) of the image in pixels; the preset's own size if not given.

    Attributes
    ----------
    tracks : list of Track
        The lineage of the frames drawn so far, complete when `frames` is exhausted.
    """

    def __init__(self, preset: Preset, frames: int, seed: int, shape: tuple[int, int] | None = None) -> None:
        if frames < 1:
            raise CellsegError(f"{frames} frames cannot be simulated", remedy="Ask for one frame or more.")
        if seed < 0:
            raise CellsegError(f"the seed {seed} is negative", remedy="Give 0 or a larger number.")
        self.preset = preset
        self.length = frames
        self.seed = seed
        self.shape = preset.shape if shape is None else shape
        if min(self.shape) < 16:
            raise CellsegError(
                f"the size {self.shape} is too small", remedy="Give at least 16 pixels in each direction."
            )
        self.tracks: list[Track] = []

    def frames(self) -> Iterator[SimulatedFrame]:
        """Draw the movie from its first frame on.

        Yields
        ------
        SimulatedFrame
            Frame after frame.
        """
        population = Population(self.preset, self.shape, _generator(self.seed, _MOTION))
        painter = self.preset.optics.painter(self.shape, _generator(self.seed, _OPTICS))
        book = _TrackBook()
        for frame in range(self.length):
            if frame:
                population.advance()
            cells = population.cells
            candidates = views(cells, [population.radii(cell) for cell in cells], self.shape)
            seen, ids = book.enter(frame, candidates)
            labels = np.zeros(self.shape, dtype=np.uint16)
            for view, label in zip(seen, ids, strict=True):
                labels[view.box][view.mask] = label
            self.tracks = book.tracks()
            yield SimulatedFrame(painter.paint(seen, labels), labels)


def simulate(
    preset: Preset, frames: int, seed: int, shape: tuple[int, int] | None = None
) -> Iterator[SimulatedFrame]:
    """Draw a movie frame by frame.

    Parameters
    ----------
    preset : Preset
        What to simulate.
    frames : int
        Number of frames.
    seed : int
        Seed of all randomness, 0 or larger.
    shape : tuple of int, optional
        (Y, X) of the image in pixels; the preset's own size if not given.

    Returns
    -------
    iterator of SimulatedFrame
        Frame after frame; use `Simulation` where the lineage is wanted too.

    Raises
    ------
    CellsegError
        If the numbers are out of range.
    """
    return Simulation(preset, frames, seed, shape).frames()


class _TrackBook:
    """Gives the visible cells their track ids and writes the lineage down."""

    def __init__(self) -> None:
        self._open: dict[int, int] = {}
        self._tracks: dict[int, Track] = {}

    def enter(self, frame: int, candidates: list[CellView]) -> tuple[list[CellView], list[int]]:
        """Choose the cells that count as visible in this frame, and their track ids."""
        before, self._open = self._open, {}
        seen, ids = [], []
        for view in candidates:
            cell = view.cell
            share = view.mask.sum() / (np.pi * view.radius**2)
            if share < (_LEAVE_SHARE if cell.identity in before else _ENTER_SHARE):
                continue
            label = before.get(cell.identity)
            if label is None:
                label = len(self._tracks) + 1
                parent = before.get(cell.mother, 0) if cell.born == frame else 0
                self._tracks[label] = Track(label, frame, frame, parent)
            else:
                self._tracks[label] = self._tracks[label]._replace(end=frame)
            self._open[cell.identity] = label
            seen.append(view)
            ids.append(label)
        if len(self._tracks) > np.iinfo(np.uint16).max:
            raise CellsegError(
                "more than 65535 tracks do not fit a uint16 mask", remedy="Ask for fewer frames."
            )
        return seen, ids

    def tracks(self) -> list[Track]:
        """List the tracks so far, in order of their ids."""
        return list(self._tracks.values())


def _generator(seed: int, stream: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(np.random.SeedSequence((seed, stream))))
