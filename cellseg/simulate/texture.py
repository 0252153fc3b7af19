"""Random textures: stationary fields of a chosen grain, looked up along a cell's own axes.

A field is periodic, so that it can be read at any place; cells read it at places of their own, which makes
their textures differ, and their textures move and turn with them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_SIZE = 512
"""Side of a field in pixels; a power of two, so that wrapping around is a bit mask."""


class TextureField:
    """Periodic band-pass noise with zero mean and unit variance.

    Parameters
    ----------
    wavelength : float
        Typical distance between two bright grains, in pixels.
    rng : numpy.random.Generator
        Source of the noise.
    bandwidth : float, optional
        Width of the band in octaves-like units (standard deviation of the log frequency).
    """

    def __init__(self, wavelength: float, rng: np.random.Generator, bandwidth: float = 0.6) -> None:
        frequency = np.hypot(np.fft.fftfreq(_SIZE)[:, None], np.fft.rfftfreq(_SIZE)[None])
        frequency[0, 0] = 1e-9
        gain = np.exp(-0.5 * (np.log(frequency * wavelength) / bandwidth) ** 2)
        noise = np.fft.rfft2(rng.standard_normal((_SIZE, _SIZE)))
        field = np.fft.irfft2(noise * gain, s=(_SIZE, _SIZE))
        self._values = (field / field.std()).astype(np.float32)

    def at(
        self, y: NDArray[np.float32], x: NDArray[np.float32], offset: NDArray[np.float64]
    ) -> NDArray[np.float32]:
        """Read the field.

        Parameters
        ----------
        y, x : numpy.ndarray of float32
            Coordinates in pixels, of equal shape.
        offset : numpy.ndarray, (2,) float64
            Where on the field the origin lies.

        Returns
        -------
        numpy.ndarray of float32
            Values at the nearest grid points.
        """
        rows = np.rint(y + np.float32(offset[0])).astype(np.int32) & (_SIZE - 1)
        columns = np.rint(x + np.float32(offset[1])).astype(np.int32) & (_SIZE - 1)
        values: NDArray[np.float32] = self._values[rows, columns]
        return values
