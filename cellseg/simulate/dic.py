"""Differential interference contrast: grey relief of optical thickness, uint8.

What is drawn is the optical thickness of the specimen: cell bodies, their grainy plasm, nucleus and nucleoli,
granules, membranes. The microscope shows its slope along the shear axis and, a little out of focus, its
curvature.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from cellseg.simulate.drawing import add_spot, smooth_noise
from cellseg.simulate.optics import Looks
from cellseg.simulate.outline import direction_index
from cellseg.simulate.scene import CellView
from cellseg.simulate.texture import TextureField


@dataclass(frozen=True)
class Dic:
    """Parameters of the microscope; grey values are those of an 8-bit camera.

    Attributes
    ----------
    background : float
        Mean grey.
    unevenness : float
        Standard deviation of the slow background.
    slope, curvature : float
        Grey per unit of slope and of curvature of the optical thickness.
    lift : float
        Grey per unit of optical thickness itself: thick cells look bright.
    shear : float
        Direction of the shear axis in radians from the x axis.
    noise : float
        Standard deviation of the camera noise.
    """

    background: float = 120.0
    unevenness: float = 1.5
    slope: float = 6.0
    curvature: float = 20.0
    lift: float = 1.5
    shear: float = -0.8
    noise: float = 3.6

    def painter(self, shape: tuple[int, int], rng: np.random.Generator) -> _DicPainter:
        """Set up for a movie; see `Optics`."""
        return _DicPainter(self, shape, rng)


class _Look:
    """What makes one cell look different from the others."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.grain = rng.dirichlet([1.2, 1.2, 0.8])
        self.contrast = min(0.6 * np.exp(0.6 * rng.standard_normal()), 1.3)
        self.phase = rng.uniform(0, 2 * np.pi)
        self.offsets = rng.uniform(0, 512, (2, 2))
        self.height = rng.uniform(0.3, 1.6)
        self.thin_side = rng.uniform(0, 2 * np.pi)
        self.nucleus = 0.15 * rng.standard_normal(2)
        self.nucleus_size = rng.uniform(0.38, 0.50)
        self.nucleus_stretch = np.exp(0.15 * rng.standard_normal())
        nucleoli = int(rng.integers(1, 4))
        self.nucleoli = rng.uniform(-0.22, 0.22, (nucleoli, 2))
        self.nucleolus_size = rng.uniform(0.05, 0.09, nucleoli)
        granules = int(rng.choice([0, 5, 12, 26], p=[0.3, 0.3, 0.25, 0.15]))
        angle = rng.uniform(0, 2 * np.pi) + 0.8 * rng.standard_normal(granules)
        reach = rng.uniform(0.4, 0.8, granules)
        self.granules = np.column_stack([reach * np.sin(angle), reach * np.cos(angle)])
        self.granule_size = rng.uniform(0.9, 1.9, granules)
        self.granule_height = rng.choice([-1.0, -1.0, 1.0], granules) * rng.uniform(3.0, 9.0, granules)
        fibres = int(rng.choice([0, 8, 20, 30]))
        bundles = rng.uniform(0, 2 * np.pi, 3)
        self.fibre_angle = rng.choice(bundles, fibres) + 0.3 * rng.standard_normal(fibres)
        self.fibre_tilt = 0.3 * rng.standard_normal(fibres)
        self.fibre_length = 8.0 + rng.exponential(14.0, fibres)
        self.fibre_height = rng.choice([-0.6, 1.0], fibres) * rng.uniform(0.4, 2.4, fibres)

    def advance(self, rng: np.random.Generator) -> None:
        """Let one frame pass: the plasm streams, the granules jostle."""
        self.phase += 0.35
        self.granules = self.granules + 0.02 * rng.standard_normal(self.granules.shape)
        self.fibre_angle = self.fibre_angle + 0.03 * rng.standard_normal(self.fibre_angle.shape)


