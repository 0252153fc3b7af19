"""One cell: where it is, how it moves and how it ripens from birth to division."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cellseg.simulate.outline import Outline

if TYPE_CHECKING:
    from cellseg.simulate.presets import Preset

_GROWTH_FRAMES = 20.0
"""Time constant in which a daughter grows to its adult size."""
_TURN = 0.03
"""Standard deviation of the change of orientation per frame, in radians."""


@dataclass
class Cell:
    """One cell between its birth and its division.

    Attributes
    ----------
    identity : int
        Unique number within a simulation, never reused.
    mother : int
        Identity of the mother; -1 for none.
    family : int
        Identity of the first ancestor: what relatives have in common is drawn from it.
    born : int
        Frame of birth.
    position, velocity : numpy.ndarray, (2,) float64
        (y, x) in pixels and pixels per frame.
    angle : float
        Orientation in radians.
    radius, adult_radius : float
        Mean radius of the spread cell now and when grown, in pixels.
    roundness : float
        0 = spread out, 1 = rounded up for division.
    frames_to_division : float
        Countdown.
    outline : Outline
        Shape.
    """

    identity: int
    mother: int
    family: int
    born: int
    position: NDArray[np.float64]
    velocity: NDArray[np.float64]
    angle: float
    radius: float
    adult_radius: float
    roundness: float
    frames_to_division: float
    outline: Outline

    def move(self, preset: Preset, rng: np.random.Generator) -> None:
        """Walk one frame of a persistent random walk, turn and deform.

        Parameters
        ----------
        preset : Preset
            Speed, persistence and shape.
        rng : numpy.random.Generator
            Source of the motion.
        """
        kept = np.exp(-1 / preset.persistence)
        pace = preset.speed * (1 - 0.7 * self.roundness)
        self.velocity = kept * self.velocity + np.sqrt(1 - kept**2) * pace * rng.standard_normal(2)
        self.position = self.position + self.velocity
        self.angle += _TURN * float(rng.standard_normal())
        self.outline.advance(rng)

    def ripen(self, preset: Preset, may_round_up: bool) -> bool:
        """Grow, count down, and round up before a division or spread out after one.

        Parameters
        ----------
        preset : Preset
            Times of life.
        may_round_up : bool
            False holds a cell that is ripe but has not begun to round up.

        Returns
        -------
        bool
            Whether the cell began to round up in this frame.
        """
        self.radius += (self.adult_radius - self.radius) / _GROWTH_FRAMES
        rounding = self.frames_to_division < preset.rounding_frames
        ripe = self.frames_to_division - 1 < preset.rounding_frames
        if rounding or may_round_up or not ripe:
            self.frames_to_division -= 1
        if self.frames_to_division < preset.rounding_frames:
            self.roundness += 0.35 * (1 - self.roundness)
        else:
            self.roundness *= float(np.exp(-2 / preset.spreading_frames))
        return not rounding and self.frames_to_division < preset.rounding_frames
