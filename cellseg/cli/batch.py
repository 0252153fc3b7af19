"""`cellseg batch`: segment and track many movies."""

from __future__ import annotations

import math
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from cellseg.cli.options import (
    Axes,
    Channel,
    Crop,
    Device,
    Frames,
    Precision,
    PrecisionName,
    Scene,
    Set,
    Z,
    parse_selection,
)
from cellseg.cli.progress import show_progress


def batch(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT...",
            help="Movies, folders that hold movies at any depth, or patterns "
            "('lab/**/*.tif'; 'scan/img_{t}.tif' of the frames of one).",
        ),
    ],
    output: Annotated[Path, typer.Option(file_okay=False, help="Folder for the results.")],
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Sheet of options for some movies, CSV or YAML.")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="Name or folder of a model (cellseg models list).  [default: the dataset's, or generalist]"
        ),
    ] = None,
    dataset: Annotated[
        str | None, typer.Option(help="Challenge dataset whose model and settings are taken.")
    ] = None,
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
    set_: Set = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Movies worked on at once.  [default: as many as there are GPUs, or 1]"),
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Dask scheduler, such as tcp://10.0.0.1:8786.")
    ] = None,
    part: Annotated[
        str | None, typer.Option(metavar="I/N", help="Only the I-th of N parts: for job arrays.")
    ] = None,
    chunk_frames: Annotated[
        int | None,
        typer.Option(
            min=2,
            metavar="N",
            help="Cut longer movies into chunks of about N frames, for several workers, and join them.",
        ),
    ] = None,
    device: Device = "auto",
    precision: Precision = PrecisionName.AUTO,
    max_memory: Annotated[
        float | None,
        typer.Option(
            min=0.1,
            metavar="GIB",
            help="Memory for the network of one movie.  [default: its share of a half]",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what there is to do, how long it takes and how much disk.")
    ] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Hash the files of finished results; redo what was altered.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace results, too, that no batch has made.")
    ] = False,
    report: Annotated[
        bool, typer.Option("--report", help="Write a page about each result, and an index of all.")
    ] = False,
) -> None:
    """Segment and track many movies; a movie that fails is recorded, and the others go on.

    Give the same command again at any time: what is done is left alone, what is half done goes on where it
    stopped, and what has changed (the movie, settings, the model) is done anew. OUTPUT/batch.json and
    batch.csv tell what became of each movie.

    Example: cellseg batch lab/*.tif --output results --workers 2

    Example: cellseg batch lab --output results --config sheet.csv --dry-run

    Example: cellseg batch lab --output results --report

    Example: cellseg batch lab/*.nd2 --output results --channel DAPI --z max

    Example: cellseg batch long.tif --output results --chunk-frames 200 --scheduler tcp://10.0.0.1:8786

    Every position of a recording has a result of its own, unless --scene names one.
    """
    from cellseg.batch.cluster import Cluster
    from cellseg.batch.dry_run import describe
    from cellseg.batch.estimate import Size, measure
    from cellseg.batch.inputs import find_movies
    from cellseg.batch.job import SETTLED, Job, Outcome
    from cellseg.batch.options import Options, options_of, read_sheet
    from cellseg.batch.pages import Index, add_pages
    from cellseg.batch.plan import Planned, State, plan
    from cellseg.batch.processes import Processes, visible_gpus
    from cellseg.batch.run import run
    from cellseg.batch.scenes import split_scenes
    from cellseg.batch.shares import share_out
    from cellseg.batch.steps import Executor, Steps, steps_of
    from cellseg.batch.summary import summary_table, write_summary

    if diameter is not None and pixel_size is not None:
        raise typer.BadParameter("give either --diameter or --pixel-size")
    if workers is not None and scheduler is not None:
        raise typer.BadParameter("give either --workers or --scheduler, whose cluster has workers of its own")
    share = None if part is None else _parse_part(part)
    selection = parse_selection(frames, channel, z, scene, crop, axes)
    common = Options(model, dataset, diameter, pixel_size, tuple(set_ or ()), selection)
    sheet = [] if config is None else read_sheet(config)
    movies = find_movies(inputs, output)
    movies = split_scenes(movies, options_of(movies, common, sheet, config, strict=False))
    options = options_of(movies, common, sheet, config)
    if share is not None and chunk_frames is None:
        # Nobody needs to look at the movies of other parts.
        movies, options = movies[share[0] - 1 :: share[1]], options[share[0] - 1 :: share[1]]
    planned = plan(movies, options, precision, verify=verify)
    sizes = [
        measure(entry) if entry.error is None and entry.state is not State.DONE else None for entry in planned
    ]
    planned, sizes = share_out(planned, sizes, chunk_frames, None if chunk_frames is None else share)
    gpus = visible_gpus() if device == "auto" else []
    at_once = workers or len(gpus) or 1
    if dry_run:
        typer.echo(describe(planned, sizes, output, device, precision, at_once))
        return

    output.mkdir(parents=True, exist_ok=True)

    def steps(entry: Planned) -> Steps:
        job = Job(
            movie=entry.movie.path,
            result=entry.movie.result,
            name=entry.movie.name,
            model=entry.model,
            request=entry.request,
            selection=entry.selection,
            overwrite=overwrite or entry.may_replace,
            device=device,
            precision=precision,
            max_memory=max_memory and max_memory * 2**30,
            sharing=1 if scheduler is not None else math.ceil(at_once / max(1, len(gpus))),
            traceback="--debug" in sys.argv,
            page=report,
        )
        return steps_of(entry, job)

    def executor() -> Executor:
        return Processes(at_once, gpus) if scheduler is None else Cluster(scheduler)

    name = "batch" if share is None else f"batch-{share[0]}-of-{share[1]}"
    index = Index(output, name) if report else None
    total = sum(size.frames for size in sizes if isinstance(size, Size))
    before = sum(entry.state is State.DONE for entry in planned)
    with (
        show_progress(len(planned), "movie", "batch") as all_movies,
        show_progress(total, "frame", "batch") as all_frames,
    ):
        all_movies.update(before)

        def tell(outcomes: list[Outcome]) -> None:
            settled = sum(outcome.status in SETTLED for outcome in outcomes)
            all_movies.update(settled - int(all_movies.n))
            # The last report is written below; a full disk must not stop the movies that fit elsewhere.
            with suppress(OSError):
                write_summary(outcomes, output, name)
                if index is not None:
                    index.write(outcomes)

        outcomes = run(planned, executor, steps, report=tell, progress=all_frames.update)
    if index is not None:
        with show_progress(before, "page", "reports of what was done before") as pages:
            add_pages(planned, outcomes, progress=pages.update)
    # First to the terminal: there is room for it on a full disk.
    typer.echo(summary_table(outcomes))
    write_summary(outcomes, output, name)
    if index is not None:
        typer.echo(f"{index.write(outcomes)}: open it in a browser")
    if any(outcome.status not in ("done", "done before", "in part") for outcome in outcomes):
        raise typer.Exit(1)


def _parse_part(text: str) -> tuple[int, int]:
    """Read `i/n`: the part, counted from 1, and the number of parts."""
    part, _, parts = text.partition("/")
    if not (part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise typer.BadParameter(f"{text!r} is not I/N with 1 <= I <= N", param_hint="--part")
    return int(part), int(parts)
