"""From a frame as it was recorded to what the network sees: the one preparation for training and inference.

Smooth, map the robust intensity range to [-1, 1], resize to network scale (Payer et al. 2019); on the way,
if the model wants it, compress what lies beyond that range.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

if TYPE_CHECKING:
    from cellseg.config import Preparation

_SMALLEST_RANGE, _LARGEST_RANGE = 1e-30, 1e30
"""Intensity ranges that float32 can divide by; beyond, float64 takes over."""

_BRIGHT, _LEAST_UNIT = 0.998, 0.005
"""Where intensities are compressed, the range mapped to [-1, 1] is at least this share of that from its lower
end to the bright order statistic: a background cut off at black has no noise to measure by."""


def prepare(frame: NDArray[Any], preparation: Preparation) -> NDArray[np.float32]:
    """Turn one frame into the input of the network.

    Parameters
    ----------
    frame : ndarray, (Y, X) integer or float
        Intensities, finite, at original resolution.
    preparation : Preparation
        The preparation of the model that will see the frame.

    Returns
    -------
    ndarray, `network_shape(frame.shape, preparation)` float32
        Intensities at network scale. The robust range is [-1, 1], or [-asinh(1), asinh(1)]; the few pixels
        outside it are not clipped.
    """
    image = frame.astype(np.float32)
    if preparation.smoothing_sigma > 0:
        # The edge pixel is repeated outwards: the frame continues as it ends, and no dark rim appears.
        image = gaussian_filter(image, preparation.smoothing_sigma, mode="nearest")
    image = scale_intensities(image, preparation)
    return _resize(image, network_shape((frame.shape[0], frame.shape[1]), preparation))


def scale_intensities(image: NDArray[np.float32], preparation: Preparation) -> NDArray[np.float32]:
    """Map the robust range of a smoothed frame to [-1, 1]; if the model wants it, compress what lies beyond.

    Parameters
    ----------
    image : ndarray, (Y, X) float32
        May be written to.
    preparation : Preparation
        Gives the range and the compression.

    Returns
    -------
    ndarray, (Y, X) float32
    """
    low, high = _robust_range(image, preparation)
    if not _SMALLEST_RANGE < high - low < _LARGEST_RANGE:
        image = image.astype(np.float64)
    image -= image.dtype.type(low)
    image *= image.dtype.type(2.0 / (high - low))
    image -= image.dtype.type(1.0)
    if preparation.intensity == "asinh":
        np.arcsinh(image, out=image)
    return image.astype(np.float32, copy=False)


def network_shape(shape: tuple[int, int], preparation: Preparation) -> tuple[int, int]:
    """Size of a frame at network scale.

    Parameters
    ----------
    shape : tuple of int
        Size (Y, X) of the frame in original pixels.
    preparation : Preparation
        Gives the scale.

    Returns
    -------
    tuple of int
        (Y', X') in network pixels, at least one each.
    """
    y_factor, x_factor = preparation.input_px_per_network_px
    return max(1, round(shape[0] / y_factor)), max(1, round(shape[1] / x_factor))


def shrink_labels(labels: NDArray[Any], shape: tuple[int, int]) -> NDArray[Any]:
    """Bring a label image to network scale: every network pixel takes the label under its centre.

    Parameters
    ----------
    labels : ndarray, (Y, X)
        Label image at original resolution.
    shape : tuple of int
        Size (Y', X') wanted, `network_shape` of the frame.

    Returns
    -------
    ndarray, (Y', X')
        Labels, of the type given. A centre between two pixels takes the one further from the origin.
    """
    rows, columns = (
        (2 * np.arange(new) + 1) * old // (2 * new) for old, new in zip(labels.shape, shape, strict=True)
    )
    return labels[np.ix_(rows, columns)]


def _robust_range(image: NDArray[np.float32], preparation: Preparation) -> tuple[float, float]:
    """Intensities that become -1 and 1, order statistics at two shares of the pixels; never the same."""
    places = [min(int(image.size * share), image.size - 1) for share in (*preparation.quantiles, _BRIGHT)]
    partitioned = np.partition(image, places, axis=None)
    low, high, bright = (float(partitioned[place]) for place in places)
    if preparation.intensity == "asinh":  # the upper end is the background: it stays where it is
        low = min(low, high - _LEAST_UNIT * (bright - low))
        return low if low < high else high - 1.0, high
    return low, high if high > low else low + 1.0


def _resize(image: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Bilinear interpolation between pixel centres, without antialiasing."""
    # Imported here: whoever only reads movies does not wait for torch.
    from torch import from_numpy
    from torch.nn.functional import interpolate

    resized = interpolate(from_numpy(image)[None, None], shape, mode="bilinear", align_corners=False)
    return resized[0, 0].numpy()
