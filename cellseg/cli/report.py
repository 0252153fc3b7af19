"""`cellseg report`: one page about a result, to look at in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cellseg.cli.options import Axes, Channel, Crop, ResultFolder, Scene, Z, parse_selection
from cellseg.cli.progress import show_progress
from cellseg.errors import CellsegError

if TYPE_CHECKING:
    from cellseg.video import Video


def report(
    result: ResultFolder,
    frames: Annotated[
        Path | None,
        typer.Option(metavar="MOVIE", help="The movie, as infer reads it.  [default: that of run.json]"),
    ] = None,
    ground_truth: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Such as 01_GT: adds scores, and every error.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Page to write.  [default: beside RESULT]"),
    ] = None,
    channel: Channel = None,
    z: Z = None,
    scene: Scene = None,
    crop: Crop = None,
    axes: Axes = None,
) -> None:
    """Make an HTML page that opens without a network: movie, lineages, plots, places to check, scores.

    Example: cellseg report out/01_RES --frames data/DIC-C2DH-HeLa/01 --ground-truth data/DIC-C2DH-HeLa/01_GT

    --channel, --z, --scene, --crop and --axes are those of the run that made the result, unless you give
    others.
    """
    from cellseg.ctc import Result
    from cellseg.recorded_movie import recorded_movie, select
    from cellseg.video import open_videos

    # Of the movie only what the result is of: elsewhere frames may be missing.
    numbers = list(Result(result).masks)
    block = f"{numbers[0]}:{numbers[-1] + 1}"
    recorded = recorded_movie(result)
    if frames is None:
        if recorded is None:
            raise CellsegError(
                "does not say which movie it was made from, or the movie is gone",
                path=result,
                remedy="Give the movie with --frames.",
            )
        frames = recorded.path
    selection = select(frames, parse_selection(block, channel, z, scene, crop, axes), recorded)
    movies = open_videos(frames, selection)
    for number, movie in enumerate(movies):
        if number:
            raise CellsegError("holds several scenes", path=frames, remedy="Choose one with --scene.")
        make_report(result, movie, ground_truth, output)


def make_report(
    result: Path, frames: Video, ground_truth: Path | None = None, output: Path | None = None
) -> None:
    """Write the page about a result, with a progress bar, and say where it is.

    Parameters
    ----------
    result : Path
    frames : Video
    ground_truth, output : Path, optional
        As in `cellseg.report.write_report`; without `output` the page is beside the result.
    """
    from cellseg.ctc import MASK, numbered_files
    from cellseg.report import write_report
    from cellseg.result_folder import page_path

    page = output or page_path(result)
    with show_progress(len(numbered_files(result, MASK)), "frame", "report") as bar:
        write_report(result, frames, page, ground_truth, progress=bar.update)
    typer.echo(f"{page}: {page.stat().st_size / 1e6:.1f} MB; open it in a browser")