class _DicPainter:
    def __init__(self, optics: Dic, shape: tuple[int, int], rng: np.random.Generator) -> None:
        self._optics = optics
        self._rng = rng
        self._grains = [TextureField(wavelength, rng) for wavelength in (6.0, 10.0, 17.0)]
        self._patches = TextureField(50.0, rng)
        self._membrane = -0.7 + 0.9 * smooth_noise(shape, 20.0, rng)
        self._background = np.float32(optics.background) + optics.unevenness * smooth_noise(shape, 64.0, rng)
        self._looks = Looks(lambda view: _Look(rng), rng)

    def paint(self, views: list[CellView], labels: NDArray[np.uint16]) -> NDArray[np.uint8]:
        """Draw one frame; see `Painter`."""
        thickness = np.zeros(labels.shape, dtype=np.float32)
        fibres = np.zeros(labels.shape, dtype=np.float32)
        for view, look in zip(views, self._looks.of(views), strict=True):
            thickness[view.box] += view.mask * self._body(view, look)
            _add_fibres(fibres, view, look)
        thickness += np.where(labels == 0, fibres, 0) + self._membrane * _borders(labels)
        return self._expose(thickness)

    def _body(self, view: CellView, look: _Look) -> NDArray[np.float32]:
        """Optical thickness of one cell within its box."""
        y, x = view.local
        roundness = np.float32(view.cell.roundness)
        flatness = 1 - roundness
        grains = np.zeros(y.shape, dtype=np.float32)
        swing = np.cos(look.phase), np.sin(look.phase)
        for weight, field in zip(look.grain, self._grains, strict=True):
            for share, offset in zip(swing, look.offsets, strict=True):
                grains += np.float32(weight * share) * field.at(y, x, offset)
        inside = np.maximum(1 - view.depth, 0)
        slant = np.float32(0.8 / view.radius) * (
            np.float32(np.sin(look.thin_side)) * y + np.float32(np.cos(look.thin_side)) * x
        )
        body: NDArray[np.float32] = np.float32(look.height) * (1 + slant) * np.minimum(inside * 10, 1)
        body += roundness * (6 * np.sqrt(inside) + 4 * np.minimum(inside * 8, 1))
        ny, nx = y - np.float32(look.nucleus[0] * view.radius), x - np.float32(look.nucleus[1] * view.radius)
        stretch = np.float32(look.nucleus_stretch)
        rim = np.hypot(ny * stretch, nx / stretch) - np.float32(look.nucleus_size * view.radius)
        grains *= 1 - np.float32(0.5) * flatness * (rim < 0)
        grains *= np.maximum(1 + np.float32(0.5) * self._patches.at(y, x, look.offsets[0]), np.float32(0.2))
        body += (np.float32(look.contrast) + roundness) * grains
        body += flatness * np.float32(0.6) * np.maximum(1 - (rim / 2) ** 2, 0)
        spread = 1 - view.cell.roundness
        for place, size in zip(look.nucleoli, look.nucleolus_size, strict=True):
            add_spot(body, view, (look.nucleus + place) * view.radius, size * view.radius, 1.2 * spread)
        for place, size, height in zip(look.granules, look.granule_size, look.granule_height, strict=True):
            add_spot(body, view, place * view.radius, size, height, rim=0.35)
        return body

    def _expose(self, thickness: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Slope and curvature of the optical thickness, seen by the camera."""
        optics = self._optics
        sharp = ndimage.gaussian_filter(thickness, 0.8)
        blurred = ndimage.gaussian_filter(thickness, 3.5, truncate=3.0)
        slope_y, slope_x = np.gradient(sharp)
        relief = np.float32(np.sin(optics.shear)) * slope_y + np.float32(np.cos(optics.shear)) * slope_x
        grey = self._background + optics.curvature * (sharp - blurred) + optics.slope * relief
        grey += optics.lift * blurred
        grey += np.float32(optics.noise) * self._rng.standard_normal(thickness.shape, dtype=np.float32)
        image: NDArray[np.uint8] = np.clip(np.rint(grey), 0, 255).astype(np.uint8)
        return image


def _add_fibres(canvas: NDArray[np.float32], view: CellView, look: _Look) -> None:
    """Add the straight retraction fibres that anchor a cell to the glass around it."""
    for angle, tilt, length, height in zip(
        look.fibre_angle, look.fibre_tilt, look.fibre_length, look.fibre_height, strict=True
    ):
        along = np.arange(0, length, 0.7)
        start = 0.95 * view.outline[direction_index(angle)]
        heading, course = angle + view.cell.angle, angle + tilt + view.cell.angle
        rows = np.rint(view.cell.position[0] + start * np.sin(heading) + along * np.sin(course)).astype(int)
        columns = np.rint(view.cell.position[1] + start * np.cos(heading) + along * np.cos(course)).astype(
            int
        )
        here = (rows >= 0) & (rows < canvas.shape[0]) & (columns >= 0) & (columns < canvas.shape[1])
        canvas[rows[here], columns[here]] = height


def _borders(labels: NDArray[np.uint16]) -> NDArray[np.float32]:
    """1 on both sides of every border of a cell, 0 elsewhere."""
    borders = np.zeros(labels.shape, dtype=np.float32)
    for axis in (0, 1):
        ahead = labels.take(range(1, labels.shape[axis]), axis)
        behind = labels.take(range(labels.shape[axis] - 1), axis)
        differs = ahead != behind
        lower: list[slice] = [slice(None)] * 2
        upper: list[slice] = [slice(None)] * 2
        lower[axis], upper[axis] = slice(0, -1), slice(1, None)
        borders[tuple(lower)][differs] = 1
        borders[tuple(upper)][differs] = 1
    return borders
