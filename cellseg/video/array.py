"""Movies in arrays, be they in memory, in a file, or in chunks far away."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellseg.errors import CellsegError
from cellseg.video.axes import Axes, name_axes
from cellseg.video.colour import COLOURS, grey
from cellseg.video.header import Header
from cellseg.video.recording import Scene


class ArrayScene:
    """The planes of an array.

    Parameters
    ----------
    array : array
        Has `shape`, `dtype` and indexing like an ndarray.
    axes : Axes
        Of its dimensions.
    channels : sequence of str
        Names; those of another number than the channels are dropped.
    pixel_size_um, frame_interval_s : optional
        As in `Header`.
    """

    def __init__(
        self,
        array: Any,
        axes: Axes,
        channels: Sequence[str] = (),
        pixel_size_um: tuple[float, float] | None = None,
        frame_interval_s: float | None = None,
    ) -> None:
        self._array, self._axes = array, axes
        self._colour = axes.size("C") == 1 and axes.size("S") > 1
        self._channels = tuple(channels) if len(channels) == axes.size("C") else ("",) * axes.size("C")
        self._header = Header(
            (axes.size("Y"), axes.size("X")), np.dtype(array.dtype), pixel_size_um, frame_interval_s
        )

    def describe(self) -> Scene:
        """Give sizes, type and names."""
        return Scene(
            self._header,
            range(self._axes.size("T")),
            COLOURS[: self._axes.size("S")] if self._colour else self._channels,
            self._axes.size("Z"),
            self._colour,
        )

    def read(self, number: int, channel: int | None, plane: int, path: Path, what: str) -> NDArray[Any]:
        """Read one plane, as `Recording.read` does, naming `what` of `path` in errors."""
        index = self._axes.plane(number, 0 if self._colour else channel or 0, plane)
        try:
            image = np.asarray(self._array[index])
        except Exception as error:
            raise CellsegError(
                f"{what} cannot be read ({error})",
                path=path,
                remedy="Copy the file again from where it was recorded, or choose frames without it.",
            ) from error
        left = [letter for letter in self._axes.letters if letter in "YXS"]
        image = np.transpose(image, [left.index(letter) for letter in "YXS" if letter in left])
        if "S" in left:
            return grey(image, channel if self._colour else None, path, what)
        return image


def guess_axes(axes: str | None, shape: tuple[int, ...], path: Path) -> Axes:
    """Take the axes a user names, or those that every movie without more has.

    Parameters
    ----------
    axes : str or None
    shape : tuple of int
    path : Path
        The file, for the error.

    Returns
    -------
    Axes

    Raises
    ------
    CellsegError
        They do not fit the shape, or there are too many to guess or a last one of colours.
    """
    if axes is not None:
        return name_axes(axes, shape, path)
    if len(shape) == 2 or (len(shape) == 3 and shape[-1] not in (3, 4)):
        return Axes("TYX"[-len(shape) :], shape)
    raise CellsegError(
        f"has the shape {' x '.join(map(str, shape))}, but does not say what its axes are",
        path=path,
        remedy="Say it with --axes, one letter for each, such as TCYX or TZYX (S: colours).",
    )
