"""`cellseg infer`: segment and track a movie, or the sequences of a dataset."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cellseg.cli.options import (
    Axes,
    Channel,
    Configuration,
    Crop,
    Device,
    Frames,
    Precision,
    PrecisionName,
    Scene,
    Set,
    Z,
    find_sequences,
    parse_selection,
)
from cellseg.cli.progress import show_progress
from cellseg.cli.report import make_report
from cellseg.quantity import counted
from cellseg.resources import GENERALIST
from cellseg.training_configuration import configuration_suffix

if TYPE_CHECKING:
    from cellseg.config import Preparation


class Backend(StrEnum):
    """What a network can be computed with (`cellseg.rshn.load_model`)."""

    TORCH = "torch"
    TENSORFLOW = "tensorflow"


def infer(
    movie: Annotated[
        Path | None,
        typer.Argument(
            help="File, folder of frames t000.tif, t001.tif, ..., pattern of their names, or URL."
        ),
    ] = None,
    dataset: Annotated[
        str | None, typer.Option(help="Challenge dataset, such as DIC-C2DH-HeLa: its model and settings.")
    ] = None,
    data: Annotated[Path, typer.Option(help="Folder that holds the dataset.")] = Path("data"),
    sequence: Annotated[
        list[str] | None, typer.Option(help="Sequence of the dataset; may be repeated.  [default: all]")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="Name or folder of a model (cellseg models list).  [default: the dataset's, or generalist]"
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(file_okay=False, help="Folder for the results.  [default: beside the movie]"),
    ] = None,
    configuration: Configuration = None,
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
    precision: Precision = PrecisionName.AUTO,
    backend: Annotated[
        Backend, typer.Option(help="Runs the network; tensorflow is an extra, float32 on the CPU.")
    ] = Backend.TORCH,
    max_memory: Annotated[
        float | None,
        typer.Option(
            min=0.1,
            max=2**20,
            metavar="GIB",
            help="Memory for a step of the network; frames that take more are cut into tiles.  "
            "[default: half of the device's]",
        ),
    ] = None,
    set_: Set = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a result that is there.")] = False,
    report: Annotated[
        bool, typer.Option("--report", help="Write a page about each result, NAME_RES_report.html.")
    ] = False,
    save_embeddings: Annotated[
        bool,
        typer.Option("--save-embeddings", help="Keep what the network saw: the report shows it."),
    ] = False,
) -> None:
    """Segment and track cells; write maskTTT.tif, res_track.txt and run.json into NAME_RES.

    Interrupted? Run the same command again: it goes on where it stopped.

    Example: cellseg infer --dataset DIC-C2DH-HeLa --data data --sequence 01

    Example: cellseg infer movie.tif --diameter 40 --output results

    Example: cellseg infer plate.nd2 --channel DAPI --z max

    Example: cellseg infer movie.tif --save-embeddings --report

    Where nobody says how large the cells are, the generalist estimates it from the first frames, and says so.
    """
    from cellseg.config import Settings, load_dataset_config, override
    from cellseg.device import choose_device, choose_precision
    from cellseg.pipeline import infer as infer_movie
    from cellseg.rshn import load_model
    from cellseg.scale import preparation_for
    from cellseg.video import open_videos

    if (movie is None) == (dataset is None):
        raise typer.BadParameter("give either a MOVIE or --dataset; of a MOVIE, --model names the model")
    if diameter is not None and pixel_size is not None:
        raise typer.BadParameter("give either --diameter or --pixel-size")
    if dataset is not None:
        config = load_dataset_config(dataset)
        settings, chosen = config.settings(), model or config.model
        movies = find_sequences(data / config.dataset, sequence)
    else:
        assert movie is not None
        settings, movies, chosen = Settings(), [movie], model or GENERALIST
    if chosen is None:
        raise typer.BadParameter("there is no model for this dataset; name one (cellseg models list)")
    if backend is Backend.TENSORFLOW:
        device = "cpu" if device == "auto" else device
        precision = PrecisionName.FLOAT32 if precision is PrecisionName.AUTO else precision
    where = choose_device(device)
    loaded = load_model(chosen, where, choose_precision(precision, where), backend)
    # Spelt out, so that a part of it can be changed alone.
    settings = override(settings.for_model(loaded.card), set_ or [])
    say = partial(typer.echo, err=True)
    selection = parse_selection(frames, channel, z, scene, crop, axes)
    for path in movies:
        for video in open_videos(path, selection):
            preparation = preparation_for(
                video, loaded, settings, diameter=diameter, pixel_size=pixel_size, say=say
            )
            typer.echo(f"{path}: {counted(len(video), 'frame')}, {_scale(preparation)}", err=True)
            # A URL has no folder beside it.
            folder = output or (path.resolve().parent if path.parent.is_dir() else Path())
            result = folder / f"{video.name}_RES{configuration_suffix(configuration)}"
            there = result.exists() and not overwrite
            with show_progress(len(video), "frame", video.name) as bar:
                tracks = infer_movie(
                    video,
                    loaded,
                    settings,
                    result,
                    preparation=preparation,
                    overwrite=overwrite,
                    save_embeddings=save_embeddings,
                    max_memory=max_memory and max_memory * 2**30,
                    say=say,
                    progress=bar.update,
                )
            typer.echo(f"{result}: {counted(len(tracks), 'track')}{', done before' if there else ''}")
            if report:
                make_report(result, video)


def _scale(preparation: Preparation) -> str:
    """Say at which scale the network sees a movie."""
    factor = " x ".join(f"{value:.3g}" for value in preparation.input_px_per_network_px)
    said = f"{factor} pixels (y x x) per network pixel"
    if preparation.cell_diameter_px is None:
        return said
    return f"{said}, for cells about {preparation.cell_diameter_px:.3g} pixels across"
