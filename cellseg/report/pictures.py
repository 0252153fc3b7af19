"""Frames as small pictures: grey JPEG, one contrast for the whole movie, sizes that fit a budget."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np
from imagecodecs import jpeg8_encode
from numpy.typing import NDArray

from cellseg.video import Video

_LARGEST_SIDE = 1024
_QUALITIES = (85, 70, 55)
_DARK, _BRIGHT = 0.001, 0.998
_SMALLEST_SIDE = 128


@dataclass(frozen=True)
class Camera:
    """How frames are turned into pictures.

    Attributes
    ----------
    low, high : float
        Intensities shown in black and in white.
    factor : int
        Pixels of the movie along a side of a pixel of the picture.
    quality : int
        Of the JPEG.
    """

    low: float
    high: float
    factor: int
    quality: int

    @classmethod
    def for_video(cls, video: Video, budget: int) -> Camera:
        """Choose contrast, scale and quality from the first, the middle and the last frame.

        Parameters
        ----------
        video : Video
        budget : int
            Bytes that a picture may take.

        Returns
        -------
        Camera
        """
        some = [video.frame(t) for t in sorted({0, len(video) // 2, len(video) - 1})]
        ranges = np.array([np.quantile(image, (_DARK, _BRIGHT)) for image in some])
        low, high = float(ranges[:, 0].min()), float(ranges[:, 1].max())
        side = max(video.shape[1:])
        factor = max(1, -(-side // _LARGEST_SIDE))
        while True:
            for quality in _QUALITIES:
                camera = cls(low, max(high, low + 1e-9), factor, quality)
                if max(len(camera.encode(image)) for image in some) <= budget:
                    return camera
            if side <= _SMALLEST_SIDE * factor:
                return camera
            factor += 1

    def encode(self, image: NDArray[Any]) -> bytes:
        """Turn one frame into a JPEG.

        Parameters
        ----------
        image : ndarray, (Y, X)

        Returns
        -------
        bytes
            Of a picture of (ceil(Y / factor), ceil(X / factor)) pixels.
        """
        grey = np.clip((image.astype(np.float32) - self.low) / (self.high - self.low), 0, 1) * 255
        if self.factor > 1:
            y, x = (-size % self.factor for size in grey.shape)
            grey = np.pad(grey, ((0, y), (0, x)), mode="edge")
            rows, columns = (size // self.factor for size in grey.shape)
            grey = grey.reshape(rows, self.factor, columns, self.factor).mean(axis=(1, 3))
        return bytes(jpeg8_encode(np.rint(grey).astype(np.uint8), level=self.quality))

    def data_uri(self, image: NDArray[Any]) -> str:
        """Turn one frame into a `data:` address; parameters as in `encode`."""
        return "data:image/jpeg;base64," + base64.b64encode(self.encode(image)).decode("ascii")
