"""The presets: cells and optics that look like four datasets of the Cell Tracking Challenge."""

from __future__ import annotations

from dataclasses import dataclass

from cellseg.errors import CellsegError
from cellseg.simulate.dic import Dic
from cellseg.simulate.fluorescence import Fluorescence
from cellseg.simulate.optics import Optics
from cellseg.simulate.phase import Phase


@dataclass(frozen=True)
class Preset:
    """Physical parameters of a simulated movie; lengths in pixels, times in frames.

    Attributes
    ----------
    name : str
        Name of the dataset it resembles.
    shape : tuple of int
        (Y, X) of the image.
    density : float
        Share of the image that grown, undeformed cells would cover if none overlapped.
    diameter, diameter_spread : float
        Median diameter of a grown cell, and standard deviation of its logarithm.
    deformation, ruffles, shape_memory : float
        See `Outline`; ruffles differ from cell to cell, this is their mean.
    speed, persistence : float
        Standard deviation of the velocity per axis, and the time in which it is forgotten.
    cycle_frames : float
        Mean time from birth to rounding up where there is room to divide.
    rounding, rounding_frames, spreading_frames : float
        Radius of a rounded cell relative to the spread one; time it stays round; time its daughters take
        to spread.
    optics : Optics
        How the cells are seen.
    """

    name: str
    shape: tuple[int, int]
    density: float
    diameter: float
    diameter_spread: float
    deformation: float
    ruffles: float
    shape_memory: float
    speed: float
    persistence: float
    cycle_frames: float
    rounding: float
    rounding_frames: float
    spreading_frames: float
    optics: Optics


PRESETS: dict[str, Preset] = {
    each.name: each
    for each in (
        Preset(
            name="DIC-C2DH-HeLa",
            shape=(512, 512),
            density=0.54,
            diameter=118.0,
            diameter_spread=0.10,
            deformation=0.17,
            ruffles=0.0015,
            shape_memory=25.0,
            speed=1.6,
            persistence=5.0,
            cycle_frames=70.0,
            rounding=0.72,
            rounding_frames=9.0,
            spreading_frames=20.0,
            optics=Dic(),
        ),
        Preset(
            name="Fluo-N2DH-GOWT1",
            shape=(1024, 1024),
            density=0.075,
            diameter=62.0,
            diameter_spread=0.12,
            deformation=0.07,
            ruffles=0.0005,
            shape_memory=30.0,
            speed=1.8,
            persistence=4.0,
            cycle_frames=140.0,
            rounding=0.8,
            rounding_frames=5.0,
            spreading_frames=10.0,
            optics=Fluorescence(
                dtype="uint8",
                offset=0.0,
                background=0.4,
                brightness=6.5,
                brightness_spread=0.9,
                brightest=30.0,
                grain=9.0,
                grain_contrast=0.12,
                holes=4,
                blur=0.8,
                gain=3.6,
                read_noise=0.8,
            ),
        ),
        Preset(
            name="Fluo-N2DH-SIM+",
            shape=(690, 628),
            density=0.1,
            diameter=46.0,
            diameter_spread=0.12,
            deformation=0.08,
            ruffles=0.001,
            shape_memory=20.0,
            speed=1.6,
            persistence=4.0,
            cycle_frames=70.0,
            rounding=0.75,
            rounding_frames=6.0,
            spreading_frames=10.0,
            optics=Fluorescence(
                dtype="uint16",
                offset=92.0,
                background=1.5,
                brightness=3.0,
                brightness_spread=0.5,
                brightest=150.0,
                grain=36.0,
                grain_contrast=2.0,
                holes=2,
                blur=3.0,
                gain=1.0,
                read_noise=3.3,
            ),
        ),
        Preset(
            name="PhC-C2DH-U373",
            shape=(520, 696),
            density=0.08,
            diameter=72.0,
            diameter_spread=0.2,
            deformation=0.18,
            ruffles=0.004,
            shape_memory=14.0,
            speed=1.6,
            persistence=8.0,
            cycle_frames=200.0,
            rounding=0.6,
            rounding_frames=8.0,
            spreading_frames=15.0,
            optics=Phase(),
        ),
    )
}
"""All presets by name."""


def preset(name: str) -> Preset:
    """Find a preset.

    Parameters
    ----------
    name : str
        A key of `PRESETS`.

    Returns
    -------
    Preset
        Its parameters; change some with `dataclasses.replace`.

    Raises
    ------
    CellsegError
        If there is no such preset.
    """
    if name not in PRESETS:
        raise CellsegError(f"there is no preset {name!r}", remedy=f"Choose one of {', '.join(PRESETS)}.")
    return PRESETS[name]
