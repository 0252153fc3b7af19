"""`cellseg export`: a result as tables, as files of other programs, or as a movie."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cellseg.cli.options import Axes, Crop, ResultFolder, Scene, Z, parse_selection

if TYPE_CHECKING:
    from collections.abc import Callable


class Target(StrEnum):
    """What a result can be exported to."""

    CSV = "csv"
    GEFF = "geff"
    TRACKMATE = "trackmate"
    OME_ZARR = "ome-zarr"
    MP4 = "mp4"
    GIF = "gif"
    PNG = "png"


_SUFFIXES = {
    Target.CSV: "_tables",
    Target.GEFF: ".geff",
    Target.TRACKMATE: ".trackmate.xml",
    Target.OME_ZARR: ".ome.zarr",
    Target.MP4: ".mp4",
    Target.GIF: ".gif",
    Target.PNG: "_overlay",
}


def export(
    result: ResultFolder,
    to: Annotated[Target, typer.Option(help="Format.")],
    output: Annotated[
        Path | None,
        typer.Option(help="File or folder to write.  [default: beside the result, such as 01_RES.geff]"),
    ] = None,
    frames: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="MOVIE",
            help="The movie, for intensities and units; once a channel.  [default: that of run.json]",
        ),
    ] = None,
    channel: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME|N",
            help="Channel of the movie, by name or number; may be repeated.  [default: that of the run]",
        ),
    ] = None,
    z: Z = None,
    scene: Scene = None,
    crop: Crop = None,
    axes: Axes = None,
    pixel_size: Annotated[
        float | None,
        typer.Option(
            min=1e-6, max=1e6, metavar="UM", help="Size of a pixel in micrometres.  [default: the movie's]"
        ),
    ] = None,
    frame_interval: Annotated[
        float | None,
        typer.Option(min=1e-9, metavar="SECONDS", help="Time between frames.  [default: the movie's]"),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what is there.")] = False,
) -> None:
    """Measure a result, or hand it to other programs.

    csv: a folder with objects.csv (a row per cell and frame) and tracks.csv (a row per track); geff: a graph
    that napari and others read; trackmate: an XML file that TrackMate in Fiji opens; ome-zarr: the masks;
    mp4, gif and png: outlines over the movie, in the colour of the lineage.

    Example: cellseg export out/01_RES --to csv --pixel-size 0.19 --frame-interval 600

    Example: cellseg export out/01_RES --to trackmate --frames movie.tif

    Example: cellseg export out/well_A1_RES --to csv --channel DAPI --channel GFP

    --z, --scene, --crop and --axes are those of the run that made the result, unless you give others.
    """
    from functools import partial

    from tqdm import tqdm

    from cellseg.export import fresh, open_experiment

    path = output or result.resolve().with_name(result.resolve().name + _SUFFIXES[to])
    progress = partial(tqdm, desc=f"writing {to}", unit="frame", leave=False, disable=None)
    with (
        open_experiment(
            result,
            frames or [],
            pixel_size,
            frame_interval,
            say=partial(typer.echo, err=True),
            selection=parse_selection(z=z, scene=scene, crop=crop, axes=axes),
            channels=channel or [],
        ) as experiment,
        fresh(path, overwrite) as partial_path,
    ):
        _writer(to)(experiment, partial_path, progress)
    typer.echo(f"{path}: written")


def _writer(to: Target) -> Callable[..., None]:
    from cellseg import export

    return {
        Target.CSV: export.write_csv,
        Target.GEFF: export.write_geff,
        Target.TRACKMATE: export.write_trackmate,
        Target.OME_ZARR: export.write_ome_zarr,
        Target.MP4: export.write_mp4,
        Target.GIF: export.write_gif,
        Target.PNG: export.write_png,
    }[to]
