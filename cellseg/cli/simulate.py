"""`cellseg simulate`: a synthetic movie with exact ground truth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cellseg.cli.progress import show_progress


def simulate(
    preset: Annotated[str, typer.Option(help="Dataset to resemble, such as DIC-C2DH-HeLa.")],
    output: Annotated[Path, typer.Option(help="Folder in which OUTPUT/PRESET/SEQUENCE is written.")],
    frames: Annotated[int, typer.Option(min=1, help="Number of frames.")] = 60,
    seed: Annotated[int, typer.Option(min=0, help="Equal seeds give equal movies.")] = 1,
    sequence: Annotated[str, typer.Option(help="Name of the sequence.")] = "01",
    size: Annotated[
        tuple[int, int] | None,
        typer.Option(metavar="Y X", help="Image size in pixels.  [default: that of the preset]"),
    ] = None,
) -> None:
    """Simulate a time-lapse movie in Cell Tracking Challenge layout, with full masks, tracks and parents.

    Presets: DIC-C2DH-HeLa, Fluo-N2DH-GOWT1, Fluo-N2DH-SIM+, PhC-C2DH-U373.

    Example: cellseg simulate --preset DIC-C2DH-HeLa --output simulated --frames 60 --seed 1
    """
    from cellseg.simulate import preset as find_preset
    from cellseg.simulate import write_ctc

    with show_progress(frames, "frame", "simulating") as bar:
        folder = write_ctc(find_preset(preset), output, sequence, frames, seed, size, progress=bar.update)
    typer.echo(f"frames:       {folder}")
    typer.echo(f"ground truth: {folder.with_name(folder.name + '_GT')}")
