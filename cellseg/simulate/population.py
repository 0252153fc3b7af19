"""The cells as bodies: they wander, push each other aside, grow, round up, divide, come and go.

The world is the image and a margin around it. What happens in the margin is real but unseen: cells enter
from there and leave to there, so the borders of the image see the same traffic as any other line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cellseg.simulate.cell import Cell
from cellseg.simulate.outline import Outline, direction_index

if TYPE_CHECKING:
    from cellseg.simulate.presets import Preset

_REST_DISTANCE = 0.93
"""Centres keep this share of the summed radii as their distance; what then overlaps is pressed flat."""
_STIFFNESS = 0.25
"""Share of an overlap that is undone per frame."""
_INITIAL = 0.85
"""Cells of the first frame relative to the preset's density: the culture still grows."""
_CROWDED = 1.2
"""No cell rounds up when the world holds this many times the cells of the preset's density."""
_UNSEEN_LOSS = 2.0
"""Unseen cells lost per cell cycle: makes room for divisions, so that a long movie keeps its density."""


class Population:
    """All cells of the world, advanced frame by frame.

    Parameters
    ----------
    preset : Preset
        Size, speed and life of the cells.
    shape : tuple of int
        (Y, X) of the image in pixels.
    rng : numpy.random.Generator
        Source of all motion.

    Attributes
    ----------
    cells : list of Cell
        The living, in order of birth.
    frame : int
        The current frame.
    """

    def __init__(self, preset: Preset, shape: tuple[int, int], rng: np.random.Generator) -> None:
        self._preset = preset
        self._shape = np.array(shape, dtype=float)
        self._rng = rng
        self._margin = 1.25 * preset.diameter
        world = self._shape + 2 * self._margin
        self._capacity = max(1, round(preset.density * world.prod() / (np.pi / 4 * preset.diameter**2)))
        self._born = 0
        self.frame = 0
        self.cells: list[Cell] = []
        for _ in range(round(_INITIAL * self._capacity)):
            self._settle(rng.uniform(-self._margin, self._shape + self._margin))
        for _ in range(40):
            self._push()

    def radii(self, cell: Cell) -> NDArray[np.float32]:
        """Radius of a cell in `DIRECTIONS` directions from its own x axis, in pixels.

        Parameters
        ----------
        cell : Cell
            A cell of this population.

        Returns
        -------
        numpy.ndarray, (DIRECTIONS,) float32
            Radii in pixels.
        """
        size = cell.radius * (1 - (1 - self._preset.rounding) * cell.roundness)
        return np.float32(size) * cell.outline.radii(cell.roundness)

    def advance(self) -> None:
        """Let one frame pass."""
        self.frame += 1
        preset = self._preset
        committed = sum(cell.frames_to_division < preset.rounding_frames for cell in self.cells)
        room = int(_CROWDED * self._capacity) - len(self.cells) - committed
        for cell in list(self.cells):
            cell.move(preset, self._rng)
            room -= cell.ripen(preset, may_round_up=room > 0)
            if cell.frames_to_division <= 0:
                self._divide(cell)
        self._push()
        self._trade()

    def _settle(self, position: NDArray[np.float64]) -> None:
        """Put a grown cell at a place, at any moment of its life but the division."""
        preset, rng = self._preset, self._rng
        cell = self._create(position, mother=-1, family=self._born)
        cell.radius = cell.adult_radius
        cell.frames_to_division = preset.rounding_frames + rng.uniform(0, 1) * preset.cycle_frames

    def _create(self, position: NDArray[np.float64], mother: int, family: int) -> Cell:
        preset, rng = self._preset, self._rng
        adult = preset.diameter / 2 * np.exp(preset.diameter_spread * rng.standard_normal())
        cell = Cell(
            identity=self._born,
            mother=mother,
            family=family,
            born=self.frame,
            position=np.asarray(position, dtype=float),
            velocity=preset.speed * rng.standard_normal(2),
            angle=float(rng.uniform(0, 2 * np.pi)),
            radius=adult,
            adult_radius=adult,
            roundness=0.0,
            frames_to_division=preset.rounding_frames + float(rng.gamma(8.0, preset.cycle_frames / 8.0)),
            outline=Outline(preset.deformation, preset.ruffles * rng.exponential(), preset.shape_memory, rng),
        )
        self._born += 1
        self.cells.append(cell)
        return cell

    def _divide(self, mother: Cell) -> None:
        """Replace a mother by two round daughters side by side, touching."""
        axis = self._rng.uniform(0, np.pi)
        direction = np.array([np.sin(axis), np.cos(axis)])
        for side in (-1, 1):
            daughter = self._create(mother.position, mother.identity, mother.family)
            daughter.radius = 0.75 * mother.radius
            daughter.roundness = 1.0
            reach = self._preset.rounding * daughter.radius
            daughter.position = mother.position + side * 0.97 * reach * direction
            daughter.velocity = side * 0.03 * reach * direction
        self.cells.remove(mother)

    def _push(self) -> None:
        """Push overlapping neighbours apart."""
        positions = np.array([cell.position for cell in self.cells])
        if len(positions) < 2:
            return
        apart = positions[None] - positions[:, None]
        distance = np.maximum(np.hypot(apart[..., 0], apart[..., 1]), 1e-6)
        tables = np.stack([self.radii(cell) for cell in self.cells])
        angles = np.array([cell.angle for cell in self.cells])
        towards = np.arctan2(apart[..., 0], apart[..., 1]) - angles[:, None]
        reach = np.take_along_axis(tables, direction_index(towards), axis=1)
        overlap = np.maximum(_REST_DISTANCE * (reach + reach.T) - distance, 0)
        np.fill_diagonal(overlap, 0)
        shift = -(_STIFFNESS / 2) * (overlap / distance)[..., None] * apart
        for cell, moved in zip(self.cells, shift.sum(axis=1), strict=True):
            cell.position = cell.position + moved

    def _trade(self) -> None:
        """Let cells leave the world, and new ones enter it, out of sight."""
        preset, rng = self._preset, self._rng
        low, high = -self._margin, self._shape + self._margin
        self.cells = [cell for cell in self.cells if self._stays(cell)]
        if len(self.cells) < self._capacity and rng.random() < 4 * preset.speed / preset.diameter:
            place = rng.uniform(low, high)
            axis = int(rng.integers(2))
            place[axis] = rng.choice([low + 1, high[axis] - 1])
            self._settle(place)

    def _stays(self, cell: Cell) -> bool:
        """Whether a cell is still there; a cell in sight always is."""
        outside = float(np.max([-cell.position, cell.position - self._shape]))
        unseen = outside > self.radii(cell).max()
        lost = unseen and self._rng.random() < _UNSEEN_LOSS / self._preset.cycle_frames
        return outside < self._margin and not lost
