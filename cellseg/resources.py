"""Where models, dataset configurations and training recipes are: in the checkout, the package, or elsewhere.

Loads nothing but the standard library, so that listing names costs nothing.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from cellseg.errors import CellsegError

GENERALIST = "generalist"
"""The model for movies of which nobody names one."""

Kind = Literal["models", "configs", "recipes"]

_FOLDERS = {"models": "models", "configs": "configs", "recipes": "configs/training"}
_WHAT = {"models": "model", "configs": "dataset configuration", "recipes": "training recipe"}

_PACKAGE = Path(__file__).resolve().parent


def find(kind: Kind, name: str | Path) -> Path:
    """Find a model folder, a dataset configuration or a training recipe.

    Parameters
    ----------
    kind : {"models", "configs", "recipes"}
        What is looked for.
    name : str or path
        A path to it, or its name, which is looked up in `$CELLSEG_MODELS` (models only), then in the
        checkout the package is run from, then in the installed package.

    Returns
    -------
    Path
        Folder that holds `model.yaml`, or YAML file.

    Raises
    ------
    CellsegError
        There is none; the names available are listed.
    """
    if _is_resource(kind, Path(name)):
        return Path(name)
    if Path(name).name == str(name):
        for root in _roots(kind):
            candidate = root / (name if kind == "models" else f"{name}.yaml")
            if _is_resource(kind, candidate):
                return candidate
    known = ", ".join(available(kind)) or "none"
    elsewhere = " Set CELLSEG_MODELS to a folder that holds more." if kind == "models" else ""
    raise CellsegError(
        f"there is no {_WHAT[kind]} named {name}", remedy=f"Available: {known}. A path works too.{elsewhere}"
    )


def available(kind: Kind) -> list[str]:
    """List the names that `find` knows.

    Parameters
    ----------
    kind : {"models", "configs", "recipes"}
        What is looked for.

    Returns
    -------
    list of str
        Names, sorted.
    """
    entries = (entry for root in _roots(kind) if root.is_dir() for entry in root.iterdir())
    return sorted({entry.name.removesuffix(".yaml") for entry in entries if _is_resource(kind, entry)})


def checkout() -> Path | None:
    """Folder of the checkout that the package is run from; None when it is installed."""
    # Beside an installed package lie other packages, whose folders may carry any name.
    return _PACKAGE.parent if (_PACKAGE.parent / "pyproject.toml").is_file() else None


def _roots(kind: Kind) -> list[Path]:
    """Folders that are searched for names, in order."""
    roots = []
    if kind == "models" and (folder := os.environ.get("CELLSEG_MODELS")):
        roots.append(Path(folder))
    if (beside := checkout()) is not None:
        roots.append(beside / _FOLDERS[kind])
    return [*roots, _PACKAGE / "_share" / _FOLDERS[kind]]


def _is_resource(kind: Kind, path: Path) -> bool:
    if kind == "models":
        return (path / "model.yaml").is_file()
    return path.suffix == ".yaml" and path.is_file()
