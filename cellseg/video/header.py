"""What is the same for all frames of a movie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Header:
    """Size (Y, X), type, pixel size (y, x) and interval of all frames, the last two if known."""

    shape: tuple[int, int]
    dtype: np.dtype[Any]
    pixel_size_um: tuple[float, float] | None = None
    frame_interval_s: float | None = None


def intensity_type(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Type of intensities in the byte order of this computer; bool becomes uint8."""
    return np.dtype(np.uint8) if dtype.kind == "b" else dtype.newbyteorder("=")
