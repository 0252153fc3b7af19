"""`cellseg demo`: the whole road on a simulated movie."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_DATASET = "DIC-C2DH-HeLa"
_SEED = 1
"""No model saw this movie: training numbers its simulated movies from 1000."""


def demo(
    output: Annotated[Path, typer.Option(help="Folder for the movie and the result.")] = Path("demo"),
    frames: Annotated[int, typer.Option(min=2, help="Number of frames.")] = 30,
) -> None:
    """Simulate a movie, segment and track it, print the scores and where the result is.

    Example: cellseg demo --output demo
    """
    from cellseg.cli.evaluate import evaluate
    from cellseg.cli.infer import infer
    from cellseg.cli.simulate import simulate

    # One folder for each length: what is there can be used again.
    data = output / f"simulated-{frames}-frames"
    movie = data / _DATASET / "01"
    if not movie.exists():
        simulate(preset=_DATASET, output=data, frames=frames, seed=_SEED)
    typer.echo(f"The movie is in {movie}.")
    # The simulated truth is complete up to the border of the image.
    whole = ["linker.border=0"]
    infer(dataset=_DATASET, data=data, sequence=["01"], output=data, set_=whole, overwrite=True)
    evaluate(data / "01_RES", movie.with_name("01_GT"))
    typer.echo(f"The result is in {data / '01_RES'}: maskTTT.tif, res_track.txt and run.json.")
