"""Files that are there whole or not at all, whenever writing is interrupted."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file at one stroke; the one before stands until this one is complete.

    Parameters
    ----------
    path : Path
        In a folder that is there; `<name>.new` beside it is used up.
    content : str or bytes
        Text is written in UTF-8, ends of lines as they are.

    Raises
    ------
    OSError
        It cannot be written; the error names it, and nothing is left beside it.
    """
    new = path.with_name(path.name + ".new")
    try:
        new.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        new.replace(path)
    except OSError as error:
        with suppress(OSError):
            new.unlink()
        error.filename, error.filename2 = str(path), None
        raise
