"""A broken rule of the challenge: where, which, and how bad."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Violation:
    """One broken rule.

    Attributes
    ----------
    path : Path
        File or folder concerned.
    rule : str
        Short name of the rule, stable between versions.
    message : str
        What is wrong, as a clause.
    label : int or None
        Label concerned, if one is.
    severity : {"error", "warning"}
        Errors make the result invalid; warnings are worth a look.
    """

    path: Path
    rule: str
    message: str
    label: int | None = None
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        return f"{self.severity}: {self.path}: {self.message} [{self.rule}]"
