"""Zeiss's CZI, read with the library of its maker (LGPL), which knows all its compressions."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellseg.errors import CellsegError
from cellseg.video.colour import COLOURS, grey
from cellseg.video.extras import require
from cellseg.video.header import Header
from cellseg.video.recording import Recording, Scene
from cellseg.video.units import positive

_DAMAGED = "Copy the file again from where it was recorded, or open and save it with ZEN."
_TYPES = {
    "Gray8": np.uint8,
    "Gray16": np.uint16,
    "Gray32Float": np.float32,
    "Bgr24": np.uint8,
    "Bgr48": np.uint16,
}


class Czi(Recording):
    """Images of one file, which stays open until `close`; tiles of one scene are put side by side."""

    def __init__(self, path: Path) -> None:
        czi = require("pylibCZIrw.czi", "formats", path)
        self._stack = ExitStack()
        try:
            self._file = self._stack.enter_context(czi.open_czi(str(path)))
            self._box = self._file.total_bounding_box_no_pyramid
            self._scenes = dict(self._file.scenes_bounding_rectangle_no_pyramid)
            self._metadata = self._file.metadata["ImageDocument"]["Metadata"] or {}
        except Exception as error:
            self._stack.close()
            raise CellsegError(f"is not a readable CZI file ({error})", path=path, remedy=_DAMAGED) from error
        strange = {
            axis: stop - start
            for axis, (start, stop) in self._box.items()
            if axis not in "TCZYXBS" and stop - start > 1
        }
        if strange:
            self._stack.close()
            raise CellsegError(
                f"has axes of unknown meaning ({strange})", path=path, remedy="Save one of each with ZEN."
            )
        super().__init__(path, path.stem, self._scene_names())

    def scene(self, index: int) -> Scene:
        """Describe a scene."""
        kind = self._file.pixel_types[min(self._file.pixel_types)]
        if kind not in _TYPES:
            raise CellsegError(f"has pixels of the unsupported type {kind}", path=self.path)
        area = self._area(index)
        header = Header((area.h, area.w), np.dtype(_TYPES[kind]), self._pixel_size(), self._interval())
        frames, planes = self._size("T"), self._size("Z")
        if self._in_colour:
            return Scene(header, range(frames), COLOURS, planes, colour=True)
        return Scene(header, range(frames), self._channels(), planes)

    def read(self, scene: int, number: int, channel: int | None, plane: int) -> NDArray[Any]:
        """Read a plane."""
        path, what = self.place(scene, number)
        where = {"T": number, "C": 0 if self._in_colour else channel or 0, "Z": plane}
        where = {axis: self._box[axis][0] + value for axis, value in where.items() if axis in self._box}
        area = self._area(scene)
        chosen = {"scene": list(self._scenes)[scene]} if self._scenes else {}
        try:
            image = self._file.read(plane=where, roi=(area.x, area.y, area.w, area.h), **chosen)
        except Exception as error:
            raise CellsegError(f"{what} cannot be read ({error})", path=path, remedy=_DAMAGED) from error
        if self._in_colour:
            return grey(image[..., ::-1], channel, path, what)  # stored as blue, green, red
        return np.asarray(image[..., 0])

    def close(self) -> None:
        """Close the file."""
        self._stack.close()

    def _size(self, axis: str) -> int:
        start, stop = self._box.get(axis, (0, 1))
        return int(stop - start)

    def _area(self, scene: int) -> Any:
        return (
            list(self._scenes.values())[scene]
            if self._scenes
            else self._file.total_bounding_rectangle_no_pyramid
        )

    @property
    def _in_colour(self) -> bool:
        return bool(
            self._size("C") == 1 and self._file.pixel_types[min(self._file.pixel_types)].startswith("Bgr")
        )

    def _image(self) -> dict[str, Any]:
        """Give what the file says of its image."""
        image: dict[str, Any] = (self._metadata.get("Information") or {}).get("Image") or {}
        return image

    def _dimension(self, name: str) -> dict[str, Any]:
        dimension: dict[str, Any] = (self._image().get("Dimensions") or {}).get(name) or {}
        return dimension

    def _channels(self) -> tuple[str, ...]:
        found = _listed(self._dimension("Channels").get("Channel"))
        names = tuple(channel.get("@Name") or "" for channel in found)
        return names if len(names) == self._size("C") else ("",) * self._size("C")

    def _scene_names(self) -> list[str]:
        """Names that somebody gave the scenes, else their numbers."""
        named = {
            int(scene.get("@Index", -1)): scene.get("@Name") or ""
            for scene in _listed((self._dimension("S").get("Scenes") or {}).get("Scene"))
        }
        names = [named.get(index) or str(index) for index in self._scenes or [0]]
        return names if self._scenes else ["0"]

    def _pixel_size(self) -> tuple[float, float] | None:
        items = (self._metadata.get("Scaling") or {}).get("Items") or {}
        metres = {found.get("@Id"): found.get("Value") for found in _listed(items.get("Distance"))}
        y, x = (positive(metres.get(axis), 1e6) for axis in "YX")
        return None if y is None or x is None else (y, x)

    def _interval(self) -> float | None:
        positions = self._dimension("T").get("Positions") or {}
        return positive((positions.get("Interval") or {}).get("Increment"), 1.0)


def _listed(found: Any) -> list[dict[str, Any]]:
    """One element is not in a list."""
    if not found:
        return []
    return found if isinstance(found, list) else [found]
