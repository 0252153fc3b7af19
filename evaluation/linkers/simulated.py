"""Scenes in which linking is hard, with exact truth; and what segmentation may make of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellseg.simulate import Simulation, preset
from cellseg.types import Track
from evaluation.linkers.corrupt import corrupt
from evaluation.linkers.movie import Masks, Movie

SEED = 20
SCENES: dict[str, dict[str, Any]] = {
    "crowded": {
        "density": 0.6,
        "diameter": 24.0,
        "cycle_frames": 30.0,
        "rounding_frames": 3.0,
        "spreading_frames": 5.0,
        "speed": 1.2,
    },
    "fast": {
        "density": 0.15,
        "diameter": 24.0,
        "cycle_frames": 40.0,
        "rounding_frames": 3.0,
        "spreading_frames": 5.0,
        "speed": 10.0,
        "persistence": 4.0,
    },
}
"""What differs from the preset `Fluo-N2DH-SIM+`; lengths in pixels, times in frames."""
CORRUPTIONS: dict[str, dict[str, float]] = {
    "10 % dropped": {"drop": 0.1},
    "5 % merged": {"merge": 0.05},
    "5 % split": {"split": 0.05},
    "10 % debris": {"debris": 0.1},
    "all of these": {"drop": 0.1, "merge": 0.05, "split": 0.05, "debris": 0.1},
}
"""Done to the crowded scene."""


def simulated(frames: int, side: int) -> Iterator[Movie]:
    """Make every scene, and the crowded one with every corruption.

    Parameters
    ----------
    frames, side : int
        Number of frames, their width and height in pixels.

    Yields
    ------
    Movie
    """
    for scene in SCENES:
        yield _scene(scene, "", {}, frames, side)
    for name, errors in CORRUPTIONS.items():
        yield _scene("crowded", f", {name}", errors, frames, side)


def _scene(scene: str, suffix: str, errors: dict[str, float], frames: int, side: int) -> Movie:
    truth, tracks = _truth(scene, frames, side)
    masks = Masks(corrupt(truth, SEED, **errors))
    return Movie(f"simulated: {scene}{suffix}", masks, truth, tracks)


@cache
def _truth(scene: str, frames: int, side: int) -> tuple[NDArray[np.uint16], tuple[Track, ...]]:
    cells = replace(preset("Fluo-N2DH-SIM+"), optics=_NoOptics(), **SCENES[scene])
    simulation = Simulation(cells, frames, SEED, (side, side))
    return np.stack([frame.labels for frame in simulation.frames()]), tuple(simulation.tracks)


@dataclass(frozen=True)
class _NoOptics:
    """Takes the time out of pictures that nobody looks at."""

    def painter(self, shape: tuple[int, int], rng: np.random.Generator) -> _NoOptics:
        return self

    def paint(self, seen: Any, labels: NDArray[np.uint16]) -> NDArray[np.uint16]:
        return labels
