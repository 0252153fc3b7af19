"""`cellseg link`: tracks for masks that any program made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from cellseg.cli.options import Set
from cellseg.cli.progress import show_progress
from cellseg.quantity import counted


def link(
    masks: Annotated[
        Path,
        typer.Argument(
            metavar="MASKS",
            help="Folder of label images (TIFF, PNG, _seg.npy of Cellpose), pattern of their names such as "
            "'DIR/img_{t}_seg.npy', or one file of all frames.",
        ),
    ],
    frames: Annotated[
        Path | None,
        typer.Option(metavar="MOVIE", help="The movie; number and size of its frames must match."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Folder for the result.  [default: beside the masks]")
    ] = None,
    dataset: Annotated[
        str | None, typer.Option(help="Challenge dataset, such as DIC-C2DH-HeLa: its linker's settings.")
    ] = None,
    set_: Set = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a result that is there.")] = False,
) -> None:
    """Link cells whose masks there are, of any program; write maskTTT.tif, res_track.txt and run.json.

    The result is a folder NAME_RES, named like MASKS.

    In a mask 0 is background, and every cell of a frame has a number of its own; the numbers need not agree
    from frame to frame. Pieces of a cell are joined, merged cells parted and missed ones drawn where the
    frames before and after say so; --set linker.max_repair=0 --set linker.fill_gaps=false leaves all
    outlines as they are.

    Example: cellseg link masks/ --frames movie.tif --output out

    Example: cellseg link 'scan/img_{t}_seg.npy' --set linker.max_gap=3
    """
    from cellseg.config import Settings, load_dataset_config, override
    from cellseg.link import link as link_masks
    from cellseg.masks import open_masks
    from cellseg.video import open_video

    if wrong := [text for text in set_ or [] if not text.startswith("linker.")]:
        raise typer.BadParameter(f"{wrong[0]!r} is no setting of the linker", param_hint="--set")
    settings = Settings() if dataset is None else load_dataset_config(dataset).settings()
    settings = override(settings, set_ or [])
    with open_masks(masks) as video, nullcontext() if frames is None else open_video(frames) as movie:
        typer.echo(f"{masks}: {counted(len(video), 'frame')}", err=True)
        result = (output or video.path.resolve().parent) / f"{video.name}_RES"
        tracks = link_masks(
            video,
            settings,
            result,
            frames=movie,
            overwrite=overwrite,
            progress=_show,
            say=partial(typer.echo, err=True),
        )
    typer.echo(f"{result}: {counted(len(tracks), 'track')}")


def _show(indices: range, doing: str) -> Iterator[int]:
    with show_progress(len(indices), "frame", doing) as bar:
        for index in indices:
            yield index
            bar.update(1)
