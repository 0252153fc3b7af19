"""What an optional extra brings, or how to get it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from cellseg.errors import CellsegError


def need(module: str, extra: str) -> Any:
    """Import a module of an optional extra.

    Parameters
    ----------
    module, extra : str

    Returns
    -------
    module

    Raises
    ------
    CellsegError
        It is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise CellsegError(
            f"this needs {module}, which is not installed ({error})",
            remedy=f'Install the extra: pip install "cellseg-rshn[{extra}]".',
        ) from error
