"""A movie as a folder of frames: `t000.tif`, `t001.tif`, ..., or names of any pattern."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from cellseg.errors import CellsegError
from cellseg.video.recording import Recording, Scene
from cellseg.video.tiff import EXPECTED, open_tiff, read_header, read_page, reading

_FRAME_NAME = re.compile(r"t(?P<t>[0-9]+)\.tiff?", re.IGNORECASE)
_WILDCARD = re.compile(r"\{([tcz])\}")
_NAMELESS = re.compile(r"[_\- .]*\{[tcz]\}")
"""What of a pattern says nothing of the movie."""
_MEANINGS = {"t": "(?P<t>[0-9]+)", "c": "(?P<c>.+)", "z": "(?P<z>[0-9]+)"}


class FrameFolder(Recording):
    """Planes in TIFF files of their own; no file stays open between frames.

    Parameters
    ----------
    path : Path
        The folder, whose files are t000.tif, t001.tif, ...; or a pattern of names in it: `{t}` stands for
        the number of the frame, `{c}` for the channel, `{z}` for the number of the focal plane.
    """

    def __init__(self, path: Path) -> None:
        plain = not is_pattern(path)
        self._folder = path if plain else path.parent
        self._digits: int | None = None
        if plain:
            files = list_frame_files(path)
            self._digits = _digits(files)
            self._files = {(number, "", 0): file for number, file in files.items()}
        else:
            self._files = list_matching_files(path)
        self._channels = tuple(sorted({channel for _, channel, _ in self._files}))
        self._planes = sorted({plane for _, _, plane in self._files})
        super().__init__(
            path,
            self._folder.resolve().name if plain else pattern_name(path),
        )

    def scene(self, index: int) -> Scene:
        """Describe the frames, all like the first."""
        numbers = sorted({number for number, _, _ in self._files})
        first = next(self._files[key] for key in sorted(self._files) if key[0] == numbers[0])
        with open_tiff(first) as tif, reading(first):
            header = read_header(tif, first)
        return Scene(header, numbers, self._channels, len(self._planes), digits=self._digits)

    def read(self, scene: int, number: int, channel: int | None, plane: int) -> NDArray[Any]:
        """Read one file."""
        path = self._path(number, channel or 0, plane)
        what = "the frame"
        with open_tiff(path) as tif, reading(path, what):
            if len(tif.pages) > 1:
                raise CellsegError(
                    f"holds {len(tif.pages)} pages, but in a folder every file is one 2-D frame",
                    path=path,
                    remedy="Project its planes into one, or give the file itself if its pages are frames.",
                )
            return read_page(tif.pages.first, path, what)

    def place(self, scene: int, number: int) -> tuple[Path, str]:
        """Name the file of a frame, be it there or not."""
        if self._digits is not None:
            return self._files.get(
                (number, "", 0), self.path / f"t{number:0{self._digits}d}.tif"
            ), "the frame"
        return self.path, f"frame {number}"

    def files(self, numbers: Sequence[int]) -> list[Path]:
        """List the files of these frames."""
        return [self._files[key] for key in sorted(self._files) if key[0] in set(numbers)]

    def _path(self, number: int, channel: int, plane: int) -> Path:
        key = (number, self._channels[channel], self._planes[plane])
        if key not in self._files:
            raise CellsegError(
                f"has no file for frame {number}, channel {key[1] or channel}, plane {key[2]}",
                path=self.path,
                remedy="Put the file back, or choose frames without it (--frames A:B).",
            )
        return self._files[key]


def is_pattern(path: Path) -> bool:
    """Whether a path is a pattern of names: has `{t}` in its last part."""
    return "{t}" in path.name


def pattern_name(pattern: Path) -> str:
    """Name the movie that a pattern stands for, by what is left of it without its wildcards."""
    return _NAMELESS.sub("", pattern.stem).strip("_- .") or "movie"


def list_matching_files(pattern: Path) -> dict[tuple[int, str, int], Path]:
    """Find the files that a pattern fits.

    Parameters
    ----------
    pattern : Path
        As of `FrameFolder`.

    Returns
    -------
    dict
        File of every frame number, channel and plane; at least one.

    Raises
    ------
    CellsegError
        There is no such folder or file, or two files for one frame.
    """
    expression = re.compile(_expression(pattern.name))
    files: dict[tuple[int, str, int], Path] = {}
    if not pattern.parent.is_dir():
        raise CellsegError("there is no such folder", path=pattern.parent)
    entries = sorted(pattern.parent.iterdir())
    for entry in entries:
        match = expression.fullmatch(entry.name)
        if match is None:
            continue
        found = match.groupdict()
        key = (int(found["t"]), found.get("c", ""), int(found.get("z", 0)))
        if key in files:
            raise CellsegError(
                f"fits two files for one frame: {files[key].name} and {entry.name}",
                path=pattern,
                remedy="Remove one of them, or write more of the names out.",
            )
        files[key] = entry
    if not files:
        raise CellsegError(
            "no file has such a name" + (f"; there is for example {entries[0].name}" if entries else ""),
            path=pattern,
            remedy="{t} stands for the number of a frame, {c} for a channel, {z} for the number of a plane.",
        )
    return files


def _expression(name: str) -> str:
    """Turn a pattern into a regular expression, in which a wildcard that comes again means the same text."""
    seen: set[str] = set()
    expression = ""
    for place, piece in enumerate(_WILDCARD.split(name)):
        if place % 2 == 0:
            expression += re.escape(piece)
        else:
            expression += f"(?P={piece})" if piece in seen else _MEANINGS[piece]
            seen.add(piece)
    return expression


def list_frame_files(path: Path) -> dict[int, Path]:
    """Find the frames of a folder.

    Parameters
    ----------
    path : Path
        The folder.

    Returns
    -------
    dict
        File of every frame number; at least one.

    Raises
    ------
    CellsegError
        The folder cannot be listed, has no frames, or has two files with one number.
    """
    try:
        entries = sorted(path.iterdir())
    except OSError as error:
        raise CellsegError(f"cannot be listed ({error.strerror or error})", path=path) from error
    files: dict[int, Path] = {}
    for entry in entries:
        match = _FRAME_NAME.fullmatch(entry.name)
        if match is None:
            continue
        number = int(match["t"])
        if number in files:
            raise CellsegError(
                f"holds two files for frame {number}: {files[number].name} and {entry.name}",
                path=path,
                remedy="Remove one of them.",
            )
        files[number] = entry
    if not files:
        raise _no_frames(path, entries)
    return files


def _digits(files: dict[int, Path]) -> int:
    """How many digits the numbers are padded to; names of different padding are not one movie."""
    digits = min(len(path.stem) - 1 for path in files.values())
    for number, path in files.items():
        if path.stem[1:] != f"{number:0{digits}d}":
            raise CellsegError(
                f"mixes numbers of {digits} and of {len(path.stem) - 1} digits, as in {path.name}",
                path=path.parent,
                remedy="Keep one of the movies in this folder, or rename the files to one number of digits.",
            )
    return digits


def _no_frames(path: Path, entries: list[Path]) -> CellsegError:
    """Say what was expected and what is there instead."""
    if not entries:
        return CellsegError("the folder is empty", path=path, remedy=EXPECTED)
    movies = ", ".join(entry.name for entry in entries if entry.is_dir() and _holds_frames(entry))
    return CellsegError(
        f"has no frames named t000.tif, t001.tif, ...; it holds for example {entries[0].name}",
        path=path,
        remedy=f"Give one of the movies inside: {movies}." if movies else EXPECTED,
    )


def _holds_frames(folder: Path) -> bool:
    return any(_FRAME_NAME.fullmatch(entry.name) for entry in folder.iterdir())
