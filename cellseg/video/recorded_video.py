"""A movie as it was chosen from a recording."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellseg.errors import CellsegError
from cellseg.video.header import intensity_type
from cellseg.video.recording import Recording
from cellseg.video.selection import (
    Frames,
    Selection,
    choose_channel,
    choose_crop,
    choose_planes,
    select_frames,
)
from cellseg.video.video import Video


class RecordedVideo(Video):
    """One scene, channel, projection, block of frames and part of the image of a recording, which it closes.

    Parameters
    ----------
    recording : Recording
    scene : int
        Index of the scene.
    selection : Selection
        All else.
    """

    def __init__(self, recording: Recording, scene: int, selection: Selection) -> None:
        self._recording, self._scene, self._selection = recording, scene, selection
        stored = recording.scene(scene)
        path = recording.path
        if stored.header.dtype.kind not in "buif":
            raise CellsegError(
                f"has pixels of the unsupported type {stored.header.dtype}",
                path=path,
                remedy="Save it as 8- or 16-bit integers or 32-bit floats.",
            )
        numbers = select_frames(
            stored.numbers, selection.frames, path, lambda number: recording.place(scene, number)[0]
        )
        self._channel = choose_channel(stored, selection.channel, path)
        self._planes = choose_planes(stored, selection.z, path)
        self._crop = choose_crop(stored, selection.crop, path)
        self._stored_shape = stored.header.shape
        shape = tuple(part.stop - part.start for part in self._crop)
        several = len(recording.scenes) > 1
        super().__init__(
            path,
            name=f"{recording.name}_{scene_file_name(recording.scenes[scene])}"
            if several
            else recording.name,
            frame_numbers=numbers,
            digits=stored.digits or (3 if len(stored.numbers) < 1000 else 4),
            header=replace(
                stored.header, shape=(shape[0], shape[1]), dtype=intensity_type(stored.header.dtype)
            ),
        )
        rows, columns = self._crop
        self.selection = Selection(
            channel=None if selection.channel is None else str(self._channel),
            z=selection.z and (self._planes.start, self._planes.stop),
            scene=recording.scenes[scene] if several else None,
            crop=selection.crop and ((rows.start, rows.stop), (columns.start, columns.stop)),
            axes=selection.axes,
        )

    def close(self) -> None:
        """Close the recording."""
        self._recording.close()

    def fingerprint(self) -> list[dict[str, str | int]]:
        """Identify the files the frames come from and what was chosen from them.

        Returns
        -------
        list of dict
            As of every video; where something was chosen, its first entry also has `selection`.
        """
        records = super().fingerprint()
        chosen = self.selection
        written = {
            "scene": chosen.scene,
            "channel": chosen.channel,
            "z": chosen.z and _written(chosen.z),
            "crop": chosen.crop and ",".join(map(_written, chosen.crop)),
            "axes": chosen.axes,
        }
        said = " ".join(f"{name}={value}" for name, value in written.items() if value is not None)
        # What lies behind a URL has no files.
        first, *others = records or [{"path": str(self.path)}]
        return [{**first, "selection": said} if said else first, *others]

    def _read(self, t: int) -> NDArray[Any]:
        number = self.frame_numbers[t]
        image: NDArray[Any] | None = None
        for plane in self._planes:
            read = self._recording.read(self._scene, number, self._channel, plane)
            if read.shape != self._stored_shape:
                raise self._odd(t, read.shape)
            part = read[self._crop]
            image = part if image is None else np.maximum(image, part)
        assert image is not None
        return np.ascontiguousarray(image, dtype=intensity_type(image.dtype))

    def _odd(self, t: int, shape: tuple[int, ...]) -> CellsegError:
        path, what = self._place(t)
        here, there = (" x ".join(map(str, size)) for size in (shape, self._stored_shape))
        return CellsegError(
            f"{what} is {here} pixels (y, x), the first frame is {there}",
            path=path,
            remedy="All frames of a movie must have one size: remove or crop the odd one.",
        )

    def _place(self, t: int) -> tuple[Path, str]:
        return self._recording.place(self._scene, self.frame_numbers[t])

    def _files(self) -> list[Path]:
        return self._recording.files(self.frame_numbers)


def scene_file_name(scene: str) -> str:
    """Spell the name of a scene as a part of a file's name on any system.

    Parameters
    ----------
    scene : str

    Returns
    -------
    str
    """
    return "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in scene) or "scene"


def _written(block: Frames) -> str:
    return f"{block[0]}:{block[1]}"
