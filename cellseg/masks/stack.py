"""Masks of all frames in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellseg.masks.labels import as_labels
from cellseg.video import Header, Video


class MaskStack(Video):
    """The frames of a movie, taken for label images.

    Parameters
    ----------
    video : Video
        Closed with this.
    """

    def __init__(self, video: Video) -> None:
        self._video = video
        as_labels(video.frame(0), video.path, "its first frame")
        super().__init__(
            video.path,
            name=video.name,
            frame_numbers=video.frame_numbers,
            digits=video.digits,
            header=Header((video.shape[1], video.shape[2]), np.dtype(np.int64)),
        )

    def fingerprint(self) -> list[dict[str, str | int]]:
        """Identify the file."""
        return self._video.fingerprint()

    def close(self) -> None:
        """Close the file."""
        self._video.close()

    def _read(self, t: int) -> NDArray[Any]:
        return as_labels(self._video.frame(t), *self._place(t))

    def _place(self, t: int) -> tuple[Path, str]:
        return self.path, f"frame {self.frame_numbers[t]}"

    def _files(self) -> list[Path]:
        return []
