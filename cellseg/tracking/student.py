"""Student's t with 3 degrees of freedom: how measurements scatter when a few of them are far off."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

MEDIAN = 0.765
"""Median of the absolute value, at scale 1."""
MEDIAN_IN_PLANE = 1.327
"""Median length of a vector of the plane, at scale 1 on each axis."""


def log_likelihood(value: Numbers, scale: Numbers | float) -> Numbers:
    """Logarithm of the density at a number, but for a constant: -2 ln(1 + x^2 / (3 s^2)) - ln s."""
    return np.asarray(-2.0 * np.log1p((value / scale) ** 2 / 3) - np.log(scale))


def log_likelihood_in_plane(distance: Numbers, scale: Numbers | float) -> Numbers:
    """Logarithm of the bivariate density per unit of area: -5/2 ln(1 + d^2 / (3 s^2)) - ln(2 pi s^2)."""
    return np.asarray(-2.5 * np.log1p((distance / scale) ** 2 / 3) - np.log(2 * np.pi * scale**2))
