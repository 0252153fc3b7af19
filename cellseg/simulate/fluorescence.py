"""Fluorescent nuclei: glowing bodies, blurred by the lens, counted photon by photon; uint8 or uint16."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from cellseg.simulate.drawing import add_spot
from cellseg.simulate.optics import Looks
from cellseg.simulate.scene import CellView
from cellseg.simulate.texture import TextureField


@dataclass(frozen=True)
class Fluorescence:
    """Parameters of the microscope.

    Attributes
    ----------
    dtype : {"uint8", "uint16"}
        Type of the frames.
    offset : float
        Grey of no light.
    background : float
        Photons per pixel where no cell is.
    brightness, brightness_spread, brightest : float
        Median photons per pixel of a nucleus, standard deviation of their logarithm between families
        (relatives glow alike), and upper limit, for a nucleus's median and for every pixel.
    grain, grain_contrast : float
        Distance of bright grains of chromatin in pixels, and standard deviation of the logarithm
        of their intensity.
    holes : int
        Largest number of nucleoli, which stay dark.
    blur : float
        Standard deviation of the point spread function in pixels.
    gain, read_noise : float
        Grey per photon, and standard deviation of the camera noise in grey.
    """

    dtype: Literal["uint8", "uint16"]
    offset: float
    background: float
    brightness: float
    brightness_spread: float
    brightest: float
    grain: float
    grain_contrast: float
    holes: int
    blur: float
    gain: float
    read_noise: float

    def painter(self, shape: tuple[int, int], rng: np.random.Generator) -> _FluorescencePainter:
        """Set up for a movie; see `Optics`."""
        return _FluorescencePainter(self, rng)


class _Look:
    """What makes one nucleus look different from the others."""

    def __init__(self, brightness: float, holes: int, rng: np.random.Generator) -> None:
        self.brightness = brightness
        self.contrast = rng.uniform(0.6, 1.4)
        self.offset = rng.uniform(0, 512, 2)
        count = int(rng.integers(holes + 1))
        reach, angle = 0.6 * np.sqrt(rng.uniform(0, 1, count)), rng.uniform(0, 2 * np.pi, count)
        self.holes = np.column_stack([reach * np.sin(angle), reach * np.cos(angle)])
        self.hole_size = rng.uniform(0.06, 0.17, count)

    def advance(self, rng: np.random.Generator) -> None:
        """Let one frame pass: the chromatin drifts, the nucleoli wander, the dye fluctuates."""
        self.offset = self.offset + 0.25 * rng.standard_normal(2)
        self.holes = self.holes + 0.015 * rng.standard_normal(self.holes.shape)
        self.brightness *= float(np.exp(0.01 * rng.standard_normal()))


class _FluorescencePainter:
    def __init__(self, optics: Fluorescence, rng: np.random.Generator) -> None:
        self._optics = optics
        self._rng = rng
        self._grains = TextureField(optics.grain, rng)
        self._families = int(rng.integers(2**62))
        self._looks = Looks(self._create_look, rng)

    def paint(self, views: list[CellView], labels: NDArray[np.uint16]) -> NDArray[np.integer[Any]]:
        """Draw one frame; see `Painter`."""
        light = np.full(labels.shape, self._optics.background, dtype=np.float32)
        for view, look in zip(views, self._looks.of(views), strict=True):
            light[view.box] += view.mask * self._glow(view, look)
        return self._expose(light)

    def _create_look(self, view: CellView) -> _Look:
        """Draw a look; its brightness depends on the family alone."""
        optics = self._optics
        deviation = np.random.default_rng((self._families, view.cell.family)).standard_normal()
        brightness = optics.brightness * np.exp(optics.brightness_spread * deviation)
        return _Look(min(float(brightness), optics.brightest), optics.holes, self._rng)

    def _glow(self, view: CellView, look: _Look) -> NDArray[np.float32]:
        """Photons of one nucleus within its box."""
        grains = self._grains.at(*view.local, look.offset)
        glow: NDArray[np.float32] = np.exp(np.float32(self._optics.grain_contrast * look.contrast) * grains)
        shade = np.ones_like(glow)
        spread = 1 - view.cell.roundness
        for place, size in zip(look.holes, look.hole_size, strict=True):
            add_spot(shade, view, place * view.radius, size * view.radius, -0.9 * spread)
        condensed = np.float32(look.brightness * (1 + 0.7 * view.cell.roundness))
        light: NDArray[np.float32] = condensed * glow * np.maximum(shade, np.float32(0.2))
        light *= np.minimum(6 * (1 - view.depth), 1)
        return light.clip(max=np.float32(self._optics.brightest))

    def _expose(self, light: NDArray[np.float32]) -> NDArray[np.integer[Any]]:
        """Blur, photon noise, camera."""
        optics = self._optics
        photons = self._rng.poisson(np.maximum(ndimage.gaussian_filter(light, optics.blur), 0))
        read = optics.read_noise * self._rng.standard_normal(light.shape, dtype=np.float32)
        grey = optics.offset + optics.gain * photons + read
        image: NDArray[np.integer[Any]] = np.clip(np.rint(grey), 0, np.iinfo(optics.dtype).max).astype(
            optics.dtype
        )
        return image
