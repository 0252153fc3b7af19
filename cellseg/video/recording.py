"""`Recording`: what is stored in a file or folder, before a movie is chosen from it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from cellseg.video.header import Header


@dataclass(frozen=True)
class Scene:
    """One position of a recording: planes by frame number, channel and focal plane.

    Attributes
    ----------
    header : Header
    numbers : sequence of int
        Ascending frame numbers.
    channels : tuple of str
        Their names, empty where unknown; at least one.
    planes : int
        Focal planes of every frame.
    colour : bool
        Whether the channels are the colours of an image, which is grey where they are equal.
    digits : int or None
        Digits of the numbers in the names of files; None where there are none.
    """

    header: Header
    numbers: Sequence[int]
    channels: tuple[str, ...] = ("",)
    planes: int = 1
    colour: bool = False
    digits: int | None = None


class Recording(ABC):
    """An open file or folder; only what is asked for is read.

    Attributes
    ----------
    path : Path
    name : str
        What results are called after.
    scenes : tuple of str
        Names of its scenes (positions, series), no two alike; at least one.
    """

    def __init__(self, path: Path, name: str, scenes: Sequence[str] = ("0",)) -> None:
        self.path = path
        self.name = name
        self.scenes = (
            tuple(scenes) if len(set(scenes)) == len(scenes) else tuple(map(str, range(len(scenes))))
        )

    @abstractmethod
    def scene(self, index: int) -> Scene:
        """Describe a scene, without reading pixels.

        Raises
        ------
        CellsegError
            Its axes cannot be understood, or its pixels are no intensities.
        """

    @abstractmethod
    def read(self, scene: int, number: int, channel: int | None, plane: int) -> NDArray[Any]:
        """Read one plane.

        Parameters
        ----------
        scene : int
            Index of a scene.
        number : int
            Frame number.
        channel : int or None
            None, of a scene in colour only, for the grey image that all colours agree on.
        plane : int
            Focal plane.

        Returns
        -------
        ndarray, (Y, X)

        Raises
        ------
        CellsegError
            The plane is missing or damaged, or no grey image.
        """

    def place(self, scene: int, number: int) -> tuple[Path, str]:
        """Give the file of one frame, and what to call the frame in a sentence about that file."""
        return self.path, f"frame {number}"

    def files(self, numbers: Sequence[int]) -> list[Path]:
        """List the files that tell these frames of the recording from others."""
        return [self.path]

    def close(self) -> None:  # noqa: B027  (many have nothing open)
        """Close all files."""
