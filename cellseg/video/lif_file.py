"""Leica's LIF."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellseg.errors import CellsegError
from cellseg.video.array import ArrayScene
from cellseg.video.axes import understand_axes
from cellseg.video.extras import require
from cellseg.video.recording import Recording, Scene
from cellseg.video.units import positive

_DAMAGED = "Copy the file again from where it was recorded, or save the image alone with LAS X."
_WAVELENGTHS = "λΛ"
"""Axes of emission and of excitation: every wavelength is a channel."""


class Lif(Recording):
    """Images of one file, which stays open until `close`; each is a scene."""

    def __init__(self, path: Path) -> None:
        liffile = require("liffile", "formats", path)
        try:
            self._file = liffile.LifFile(path)
            self._images = list(self._file.images)
        except Exception as error:
            raise CellsegError(f"is not a readable LIF file ({error})", path=path, remedy=_DAMAGED) from error
        if not self._images:
            self._file.close()
            raise CellsegError("holds no images", path=path, remedy=_DAMAGED)
        names = [image.name for image in self._images]
        if len(set(names)) < len(names):
            names = [image.path for image in self._images]
        self._read_scenes: dict[int, ArrayScene] = {}
        super().__init__(path, path.stem, names if len(names) > 1 else ("0",))

    def scene(self, index: int) -> Scene:
        """Describe an image."""
        return self._array(index).describe()

    def read(self, scene: int, number: int, channel: int | None, plane: int) -> NDArray[Any]:
        """Read a plane."""
        return self._array(scene).read(number, channel, plane, *self.place(scene, number))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _array(self, index: int) -> ArrayScene:
        if index not in self._read_scenes:
            self._read_scenes[index] = self._describe(index)
        return self._read_scenes[index]

    def _describe(self, index: int) -> ArrayScene:
        image = self._images[index]
        dims = list(image.dims)
        channels: list[str] = []
        spectral = [dim for dim in dims if dim in _WAVELENGTHS and image.sizes[dim] > 1]
        if len(spectral) == 1 and "C" not in dims:
            channels = [f"{value * 1e9:.0f} nm" for value in image.coords[spectral[0]]]
            dims[dims.index(spectral[0])] = "C"
        elif "C" in image.coords:
            channels = [str(value) for value in image.coords["C"]]
        axes = understand_axes("".join(dim[0] for dim in dims), image.shape, self.path)
        y, x = (_step(image, axis, 1e6) for axis in "YX")
        return ArrayScene(
            _Frames(image),
            axes,
            channels,
            None if y is None or x is None else (y, x),
            _step(image, "T", 1.0),
        )


class _Frames:
    """An image as an array of which planes are read."""

    def __init__(self, image: Any) -> None:
        self._image = image
        self.shape, self.dtype = image.shape, image.dtype

    def __getitem__(self, index: tuple[int | slice, ...]) -> NDArray[Any]:
        wanted = {
            dim: place
            for dim, place in zip(self._image.dims, index, strict=True)
            if not isinstance(place, slice)
        }
        return np.asarray(self._image.frame(**wanted))


def _step(image: Any, axis: str, unit: float) -> float | None:
    """Mean step along an axis, in the unit, if the file says where its elements are."""
    places = image.coords.get(axis)
    if places is None or len(places) < 2:
        return None
    return positive((places[-1] - places[0]) / (len(places) - 1), unit)
