"""`cellseg doctor`: what this computer has, what is missing or broken, and how to mend it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cellseg.quantity import counted

if TYPE_CHECKING:
    from cellseg.doctor import Finding

_MARKS = {"good": "ok", "note": "--", "bad": "!!"}


def doctor(
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Look at Python, torch, device, memory, extras, models and write access; say how to mend what is wrong.

    Exit code 1 when something is broken, or a GPU lies idle; an extra that is not installed is no fault.

    Example: cellseg doctor

    Example: cellseg doctor --json
    """
    from dataclasses import asdict
    from json import dumps

    from cellseg.doctor import examine

    findings = examine(Path.cwd())
    broken = sum(finding.state == "bad" for finding in findings)
    if json:
        typer.echo(dumps({"well": not broken, "findings": list(map(asdict, findings))}, indent=1))
    else:
        typer.echo("\n".join(map(_line, findings)))
        to_mend = f"{counted(broken, 'thing')} to mend, marked !!"
        typer.echo(f"\n{to_mend if broken else 'All is well.'}")
    if broken:
        raise typer.Exit(1)


def _line(finding: Finding) -> str:
    remedies = "".join(f"\n{'':27}{line}" for line in finding.remedy)
    return f"{_MARKS[finding.state]}  {finding.check:22} {finding.message}{remedies}"
