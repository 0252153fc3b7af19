"""`cellseg validate`: check a result against the rules of the Cell Tracking Challenge."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cellseg.cli.options import ResultFolder

if TYPE_CHECKING:
    from cellseg.ctc import Violation


def validate(
    result: ResultFolder,
    frames: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Folder of the movie; number, names and size of its frames must match."
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
    fix: Annotated[
        Path | None,
        typer.Option("--fix", metavar="DIR", help="Write a corrected copy, and say what is different in it."),
    ] = None,
) -> None:
    """Check a result against the rules of the Cell Tracking Challenge, and list all that breaks them.

    Exit code 1 when the result, or with --fix its corrected copy, is not valid; warnings leave it valid.

    Example: cellseg validate out/01_RES --frames data/DIC-C2DH-HeLa/01

    Example: cellseg validate 01_RES --frames 01 --fix corrected/01_RES
    """
    from functools import partial
    from json import dumps

    from tqdm import tqdm

    from cellseg import ctc

    bar = partial(tqdm, unit="frame", leave=False, disable=None)
    found = ctc.validate(result, frames, progress=partial(bar, desc="checking"))
    report = _report(result, found)
    told = [*map(str, found), _verdict(result, found)]
    if fix is not None:
        changes = ctc.fix(result, fix, frames, progress=partial(bar, desc="correcting"))
        found = ctc.validate(fix, frames, progress=partial(bar, desc="checking"))
        report["corrected"] = _report(fix, found)
        report["corrected"]["changes"] = [
            {"file": str(change.path), "message": change.message} for change in changes
        ]
        told += [*map(str, changes), *map(str, found), _verdict(fix, found)]
    typer.echo(dumps(report, indent=1) if json else "\n".join(told))
    if _errors(found):
        raise typer.Exit(1)


def _errors(violations: list[Violation]) -> int:
    return sum(violation.severity == "error" for violation in violations)


def _verdict(result: Path, violations: list[Violation]) -> str:
    errors = _errors(violations)
    verdict = "not valid" if errors else "valid"
    return f"{result}: {verdict}; errors: {errors}, warnings: {len(violations) - errors}"


def _report(result: Path, violations: list[Violation]) -> dict[str, Any]:
    return {
        "result": str(result),
        "valid": not _errors(violations),
        "violations": [
            {
                "file": str(violation.path),
                "label": violation.label,
                "rule": violation.rule,
                "severity": violation.severity,
                "message": violation.message,
            }
            for violation in violations
        ],
    }
