"""Segmentation without a network: smooth, threshold (triangle method, Zack et al. 1977), split by watershed.

Of Otsu's, Li's and the triangle method the last was by far the best on all fluorescence datasets: their
backgrounds are large and their cells of very different brightness.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter
from skimage.feature import peak_local_max
from skimage.filters import threshold_triangle
from skimage.segmentation import watershed

SMOOTHING = 1 / 20
"""Standard deviation of the smoothing, in cell diameters."""
APART = 1 / 3
"""Least distance of two cells' middles, in cell diameters."""


def classical(frame: NDArray[Any], diameter: float, *, fluorescent: bool) -> NDArray[np.int32]:
    """Segment a frame.

    Parameters
    ----------
    frame : numpy.ndarray, (Y, X)
    diameter : float
        Of a typical cell, in pixels.
    fluorescent : bool
        Whether cells are bright; else they are where the intensity varies (its local standard deviation).

    Returns
    -------
    numpy.ndarray, (Y, X) int32
        Instances, 0 is background.
    """
    sigma = SMOOTHING * diameter
    image = gaussian_filter(frame.astype(np.float32), sigma if fluorescent else 1.0)
    if not fluorescent:
        mean = gaussian_filter(image, sigma)
        image = np.sqrt(np.maximum(gaussian_filter(image**2, sigma) - mean**2, 0))
    foreground = image > threshold_triangle(image)
    depth = gaussian_filter(distance_transform_edt(foreground), sigma)
    peaks = peak_local_max(depth, min_distance=max(1, round(APART * diameter)), labels=foreground.astype(int))
    markers = np.zeros(frame.shape, np.int32)
    markers[tuple(peaks.T)] = np.arange(1, len(peaks) + 1)
    labels: NDArray[np.int32] = watershed(-depth, markers, mask=foreground).astype(np.int32)
    return labels
