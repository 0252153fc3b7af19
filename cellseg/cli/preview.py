"""`cellseg preview`: three frames of a movie with outlines, before all of it is run."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from cellseg.cli.options import (
    Axes,
    Channel,
    Crop,
    Device,
    Frames,
    Scene,
    Set,
    Z,
    parse_selection,
)
from cellseg.quantity import counted
from cellseg.resources import GENERALIST


def preview(
    movie: Annotated[
        Path, typer.Argument(help="File, folder of frames t000.tif, t001.tif, ..., pattern, or URL.")
    ],
    model: Annotated[str, typer.Option(help="Name or folder of a model (cellseg models list).")] = GENERALIST,
    output: Annotated[Path, typer.Option(help="Folder for the pictures.")] = Path("preview"),
    frames: Frames = None,
    channel: Channel = None,
    z: Z = None,
    scene: Scene = None,
    crop: Crop = None,
    axes: Axes = None,
    diameter: Annotated[
        float | None,
        typer.Option(min=1, max=1e6, metavar="PX", help="Typical diameter of a cell, in pixels."),
    ] = None,
    pixel_size: Annotated[
        float | None, typer.Option(min=1e-6, max=1e6, metavar="UM", help="Size of a pixel, in micrometres.")
    ] = None,
    device: Device = "auto",
    set_: Set = None,
) -> None:
    """Segment the first, middle and last frame of a movie and write pictures with the outlines.

    The blue circle in the corner has the diameter that cells are taken to have.

    Example: cellseg preview movie.nd2 --channel DAPI --diameter 30
    """
    from cellseg.config import Settings, override
    from cellseg.device import choose_device, choose_precision
    from cellseg.preview import preview as preview_movie
    from cellseg.rshn import load_model
    from cellseg.scale import preparation_for
    from cellseg.video import open_videos, scene_names

    if diameter is not None and pixel_size is not None:
        raise typer.BadParameter("give either --diameter or --pixel-size")
    selection = parse_selection(frames, channel, z, scene, crop, axes)
    where = choose_device(device)
    say = partial(typer.echo, err=True)
    names = scene_names(movie, selection)
    loaded = load_model(model, where, choose_precision("auto", where), "torch")
    settings = override(Settings().for_model(loaded.card), set_ or [])
    for name in names:
        one = replace(selection, scene=name)
        for video in open_videos(movie, one):
            preparation = preparation_for(
                video, loaded, settings, diameter=diameter, pixel_size=pixel_size, say=say
            )
            for picture, cells in preview_movie(
                movie, one, video, loaded, settings, preparation, output, say
            ):
                typer.echo(f"{picture}: {counted(cells, 'cell')}")
