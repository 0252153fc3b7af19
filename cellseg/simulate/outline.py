"""The outline of a cell: a star-shaped closed curve that breathes.

The radius in direction theta is R(theta) = (1 - 2 s)^(-1/2) in units of the size of the cell, with the series
s(theta) = sum_k a_k cos(k theta) + b_k sin(k theta). For small s this is 1 + s; with order 2 alone it is an
ellipse, where 1 + s would be a peanut. Every coefficient follows an Ornstein-Uhlenbeck process of its own, so
the outline wanders smoothly around a circle: low orders stretch and bend the cell, high orders ruffle it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DIRECTIONS = 512
"""Number of directions in which a radius is tabulated."""

_ORDERS = np.arange(2, 25)
"""Orders of the series; order 0 is the size and order 1 the position of the cell."""

_LARGEST_RADIUS = 2.0
"""No outline reaches further from the centre than this, in units of the size of the cell."""

_angles = np.arange(DIRECTIONS) * (2 * np.pi / DIRECTIONS)
_HARMONICS = np.stack([np.cos(np.outer(_angles, _ORDERS)), np.sin(np.outer(_angles, _ORDERS))], axis=-1)


class Outline:
    """One outline and its motion.

    Parameters
    ----------
    deformation : float
        Standard deviation of the order-2 coefficients; higher orders fall off as k^-2.2.
    ruffles : float
        Additional standard deviation of every coefficient from order 10 upwards.
    memory : float
        Time constant of the Ornstein-Uhlenbeck process in frames; order k forgets k/2 times as fast.
    rng : numpy.random.Generator
        Source of the first shape.
    """

    def __init__(self, deformation: float, ruffles: float, memory: float, rng: np.random.Generator) -> None:
        self._spread = deformation * (_ORDERS / 2.0) ** -2.2 + ruffles * (_ORDERS >= 10)
        self._kept = np.exp(-_ORDERS / (2.0 * memory))
        self._coefficients = self._spread[:, None] * rng.standard_normal((len(_ORDERS), 2))

    def advance(self, rng: np.random.Generator) -> None:
        """Let one frame pass.

        Parameters
        ----------
        rng : numpy.random.Generator
            Source of the change.
        """
        fresh = self._spread * np.sqrt(1 - self._kept**2)
        noise = rng.standard_normal(self._coefficients.shape)
        self._coefficients = self._kept[:, None] * self._coefficients + fresh[:, None] * noise

    def radii(self, roundness: float) -> NDArray[np.float32]:
        """Radius in `DIRECTIONS` equally spaced directions, in units of the size of the cell.

        Parameters
        ----------
        roundness : float
            0 = the outline as it is, 1 = (nearly) a circle.

        Returns
        -------
        numpy.ndarray, (DIRECTIONS,) float32
            Radii, counted from the direction of the cell's own x axis towards its y axis.
        """
        flattening = 1 - 0.85 * roundness
        series = np.tensordot(_HARMONICS, self._coefficients * flattening, axes=2)
        radii: NDArray[np.float32] = np.maximum(1 - 2 * series, _LARGEST_RADIUS**-2) ** -0.5
        return radii.astype(np.float32)


def direction_index(angles: NDArray[np.floating]) -> NDArray[np.intp]:
    """Index of an angle in a table of `DIRECTIONS` radii.

    Parameters
    ----------
    angles : numpy.ndarray of float
        Radians, any turn.

    Returns
    -------
    numpy.ndarray of intp
        Indices of the same shape.
    """
    index: NDArray[np.intp] = np.rint(angles * (DIRECTIONS / (2 * np.pi))).astype(np.intp) % DIRECTIONS
    return index
