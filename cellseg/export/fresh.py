"""Files and folders that are there whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cellseg.errors import CellsegError


@contextmanager
def fresh(path: Path, overwrite: bool = False) -> Iterator[Path]:
    """Write a file or folder under another name, and give it its own when all is written.

    Parameters
    ----------
    path : Path
        What is to be written; its parent folder is made.
    overwrite : bool
        Whether what is there is replaced.

    Yields
    ------
    Path
        Where to write; nothing is there yet.

    Raises
    ------
    CellsegError
        There is something already, and `overwrite` is false.
    """
    if path.exists() and not overwrite:
        raise CellsegError(
            "is there already", path=path, remedy="Add --overwrite, or choose another --output."
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"partial-{path.name}")
    _remove(partial)
    try:
        yield partial
        _remove(path)
        partial.replace(path)
    except BaseException:
        _remove(partial)
        raise


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
