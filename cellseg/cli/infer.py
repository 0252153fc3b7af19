"""`cellseg infer`: segment and track a movie, or the sequences of a dataset."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cellseg.cli.options import Device, Frames, Precision, Set, parse_frames
from cellseg.cli.progress import show_progress
from cellseg.errors import CellsegError

if TYPE_CHECKING:
    from cellseg.config import ModelCard, Preparation
    from cellseg.video import Video


def infer(
    movie: Annotated[
        Path | None, typer.Argument(help="Multi-page TIFF, or folder of frames t000.tif, t001.tif, ...")
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
        typer.Option(help="Name or folder of a model (cellseg models list).  [default: the dataset's]"),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Folder for the results.  [default: beside the movie]")
    ] = None,
    frames: Frames = None,
    diameter: Annotated[
        float | None,
        typer.Option(min=1, max=1e6, metavar="PX", help="Typical diameter of a cell, in pixels."),
    ] = None,
    pixel_size: Annotated[
        float | None, typer.Option(min=1e-6, max=1e6, metavar="UM", help="Size of a pixel, in micrometres.")
    ] = None,
    device: Device = "auto",
    precision: Precision = "auto",
    backend: Annotated[
        str, typer.Option(help="torch, or tensorflow (an extra; float32 on the CPU): runs the network.")
    ] = "torch",
    max_memory: Annotated[
        float | None,
        typer.Option(
            min=0.1, metavar="GIB", help="Memory for the network; more takes tiles.  [default: half]"
        ),
    ] = None,
    set_: Set = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a result that is there.")] = False,
) -> None:
    """Segment and track cells; write maskTTT.tif, res_track.txt and run.json into NAME_RES.

    Interrupted? Run the same command again: it goes on where it stopped.

    Example: cellseg infer --dataset DIC-C2DH-HeLa --data data --sequence 01

    Example: cellseg infer movie.tif --model DIC-C2DH-HeLa --output results
    """
    from cellseg.cli.interrupt import terminate_as_interrupt
    from cellseg.config import Settings, load_dataset_config, override
    from cellseg.device import choose_device, choose_precision
    from cellseg.pipeline import infer as infer_movie
    from cellseg.rshn import load_model
    from cellseg.video import open_video

    terminate_as_interrupt()
    if (movie is None) == (dataset is None):
        raise typer.BadParameter("give either a MOVIE or --dataset")
    if diameter is not None and pixel_size is not None:
        raise typer.BadParameter("give either --diameter or --pixel-size")
    if dataset is not None:
        config = load_dataset_config(dataset)
        settings, chosen = config.settings(), model or config.model
        movies = _sequences(data / config.dataset, sequence)
    else:
        assert movie is not None
        settings, movies, chosen = Settings(), [movie], model
    if chosen is None:
        raise typer.BadParameter("say which --model to use (cellseg models list)")
    if backend == "tensorflow":
        device = "cpu" if device == "auto" else device
        precision = "float32" if precision == "auto" else precision
    where = choose_device(device)
    loaded = load_model(chosen, where, choose_precision(precision, where), backend)
    if dataset is None:
        settings = override(settings, [f"clustering.bandwidth={loaded.card.bandwidth}"])
    # Spelt out, so that one of its parts can be changed alone.
    settings = settings.model_copy(update={"inference": settings.inference or loaded.card.inference})
    settings = override(settings, set_ or [])
    for path in movies:
        with open_video(path, parse_frames(frames)) as video:
            preparation = _scaled(loaded.card, video, diameter, pixel_size)
            typer.echo(f"{path}: {len(video)} frames, {_scale(preparation)}", err=True)
            result = (output or path.resolve().parent) / f"{video.name}_RES"
            there = result.exists() and not overwrite
            with show_progress(len(video), "frame", video.name) as bar:
                tracks = infer_movie(
                    video,
                    loaded,
                    settings,
                    result,
                    preparation=preparation,
                    overwrite=overwrite,
                    max_memory=max_memory and max_memory * 2**30,
                    say=partial(typer.echo, err=True),
                    progress=bar.update,
                )
        typer.echo(f"{result}: {len(tracks)} tracks{', done before' if there else ''}")


def _sequences(folder: Path, names: list[str] | None) -> list[Path]:
    """Folders of the sequences named, or of all there are."""
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


def _scale(preparation: Preparation) -> str:
    """Say at which scale the network sees a movie."""
    factor = " x ".join(f"{value:.3g}" for value in preparation.input_px_per_network_px)
    said = f"{factor} pixels (y x x) per network pixel"
    if preparation.cell_diameter_px is None:
        return said
    return f"{said}, for cells about {preparation.cell_diameter_px:.3g} pixels across"


def _scaled(card: ModelCard, video: Video, diameter: float | None, pixel_size: float | None) -> Preparation:
    """Bring the model's preparation to the scale of this movie, as far as anyone says what it is."""
    preparation = card.preparation
    if diameter is not None:
        if preparation.cell_diameter_px is None:
            raise CellsegError("the model does not say which diameter it was trained at; use --pixel-size")
        factor = diameter / preparation.cell_diameter_px
        return preparation.scaled((factor, factor))
    trained = preparation.pixel_size_um
    if trained is None and pixel_size is not None:
        raise CellsegError("the model does not say which pixel size it was trained at; use --diameter")
    here = video.pixel_size_um if pixel_size is None else (pixel_size, pixel_size)
    if trained is None or here is None:
        return preparation
    return preparation.scaled((trained[0] / here[0], trained[1] / here[1]))
