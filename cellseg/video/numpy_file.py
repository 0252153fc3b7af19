"""A movie in a NumPy file (.npy), of which only what is looked at is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellseg.errors import CellsegError
from cellseg.video.array import ArrayScene, guess_axes
from cellseg.video.recording import Recording, Scene


class NumpyFile(Recording):
    """An array in a file, mapped into memory."""

    def __init__(self, path: Path, axes: str | None = None) -> None:
        try:
            array = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise CellsegError(
                f"is not a readable NumPy file ({error})",
                path=path,
                remedy="Write it with numpy.save, as numbers, not as objects.",
            ) from error
        self._array: ArrayScene | None = ArrayScene(array, guess_axes(axes, array.shape, path))
        super().__init__(path, path.stem)

    def scene(self, index: int) -> Scene:
        """Describe the array."""
        return self._open.describe()

    def read(self, scene: int, number: int, channel: int | None, plane: int) -> NDArray[Any]:
        """Read a plane."""
        return self._open.read(number, channel, plane, *self.place(scene, number))

    def close(self) -> None:
        """Let go of the file, so that Windows lets it be removed."""
        self._array = None

    @property
    def _open(self) -> ArrayScene:
        assert self._array is not None
        return self._array
