"""Which files of a folder are the masks, and which number in their names is that of the frame."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from cellseg.errors import CellsegError
from cellseg.video import blocks, is_pattern

SUFFIXES = (".tif", ".tiff", ".png", ".npy")
_NUMBER = re.compile(r"([0-9]+)")


def find_masks(path: Path) -> dict[int, Path]:
    """Find the mask of every frame.

    Parameters
    ----------
    path : Path
        A folder, in which all images are masks; or a pattern of names in it, where `{t}` stands for the
        number of the frame.

    Returns
    -------
    dict of int to Path
        By frame number, ascending, without gaps.

    Raises
    ------
    CellsegError
        There are none, they are of several kinds, two have the same number, or a number is missing.
    """
    if is_pattern(path):
        numbered = _fitting(path)
    else:
        kinds = _kinds(path)
        if len(kinds) != 1:
            raise _not_one_kind(path, kinds)
        (numbered,) = kinds.values()
    files: dict[int, Path] = {}
    for number, file in sorted(numbered):
        if number in files:
            raise CellsegError(
                f"has the same frame number as {files[number].name}", path=file, remedy="Remove one of them."
            )
        files[number] = file
    _check_gaps(path, list(files))
    return files


def digits_of(files: Iterable[Path], largest: int) -> int:
    """How many digits a result's frame numbers have: those of the files, if all have as many; at least 3.

    Parameters
    ----------
    files : iterable of Path
    largest : int
        Frame number.

    Returns
    -------
    int
    """
    runs = [_NUMBER.findall(file.name) for file in files]
    padded = {len(run) for names in zip(*runs, strict=True) if len(set(names)) == len(runs) for run in names}
    return max(3, padded.pop() if len(padded) == 1 else len(str(largest)))


def _fitting(pattern: Path) -> list[tuple[int, Path]]:
    """Files that a pattern fits, with their numbers."""
    before, _, after = pattern.name.partition("{t}")
    expression = re.compile(re.escape(before) + "([0-9]+)" + re.escape(after))
    found = [(expression.fullmatch(file.name), file) for file in _files(pattern.parent)]
    numbered = [(int(match[1]), file) for match, file in found if match]
    if not numbered:
        raise CellsegError(
            "no file has such a name", path=pattern, remedy="{t} stands for the number of a frame."
        )
    return numbered


def _kinds(folder: Path) -> dict[str, list[tuple[int, Path]]]:
    """Sort the images of a folder by what their names are like; by pattern, numbers and files."""
    alike: dict[tuple[str, ...], list[Path]] = defaultdict(list)
    for file in _files(folder):
        pieces = _NUMBER.split(file.name)
        if file.suffix.lower() in SUFFIXES and len(pieces) > 1:
            alike[tuple(pieces[::2])].append(file)
    kinds = {}
    for texts, files in alike.items():
        runs = [_NUMBER.findall(file.name) for file in files]
        varying = [place for place, run in enumerate(zip(*runs, strict=True)) if len(set(run)) > 1]
        if len(varying) > 1:
            raise CellsegError(
                f"several numbers of the names vary, as in {files[0].name} and {files[-1].name}",
                path=folder,
                remedy="Say which counts the frames, with a pattern such as "
                f"'{folder / _pattern(texts, runs[0], varying[-1])}'.",
            )
        place = varying[0] if varying else len(runs[0]) - 1
        kinds[_pattern(texts, runs[0], place)] = [
            (int(run[place]), file) for run, file in zip(runs, files, strict=True)
        ]
    return kinds


def _pattern(texts: tuple[str, ...], numbers: list[str], place: int) -> str:
    numbers = [*numbers[:place], "{t}", *numbers[place + 1 :], ""]
    return "".join(text + number for text, number in zip(texts, numbers, strict=True))


def _files(folder: Path) -> list[Path]:
    try:
        # Hidden files are no masks: a Mac leaves one such as `._img_0.tif` beside each on a foreign disk.
        return sorted(f for f in folder.iterdir() if f.is_file() and not f.name.startswith("."))
    except OSError as error:
        raise CellsegError(f"cannot be listed ({error.strerror or error})", path=folder) from error


def _not_one_kind(folder: Path, kinds: dict[str, list[tuple[int, Path]]]) -> CellsegError:
    if kinds:
        said = ", ".join(f"{pattern} ({len(files)} files)" for pattern, files in kinds.items())
        return CellsegError(
            f"holds images of several kinds: {said}",
            path=folder,
            remedy="Name the masks with a pattern: " + " or ".join(f"'{folder / p}'" for p in kinds) + ".",
        )
    there = [entry.name for entry in sorted(folder.iterdir())]
    return CellsegError(
        "holds no numbered masks" + (f"; it holds for example {there[0]}" if there else ""),
        path=folder,
        remedy="Masks are TIFF or PNG images, _seg.npy of Cellpose, or NumPy arrays, with the number of the "
        "frame in their names; or one multi-page TIFF.",
    )


def _check_gaps(path: Path, numbers: list[int]) -> None:
    found = blocks(numbers)
    if len(found) > 1:
        (_, end), (begin, _) = found[:2]
        missing = f"frame {end}" if begin == end + 1 else f"frames {end} to {begin - 1}"
        raise CellsegError(
            f"there is no mask of {missing}",
            path=path,
            remedy="Put it back; where a frame has no cell, save an empty mask.",
        )
