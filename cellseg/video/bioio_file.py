"""What bioio reads: many formats of microscopes, each through a plugin of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from cellseg.errors import CellsegError
from cellseg.video.array import ArrayScene
from cellseg.video.axes import understand_axes
from cellseg.video.extras import require
from cellseg.video.recording import Recording, Scene
from cellseg.video.units import positive


class Bioio(Recording):
    """Images of one file; its scenes are scenes."""

    def __init__(self, path: Path) -> None:
        bioio = require("bioio", "formats", path)
        try:
            self._image: Any = bioio.BioImage(path)
            scenes = list(self._image.scenes)
        except Exception as error:
            said = (str(error).strip().splitlines() or [repr(error)])[0]
            raise CellsegError(
                f"is in no format that can be read ({said})",
                path=path,
                remedy="Install its plugin of bioio (pip install bioio-dv ...), or save it as OME-TIFF.",
            ) from error
        self._read_scenes: dict[int, ArrayScene] = {}
        super().__init__(path, path.stem, scenes if len(scenes) > 1 else ("0",))

    def scene(self, index: int) -> Scene:
        """Describe a scene."""
        return self._array(index).describe()

    def read(self, scene: int, number: int, channel: int | None, plane: int) -> NDArray[Any]:
        """Read a plane."""
        return self._array(scene).read(number, channel, plane, *self.place(scene, number))

    def close(self) -> None:
        """Let go of the file."""
        self._image = None
        self._read_scenes = {}

    def _array(self, index: int) -> ArrayScene:
        if index not in self._read_scenes:
            self._image.set_scene(index)
            lazy = self._image.dask_data
            size = self._image.physical_pixel_sizes
            y, x = (positive(value, 1.0) for value in (size.Y, size.X))
            interval = self._image.time_interval
            self._read_scenes[index] = ArrayScene(
                lazy,
                understand_axes(self._image.dims.order, lazy.shape, self.path),
                [str(name) for name in self._image.channel_names or ()],
                None if y is None or x is None else (y, x),
                None if interval is None else positive(interval.total_seconds(), 1.0),
            )
        return self._read_scenes[index]
