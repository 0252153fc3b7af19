"""`cellseg datasets`: the challenge's datasets, their conditions of use, and how to get them."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from cellseg.cli.progress import show_bytes
from cellseg.errors import CellsegError

datasets_app = typer.Typer(
    help="List the challenge's datasets, or get one.", no_args_is_help=True, rich_markup_mode=None
)

Site = Annotated[
    str | None,
    typer.Option(metavar="URL", help="A mirror of the challenge's data.  [default: the challenge's site]"),
]


@datasets_app.command("list")
def list_datasets(site: Site = None) -> None:
    """Show the conditions of use, then the datasets there are settings for.

    Beside each: size of the archive, if the site answers, and size (y x x) of the frames in pixels.

    Example: cellseg datasets list
    """
    from concurrent.futures import ThreadPoolExecutor

    from cellseg.config import load_dataset_config
    from cellseg.ctc.datasets import CONDITIONS, SITE, archive_url, remote_size
    from cellseg.resources import available

    typer.echo(CONDITIONS)
    configs = [load_dataset_config(name) for name in available("configs")]
    urls = [archive_url(config.dataset, site=site or SITE) for config in configs]
    with ThreadPoolExecutor(len(urls)) as asking:
        sizes = list(asking.map(remote_size, urls))
    for config, size in zip(configs, sizes, strict=True):
        shown = "size unknown" if size is None else f"{size / 1e6:,.0f} MB"
        frames = config.published.original_sizes if config.published else ()
        sizes_of_frames = ", ".join(f"{y} x {x}" for y, x in frames)
        typer.echo(f"{config.dataset:16} {shown:>12}  {sizes_of_frames:20}  {config.description}")
    if not any(sizes):
        typer.echo(f"{site or SITE} says no sizes: it cannot be reached, or has moved its files.", err=True)


@datasets_app.command("fetch")
def fetch_dataset(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Dataset, such as DIC-C2DH-HeLa.")],
    data: Annotated[Path, typer.Option(help="Folder that holds the datasets.")] = Path("data"),
    from_: Annotated[
        Path | None,
        typer.Option("--from", metavar="ZIP", help="Unpack this archive instead of downloading one."),
    ] = None,
    test: Annotated[
        bool, typer.Option("--test", help="The challenge's own sequences, which have no ground truth.")
    ] = False,
    accept_terms: Annotated[
        bool, typer.Option("--accept-terms", help="Accept the conditions of use without being asked.")
    ] = False,
    site: Site = None,
) -> None:
    """Get a dataset of the challenge into DATA/NAME: conditions of use, download, checksum, unpacking.

    Interrupted? The same command goes on where it stopped.

    Example: cellseg datasets fetch DIC-C2DH-HeLa --data data

    Example: cellseg datasets fetch DIC-C2DH-HeLa --data data --from Downloads/DIC-C2DH-HeLa.zip
    """
    from cellseg.ctc.datasets import CONDITIONS, SITE, fetch

    typer.echo(CONDITIONS)
    if not accept_terms:
        _ask_for_consent()
    folder = fetch(
        name,
        data,
        archive=from_,
        test=test,
        site=site or SITE,
        progress=show_bytes,
        say=partial(typer.echo, err=True),
    )
    for path in sorted(path for path in folder.iterdir() if path.is_dir()):
        typer.echo(f"{path}: {sum(1 for _ in path.rglob('*.tif'))} images")


def _ask_for_consent() -> None:
    if not sys.stdin.isatty():
        raise CellsegError(
            "the conditions of use have not been accepted", remedy="If you accept them, add --accept-terms."
        )
    if not typer.confirm("Do you accept them?"):
        raise CellsegError("nothing was fetched: the conditions of use were not accepted")
