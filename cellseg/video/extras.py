"""Packages of the extras, imported when first needed."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from cellseg.errors import CellsegError


def require(package: str, extra: str, path: str | Path) -> Any:
    """Import a package that not everybody has.

    Parameters
    ----------
    package : str
        What to import.
    extra : str
        The extra of this program that installs it.
    path : path
        The file that needs it, for the error.

    Returns
    -------
    module

    Raises
    ------
    CellsegError
        It is not installed, or cannot be loaded.
    """
    try:
        return import_module(package)
    except ImportError as error:
        absent = isinstance(error, ModuleNotFoundError) and error.name in (package, package.partition(".")[0])
        raise CellsegError(
            f"needs {package}, which {'is not installed' if absent else f'cannot be loaded ({error})'}",
            path=path,
            remedy=f'Run: pip install "cellseg-rshn[{extra}]"; in the clone: pip install ".[{extra}]".',
        ) from error
