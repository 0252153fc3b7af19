"""What a result says of the run it comes from, read once."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from cellseg.result_folder import RECORD


def read_record(result: Path) -> dict[str, Any] | None:
    """Read the `run.json` of a result.

    Parameters
    ----------
    result : Path

    Returns
    -------
    dict or None
        Not to be changed. None where there is none that can be read, or it is of another program.
    """
    path = result / RECORD
    try:
        status = path.stat()
        return _parse(path, status.st_mtime_ns, status.st_size)
    except (OSError, ValueError):
        return None


@cache
def _parse(path: Path, mtime_ns: int, size: int) -> dict[str, Any] | None:
    # The file as it was at a time: of a thousand movies each is asked for twice.
    record = json.loads(path.read_text(encoding="utf-8"))
    return record if isinstance(record, dict) and record.get("format") == 1 else None
