"""What lies where in a result, and in one that is being made; costs no import, so that looking is cheap."""

from __future__ import annotations

from pathlib import Path

RECORD = "run.json"
FRAMES = "provisional"
TABLES = "tables"
CHECKPOINT = "checkpoint.safetensors"
KEY = "key.json"
SCRATCH = (FRAMES, TABLES, CHECKPOINT, KEY, "checkpoint.new", f"{KEY}.new", f"{RECORD}.new")
"""What only a run needs that is not done yet."""


def partial_folder(result: Path) -> Path:
    """Name the folder a result has while it is being made.

    Parameters
    ----------
    result : Path
        Such as `01_RES`.

    Returns
    -------
    Path
        `01_RES.partial`.
    """
    return result.with_name(result.name + ".partial")


def frames_begun(result: Path) -> int:
    """Count the frames that an unfinished run has segmented.

    Parameters
    ----------
    result : Path
        The folder the result will have.

    Returns
    -------
    int
        0 where nothing is unfinished.
    """
    try:
        return sum(1 for _ in (partial_folder(result) / FRAMES).iterdir())
    except OSError:
        return 0
