"""Strokes that several microscopes use."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from cellseg.simulate.scene import CellView


def add_spot(
    canvas: NDArray[np.float32],
    view: CellView,
    place: NDArray[np.float64],
    size: float,
    height: float,
    rim: float = 0.0,
) -> None:
    """Add a Gaussian spot to the picture of one cell, in place.

    Parameters
    ----------
    canvas : numpy.ndarray, (y, x) float32
        Picture of the view's box.
    view : CellView
        The cell.
    place : numpy.ndarray, (2,) float64
        (y, x) in pixels along the cell's own axes.
    size : float
        Standard deviation in pixels.
    height : float
        Value added in the centre.
    rim : float, optional
        Strength of the surrounding ring of the other sign.
    """
    sine, cosine = np.sin(view.cell.angle), np.cos(view.cell.angle)
    turned = np.array([cosine * place[0] + sine * place[1], cosine * place[1] - sine * place[0]])
    row, column = view.cell.position + turned - [view.box[0].start, view.box[1].start]
    reach = 3.5 * size + 1
    top, left = max(int(row - reach), 0), max(int(column - reach), 0)
    patch = canvas[top : max(int(row + reach) + 1, 0), left : max(int(column + reach) + 1, 0)]
    rows = ((top + np.arange(patch.shape[0]) - row) / size) ** 2
    columns = ((left + np.arange(patch.shape[1]) - column) / size) ** 2
    distance = np.add.outer(rows, columns)
    patch += (height * (1 - rim * distance) * np.exp(-0.5 * distance)).astype(np.float32)


def smooth_noise(shape: tuple[int, int], sigma: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw Gaussian-filtered noise of unit variance.

    Parameters
    ----------
    shape : tuple of int
        (Y, X).
    sigma : float
        Standard deviation of the filter in pixels.
    rng : numpy.random.Generator
        Source of the noise.

    Returns
    -------
    numpy.ndarray, (Y, X) float32
    """
    noise = ndimage.gaussian_filter(rng.standard_normal(shape, dtype=np.float32), sigma, mode="wrap")
    scaled: NDArray[np.float32] = noise / noise.std()
    return scaled
