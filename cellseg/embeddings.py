"""What the network and the clusterer saw, kept in a result's folder `embeddings`: `infer --save-embeddings`.

`frameTTT.npz` holds a frame at network scale, `pairTTT.npz` the seeds and modes of frames T and T + 1. The
numbers are those of the frames. Nothing here needs torch, so that a report is made without it.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cellseg.errors import CellsegError
from cellseg.whole_file import write_whole

_FRAME, _PAIR = "frame", "pair"
_ENDS = ".npz"
_WHOLE = 255


@dataclass(frozen=True)
class SavedFrame:
    """One frame at network scale.

    Attributes
    ----------
    background : numpy.ndarray, (Y', X') uint8
        Squared e0 component of every pixel, 255 for 1: how sure the network is that it is of no cell.
    foreground : numpy.ndarray, (Y', X') bool
        Pixels of cells.
    vectors : numpy.ndarray, (n, D) float16
        Unit embeddings of the foreground, in the order of ``foreground.nonzero()``.
    """

    background: NDArray[np.uint8]
    foreground: NDArray[np.bool_]
    vectors: NDArray[np.float16]

    @classmethod
    def of(cls, vectors: NDArray[np.float32], threshold: float) -> SavedFrame:
        """Take what is kept of the embeddings of a frame.

        Parameters
        ----------
        vectors : numpy.ndarray, (D, Y', X') float32
            Unit embeddings.
        threshold : float
            Pixels of cells are those whose squared e0 component is below it.

        Returns
        -------
        SavedFrame
        """
        squared = np.square(vectors[0])
        foreground = squared < threshold
        background = np.rint(np.clip(squared, 0, 1) * _WHOLE).astype(np.uint8)
        return cls(background, foreground, vectors[:, foreground].T.astype(np.float16))


@dataclass(frozen=True)
class SavedPair:
    """Seeds and modes of two consecutive frames.

    Attributes
    ----------
    seeds : numpy.ndarray, (s, 3) int32
        Frame (0 or 1), y and x of every seed of the policy, in network pixels.
    seed_vectors : numpy.ndarray, (s, D) float16
        Their embeddings, from which they climbed.
    modes : numpy.ndarray, (K, D) float16
    counts : numpy.ndarray, (K,) int64
        Pixels within the bandwidth of each mode.
    """

    seeds: NDArray[np.int32]
    seed_vectors: NDArray[np.float16]
    modes: NDArray[np.float16]
    counts: NDArray[np.int64]


Saved = TypeVar("Saved", SavedFrame, SavedPair)


class SavedEmbeddings:
    """The folder `embeddings` of a result.

    Parameters
    ----------
    folder : Path
        Made when something is written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write_frame(self, number: int, digits: int, frame: SavedFrame) -> None:
        """Write a frame; one that is there is replaced.

        Parameters
        ----------
        number, digits : int
            Of the frame, as in the name of its mask.
        frame : SavedFrame
        """
        self._write(f"{_FRAME}{number:0{digits}d}", frame)

    def write_pair(self, number: int, digits: int, pair: SavedPair) -> None:
        """Write the seeds and modes of the frame of this number and the next one; see `write_frame`."""
        self._write(f"{_PAIR}{number:0{digits}d}", pair)

    def frames(self) -> list[int]:
        """List the numbers of the frames that are there, ascending; none where there is no folder."""
        return sorted(self._files[_FRAME])

    def frame(self, number: int) -> SavedFrame | None:
        """Read a frame; None if it is not there.

        Raises
        ------
        CellsegError
            The file is damaged.
        """
        return self._read(_FRAME, number, SavedFrame)

    def pair(self, number: int) -> SavedPair | None:
        """Read the seeds and modes of the frame of this number and the next one; as `frame`."""
        return self._read(_PAIR, number, SavedPair)

    def _write(self, name: str, saved: SavedFrame | SavedPair) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        archive = io.BytesIO()
        np.savez_compressed(archive, **vars(saved))
        write_whole(self.folder / (name + _ENDS), archive.getvalue())

    @cached_property
    def _files(self) -> dict[str, dict[int, Path]]:
        found: dict[str, dict[int, Path]] = {_FRAME: {}, _PAIR: {}}
        for path in self.folder.glob(f"*{_ENDS}"):
            for kind, files in found.items():
                if (number := path.stem.removeprefix(kind)).isdecimal():
                    files[int(number)] = path
        return found

    def _read(self, kind: str, number: int, make: Callable[..., Saved]) -> Saved | None:
        path = self._files[kind].get(number)
        if path is None:
            return None
        try:
            with np.load(path) as saved:
                return make(**{field.name: saved[field.name] for field in fields(make)})  # type: ignore[arg-type]
        except Exception as error:  # a damaged archive fails in many ways
            raise CellsegError(
                f"cannot be read ({error})", path=path, remedy="Remove the folder, or run infer again."
            ) from error
