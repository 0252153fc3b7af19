"""Nikon's ND2."""

from __future__ import annotations

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

_DAMAGED = "Copy the file again from where it was recorded, or open and save it with NIS-Elements."


class Nd2(Recording):
    """Images of one file, which stays open until `close`; its positions are scenes."""

    def __init__(self, path: Path) -> None:
        nd2 = require("nd2", "formats", path)
        try:
            self._file = nd2.ND2File(path)
            self._sizes = dict(self._file.sizes)
            loops = self._file.loop_indices
        except Exception as error:
            raise CellsegError(f"is not a readable ND2 file ({error})", path=path, remedy=_DAMAGED) from error
        strange = {axis: size for axis, size in self._sizes.items() if axis not in "TPCZYXS" and size > 1}
        if strange:
            self._file.close()
            raise CellsegError(f"has axes of unknown meaning ({strange})", path=path)
        self._places = {
            (loop.get("P", 0), loop.get("T", 0), loop.get("Z", 0)): place for place, loop in enumerate(loops)
        }
        super().__init__(path, path.stem, self._positions() or list(map(str, range(self._sizes.get("P", 1)))))

    def scene(self, index: int) -> Scene:
        """Describe a position."""
        voxel = self._file.voxel_size()
        # An uncalibrated microscope writes 1 or 0.
        sizes = [positive(value, 1.0 if value != 1 else None) for value in (voxel.y, voxel.x)]
        y, x = sizes
        header = Header(
            (self._sizes["Y"], self._sizes["X"]),
            np.dtype(self._file.dtype),
            None if y is None or x is None else (y, x),
            self._interval(),
        )
        count = self._sizes.get("C", 1)
        frames, planes = self._sizes.get("T", 1), self._sizes.get("Z", 1)
        if self._in_colour:
            return Scene(header, range(frames), COLOURS, planes, colour=True)
        named = self._file.metadata.channels if self._file.metadata else None
        names = tuple(channel.channel.name for channel in named or ())
        return Scene(header, range(frames), names if len(names) == count else ("",) * count, planes)

    def read(self, scene: int, number: int, channel: int | None, plane: int) -> NDArray[Any]:
        """Read the image that holds a plane."""
        path, what = self.place(scene, number)
        try:
            # A copy: nd2 gives a view of the file, and to touch that after `close` crashes Python.
            image = np.array(self._file.read_frame(self._places[scene, number, plane]))
        except Exception as error:
            raise CellsegError(f"{what} cannot be read ({error})", path=path, remedy=_DAMAGED) from error
        if self._in_colour:
            return grey(image, channel, path, what)
        return np.asarray(image[channel or 0] if image.ndim == 3 else image)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    @property
    def _in_colour(self) -> bool:
        return bool(self._sizes.get("S", 1) > 1 and self._sizes.get("C", 1) == 1)

    def _positions(self) -> list[str]:
        """Names of the positions, if all have one."""
        for loop in self._file.experiment:
            if loop.type == "XYPosLoop":
                names = [point.name or "" for point in loop.parameters.points]
                return names if all(names) and len(names) == self._sizes.get("P", 1) else []
        return []

    def _interval(self) -> float | None:
        """Seconds between frames: as measured, else as planned."""
        for loop in self._file.experiment:
            if loop.type == "TimeLoop":
                measured = positive(loop.parameters.periodDiff.avg, 1e-3)
                return measured or positive(loop.parameters.periodMs, 1e-3)
        return None
