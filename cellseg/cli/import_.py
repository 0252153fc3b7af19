"""`cellseg import`: tracks that were corrected in another program become a result again."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cellseg.cli.options import Axes, Channel, Crop, Scene, Z, parse_selection
from cellseg.quantity import counted

if TYPE_CHECKING:
    from cellseg.export import Imported, Points
    from cellseg.video import Selection


class Source(StrEnum):
    """What tracks can be imported from."""

    GEFF = "geff"
    TRACKMATE = "trackmate"


def import_(
    file: Annotated[Path, typer.Argument(help="TrackMate XML file, or GEFF folder.")],
    from_: Annotated[Source, typer.Option("--from", help="Format.")],
    output: Annotated[Path, typer.Option(help="Folder to write, such as corrected/01_RES.")],
    masks: Annotated[
        Path | None,
        typer.Option(metavar="RESULT", help="Result that the tracks belong to: cells keep their outlines."),
    ] = None,
    frames: Annotated[
        Path | None,
        typer.Option(metavar="MOVIE", help="Movie that the tracks belong to, where there are no masks."),
    ] = None,
    channel: Channel = None,
    z: Z = None,
    scene: Scene = None,
    crop: Crop = None,
    axes: Axes = None,
    radius: Annotated[
        float,
        typer.Option(min=0.5, metavar="PX", help="Of discs where a cell has no size of its own."),
    ] = 5.0,
    pixel_size: Annotated[
        float | None,
        typer.Option(
            min=1e-6,
            max=1e6,
            metavar="UM",
            help="Size of a pixel in micrometres.  [default: the movie's]",
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what is there.")] = False,
) -> None:
    """Bring corrected tracks back as maskTTT.tif and res_track.txt, to measure, score or train on them.

    With --masks, a point takes the outline of its object; points that share an object divide it, and objects
    without a point are left out. Elsewhere, and with --frames alone, a disc is drawn around each point.

    Example: cellseg import corrected.xml --from trackmate --masks out/01_RES --output corrected/01_RES

    Example: cellseg import tracks.geff --from geff --frames movie.tif --radius 8 --output tracked/01_RES
    """
    from functools import partial

    from tqdm import tqdm

    from cellseg.ctc import validate
    from cellseg.errors import CellsegError
    from cellseg.export import fresh, import_tracks

    if (masks is None) == (frames is None):
        raise typer.BadParameter("give either --masks or --frames")
    selection = parse_selection(None, channel, z, scene, crop, axes)
    if masks is not None and any(value is not None for value in (channel, z, scene, crop, axes)):
        raise typer.BadParameter("--channel, --z, --scene, --crop and --axes choose from --frames")
    images, digits, size = _images(masks, frames, selection)
    if pixel_size is not None:
        size = pixel_size, pixel_size
    points = _points(file, from_, size)
    bar = partial(tqdm, unit="frame", leave=False, disable=None)
    with fresh(output, overwrite) as folder:
        imported = import_tracks(
            points, images, folder, digits=digits, radius=radius, progress=partial(bar, desc="drawing")
        )
        found = validate(folder, numbers=images, digits=digits, progress=partial(bar, desc="checking"))
        errors = [violation for violation in found if violation.severity == "error"]
        if errors:
            raise CellsegError(f"these tracks give no valid result: {errors[0].message}", path=file)
    typer.echo(f"{output}: {_said(imported, masks is not None)}")


def _images(
    masks: Path | None, frames: Path | None, selection: Selection
) -> tuple[Mapping[int, Any], int, tuple[float, float] | None]:
    """Label image of every frame, digits of the numbers, and size of a pixel if it is known."""
    from cellseg.ctc import Result, digits_of
    from cellseg.export import Blank
    from cellseg.video import open_video

    if masks is not None:
        images = Result(masks).masks
        return images, digits_of(next(iter(images.files.values()))), None
    assert frames is not None
    with open_video(frames, selection=selection) as video:
        return Blank(video.frame_numbers, video.shape[1:]), video.digits, video.pixel_size_um


def _points(file: Path, kind: Source, pixel_size: tuple[float, float] | None) -> Points:
    from cellseg.export import read_geff, read_trackmate

    return read_geff(file, pixel_size) if kind is Source.GEFF else read_trackmate(file)


def _said(imported: Imported, with_masks: bool) -> str:
    parts = [counted(imported.tracks, "track")]
    if with_masks:
        parts.append(f"{imported.matched} cells with their outlines")
    told = {
        "cells drawn as discs": imported.discs,
        "cells that got no pixel, outside the image or under others": imported.lost,
        "objects without a track left out": imported.objects_left_out,
        "links to a second parent or back in time left out": imported.links_left_out,
    }
    return ", ".join([*parts, *(f"{count} {what}" for what, count in told.items() if count)])
