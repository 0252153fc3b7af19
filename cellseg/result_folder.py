"""What lies where in a result, and in one that is being made; costs no import, so that looking is cheap."""

from __future__ import annotations

from pathlib import Path

RECORD = "run.json"
CERTAINTY = "certainty.csv"
EMBEDDINGS = "embeddings"
FRAMES = "provisional"
TABLES = "tables"
CHECKPOINT = "checkpoint.safetensors"
KEY = "key.json"
REPLACED = "replaced"
SCRATCH = (FRAMES, TABLES, CHECKPOINT, KEY, REPLACED, f"{KEY}.new", f"{RECORD}.new")
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


def chunks_folder(result: Path) -> Path:
    """Name the folder in which the chunks of a long movie are made.

    Parameters
    ----------
    result : Path
        Such as `01_RES`.

    Returns
    -------
    Path
        `01_RES.chunks`.
    """
    return result.with_name(result.name + ".chunks")


def page_path(result: Path) -> Path:
    """Name the page about a result, where nobody names another.

    Parameters
    ----------
    result : Path
        Such as `01_RES`.

    Returns
    -------
    Path
        `01_RES_report.html` beside it.
    """
    result = result.resolve()
    return result.with_name(f"{result.name}_report.html")


def chunk_result(result: Path, pairs: range) -> Path:
    """Name the result that a chunk would have; it always stays partial.

    Parameters
    ----------
    result : Path
        Of the whole movie.
    pairs : range
        First frames of the pairs of the chunk.

    Returns
    -------
    Path
    """
    return chunks_folder(result) / f"{pairs.start:06d}-{pairs.stop:06d}"


def frames_begun(result: Path) -> int:
    """Count the frames that an unfinished run, or the runs of its chunks, have segmented.

    Parameters
    ----------
    result : Path
        The folder the result will have.

    Returns
    -------
    int
        0 where nothing is unfinished.
    """
    # Neighbouring chunks share a frame.
    chunks = [max(0, _count(chunk) - 1) for chunk in chunks_folder(result).glob(f"*/{FRAMES}")]
    return _count(partial_folder(result) / FRAMES) + sum(chunks)


def _count(folder: Path) -> int:
    try:
        return sum(1 for _ in folder.iterdir())
    except OSError:
        return 0
