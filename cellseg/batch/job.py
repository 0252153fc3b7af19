"""A movie of a batch, or a chunk of one, as it travels to who works on it, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cellseg.video import Selection


@dataclass(frozen=True)
class Job:
    """What a worker needs to know; plain values, for it may be another computer.

    Attributes
    ----------
    movie, result : Path
        Absolute.
    name : str
        What the movie is called.
    model : str
        Name or absolute folder.
    request : dict
        What decides the result, as JSON values (`cellseg.batch.plan.request_of`).
    selection : Selection
        What of the recording is the movie.
    overwrite : bool
        Whether a result that is there was made from something else, and is replaced.
    device, precision : str
        As `--device` and `--precision` take them.
    max_memory : float or None
        Bytes that a step of the network may take.
    sharing : int
        Movies that share this device, and its memory.
    traceback : bool
        Whether a failure brings its traceback.
    page : bool
        Whether a page about the result is written beside it.
    only_scale : bool
        Whether nothing but the size of the cells is wanted, on which all chunks must agree.
    diameter : float or None
        That size, in pixels, where it was wanted before.
    pairs : range or None
        First frames of the pairs of the chunk that is wanted; None for the whole movie.
    chunks : tuple of range
        Of the whole movie, those that were made before.
    """

    movie: Path
    result: Path
    name: str
    model: str
    request: dict[str, Any]
    selection: Selection
    overwrite: bool
    device: str = "auto"
    precision: str = "auto"
    max_memory: float | None = None
    sharing: int = 1
    traceback: bool = False
    page: bool = False
    only_scale: bool = False
    diameter: float | None = None
    pairs: range | None = None
    chunks: tuple[range, ...] = ()


SETTLED = ("done", "done before", "in part", "failed")
"""Nothing more happens to a movie of such a status in this run."""


@dataclass
class Outcome:
    """What became of a movie: a row of the summary.

    Attributes
    ----------
    movie : str
        Its name.
    status : str
        `done`, `done before`, `in part` (its chunks of this part of a job array are done), `failed`,
        `interrupted` or `waiting`.
    result : str
        Folder.
    frames, tracks : int or None
        None where it is not known.
    seconds : float
        That this run has taken; of a movie in chunks, all of them together.
    where : str
        Computer and device.
    diameter : float or None
        Typical diameter of a cell that was assumed, in pixels.
    notes : list of str
        What the user should know.
    error : dict or None
        `file`, `reason`, `remedy` and, on demand, `traceback`.
    """

    movie: str
    status: str
    result: str
    frames: int | None = None
    tracks: int | None = None
    seconds: float = 0.0
    where: str = ""
    diameter: float | None = None
    notes: list[str] = field(default_factory=list)
    error: dict[str, str | None] | None = None

    @property
    def failure(self) -> str:
        """What went wrong, and with which file; empty where nothing did."""
        if self.error is None:
            return ""
        return ": ".join(text for key in ("file", "reason") if (text := self.error.get(key)))
