"""Phase contrast: thin parts of a cell look dark, thick parts bright, and light leaks into a halo; uint8.

What is drawn is the phase shift of the specimen in radians: a thin ruffled lamella and a thick cell body. The
phase plate shows minus its sine. It also catches a part of the diffracted light, which is seen as the halo.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from cellseg.simulate.drawing import add_spot, smooth_noise
from cellseg.simulate.optics import Looks
from cellseg.simulate.scene import CellView
from cellseg.simulate.texture import TextureField

_SATURATION = np.float32(2.0)
"""Phase shift in radians beyond which no more light goes into the halo."""


@dataclass(frozen=True)
class Phase:
    """Parameters of the microscope; grey values are those of an 8-bit camera.

    Attributes
    ----------
    background : float
        Mean grey.
    unevenness : float
        Standard deviation of the slow background.
    contrast : float
        Grey per unit of the sine of the phase shift.
    halo, halo_width : float
        Grey of the halo per radian of diffracted phase, and its reach in pixels.
    blur : float
        Standard deviation of the point spread function in pixels.
    noise : float
        Standard deviation of the camera noise.
    """

    background: float = 82.0
    unevenness: float = 2.0
    contrast: float = 56.0
    halo: float = 40.0
    halo_width: float = 6.0
    blur: float = 0.9
    noise: float = 1.6

    def painter(self, shape: tuple[int, int], rng: np.random.Generator) -> _PhasePainter:
        """Set up for a movie; see `Optics`."""
        return _PhasePainter(self, shape, rng)


class _Look:
    """What makes one cell look different from the others."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.lamella = rng.uniform(0.0, 0.35)
        self.ruffle = rng.uniform(0.5, 1.4)
        self.front = rng.uniform(0, 2 * np.pi)
        self.soma = rng.uniform(-0.3, 0.3, 2)
        self.soma_size = rng.uniform(0.4, 0.62)
        self.soma_stretch = np.exp(0.35 * rng.standard_normal())
        self.thickness = rng.uniform(1.0, 4.0)
        self.grain = rng.uniform(0.2, 0.6)
        self.offset = rng.uniform(0, 512, 2)
        granules = int(rng.integers(3, 14))
        self.granules = self.soma + 0.25 * rng.standard_normal((granules, 2))
        self.granule_height = rng.uniform(-1.5, 1.5, granules)

    def advance(self, rng: np.random.Generator) -> None:
        """Let one frame pass: the front turns, the plasm streams."""
        self.front += 0.08 * float(rng.standard_normal())
        self.offset = self.offset + 0.7 * rng.standard_normal(2)
        self.granules = self.granules + 0.02 * rng.standard_normal(self.granules.shape)
        self.thickness = float(np.clip(self.thickness + 0.08 * rng.standard_normal(), 0.8, 4.2))


class _PhasePainter:
    def __init__(self, optics: Phase, shape: tuple[int, int], rng: np.random.Generator) -> None:
        self._optics = optics
        self._rng = rng
        self._grains = TextureField(5.0, rng)
        self._edges = TextureField(9.0, rng)
        self._background = np.float32(optics.background) + optics.unevenness * smooth_noise(shape, 50.0, rng)
        self._looks = Looks(lambda view: _Look(rng), rng)

    def paint(self, views: list[CellView], labels: NDArray[np.uint16]) -> NDArray[np.uint8]:
        """Draw one frame; see `Painter`."""
        shift = np.zeros(labels.shape, dtype=np.float32)
        for view, look in zip(views, self._looks.of(views), strict=True):
            shift[view.box] += view.mask * self._shift(view, look)
        return self._expose(shift)

    def _shift(self, view: CellView, look: _Look) -> NDArray[np.float32]:
        """Phase shift of one cell within its box, in radians."""
        y, x = view.local
        radius, roundness = np.float32(view.radius), np.float32(view.cell.roundness)
        flatness = 1 - roundness
        facing = (np.float32(np.sin(look.front)) * y + np.float32(np.cos(look.front)) * x) / radius
        from_edge = (1 - view.depth) * radius
        ragged = np.maximum(1 + np.float32(0.6) * self._edges.at(y, x, look.offset), 0)
        ridge = np.exp(-np.float32(0.5) * ((from_edge - 2) / np.float32(1.4)) ** 2) * ragged
        shift = flatness * np.float32(look.lamella) * np.minimum(from_edge / 4, 1)
        shift += flatness * np.float32(look.ruffle) * np.clip(np.float32(0.6) + facing, 0, 1) * ridge
        stretch = np.float32(look.soma_stretch)
        sy, sx = (
            (y / radius - np.float32(look.soma[0])) * stretch,
            (x / radius - np.float32(look.soma[1])) / stretch,
        )
        dome = np.sqrt(np.maximum(1 - (sy**2 + sx**2) / np.float32(look.soma_size**2), 0))
        shift += flatness * np.float32(look.thickness) * dome * np.minimum(from_edge / 4, 1)
        shift += np.float32(look.grain) * (np.float32(0.15) + dome) * self._grains.at(y, x, look.offset)
        for place, height in zip(look.granules, look.granule_height, strict=True):
            add_spot(shift, view, place * view.radius, 1.2, height)
        shift += roundness * np.float32(4.4) * np.sqrt(np.maximum(1 - view.depth, 0))
        return shift

    def _expose(self, shift: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Phase plate, halo, lens and camera."""
        optics = self._optics
        seen = -optics.contrast * np.sin(shift)
        halo = ndimage.gaussian_filter(np.minimum(shift, _SATURATION), optics.halo_width, truncate=3.0)
        grey = self._background + ndimage.gaussian_filter(seen, optics.blur) + optics.halo * halo
        grey += np.float32(optics.noise) * self._rng.standard_normal(shift.shape, dtype=np.float32)
        image: NDArray[np.uint8] = np.clip(np.rint(grey), 0, 255).astype(np.uint8)
        return image
