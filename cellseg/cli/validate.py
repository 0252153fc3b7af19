"""`cellseg validate`: check a result against the rules of the Cell Tracking Challenge."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def validate(
    result: Annotated[
        Path,
        typer.Argument(metavar="RESULT", help="Folder with maskTTT.tif and res_track.txt, such as 01_RES."),
    ],
    frames: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Folder of the movie; number, names and size of its frames must match."
        ),
    ] = None,
) -> None:
    """Check a result against the rules of the Cell Tracking Challenge, and list all that breaks them.

    Exit code 1 when the result is not valid; warnings alone leave it valid.

    Example: cellseg validate out/01_RES --frames data/DIC-C2DH-HeLa/01
    """
    from cellseg import ctc

    violations = ctc.validate(result, frames)
    for violation in violations:
        typer.echo(violation)
    errors = sum(violation.severity == "error" for violation in violations)
    verdict = "not valid" if errors else "valid"
    typer.echo(f"{result}: {verdict}; errors: {errors}, warnings: {len(violations) - errors}")
    if errors:
        raise typer.Exit(1)
