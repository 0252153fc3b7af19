"""Options that several verbs share."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from cellseg.errors import CellsegError
from cellseg.training_configuration import TrainingConfiguration

if TYPE_CHECKING:
    from cellseg.video import Selection

Value = TypeVar("Value")


class PrecisionName(StrEnum):
    """What convolutions can be computed in (`cellseg.device.PRECISIONS`)."""

    AUTO = "auto"
    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"
    FLOAT16 = "float16"


def _result_folder(path: Path) -> Path:
    """Take a result that is named as its movie is, without the ending of results."""
    if path.exists():
        return path
    result = path.with_name(f"{path.name}_RES")
    return result if result.is_dir() else path


def _device(name: str) -> str:
    """Refuse what can be no device, before torch is loaded to look for it."""
    if re.fullmatch(r"auto|(cpu|cuda|mps)(:\d+)?", name) is None:
        raise typer.BadParameter(f"{name!r} is not auto, cpu, cuda, cuda:1 or mps")
    return name


Frames = Annotated[
    str | None, typer.Option("--frames", metavar="A:B", help="Only frames A to B - 1, by their numbers.")
]
Channel = Annotated[
    str | None, typer.Option(metavar="NAME|N", help="Channel of the movie, by name or number from 0.")
]
Z = Annotated[
    str | None,
    typer.Option("--z", metavar="N|A:B|max", help="Focal plane, or planes of which the brightest counts."),
]
Scene = Annotated[
    str | None,
    typer.Option(metavar="NAME|N", help="Position or series, by name or number.  [default: each of them]"),
]
Crop = Annotated[
    str | None, typer.Option(metavar="Y0:Y1,X0:X1", help="Only these rows and columns of the image.")
]
Axes = Annotated[
    str | None,
    typer.Option(metavar="TCYX", help="What the axes of the file are, where it does not say; or TC2YX."),
]
ResultFolder = Annotated[
    Path,
    typer.Argument(
        metavar="RESULT",
        callback=_result_folder,
        help="Folder with maskTTT.tif and res_track.txt, such as 01_RES; _RES may be left out.",
    ),
]
"""A result that a command reads."""

Device = Annotated[str, typer.Option(callback=_device, help="auto, cpu, cuda, cuda:1, mps.")]
Precision = Annotated[PrecisionName, typer.Option(help="Of the network; float16 on a GPU alone.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change one setting, such as linker.max_gap=3."),
]

Configuration = Annotated[
    TrainingConfiguration | None,
    typer.Option(help="Training configuration of the challenge: the result is NAME_RES-CONFIGURATION."),
]


def parse_frames(frames: str | None) -> tuple[int | None, int | None] | None:
    """Read `A:B`; either side may be left out.

    Parameters
    ----------
    frames : str or None

    Returns
    -------
    pair of int or None
        Half-open block of frame numbers; None for all.

    Raises
    ------
    typer.BadParameter
        The text is no block.
    """
    from cellseg.video.selection_text import read_block

    return _parse(frames, read_block, "--frames", "A:B with whole numbers A < B")


def find_sequences(folder: Path, names: list[str] | None) -> list[Path]:
    """Find the sequences of a dataset.

    Parameters
    ----------
    folder : Path
        Of the dataset.
    names : list of str or None
        None for all there are: folders whose names are numbers.

    Returns
    -------
    list of Path
        Folders; those that are named need not exist.

    Raises
    ------
    CellsegError
        The dataset has no folder, or it holds no sequence.
    """
    if not folder.is_dir():
        raise CellsegError(
            "there is no such dataset folder",
            path=folder,
            remedy="Name the folder that holds the dataset's folder with --data.",
        )
    if names:
        return [folder / name for name in names]
    found = sorted(path for path in folder.iterdir() if path.is_dir() and path.name.isdecimal())
    if not found:
        raise CellsegError(
            "there is no sequence", path=folder, remedy="It should hold folders named 01, 02, ..."
        )
    return found


def parse_selection(
    frames: str | None = None,
    channel: str | None = None,
    z: str | None = None,
    scene: str | None = None,
    crop: str | None = None,
    axes: str | None = None,
) -> Selection:
    """Read the options that choose a movie from a recording.

    Parameters
    ----------
    frames, channel, z, scene, crop, axes : str or None
        As given; None where an option is not.

    Returns
    -------
    Selection
        For `cellseg.video.open_videos`.

    Raises
    ------
    typer.BadParameter
        A text cannot be understood.
    """
    from cellseg.video import Selection
    from cellseg.video.selection_text import read_crop, read_planes

    planes = _parse(z, read_planes, "--z", "a number, A:B with A < B, or max")
    part = _parse(crop, read_crop, "--crop", "Y0:Y1,X0:X1 with whole numbers, Y0 < Y1 and X0 < X1")
    return Selection(parse_frames(frames), channel, planes, scene, part, axes)


def _parse(text: str | None, read: Callable[[str], Value], option: str, form: str) -> Value | None:
    try:
        return None if text is None else read(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not {form}", param_hint=option) from None
