"""The track file of the challenge: one line `L B E P` per track (label, first frame, last frame, parent)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cellseg.errors import CellsegError
from cellseg.types import Track

_WHOLE_NUMBER = re.compile("-?[0-9]{1,18}")
"""What fits into 64 bits; anything longer is no frame and no label."""


def read_tracks(path: Path) -> list[Track]:
    """Read a track file.

    Parameters
    ----------
    path : Path
        Fields are separated by spaces or tabs; blank lines are skipped.

    Returns
    -------
    list of Track
        In the order of the file. Whether they make sense together is not checked; `validate` does that.

    Raises
    ------
    CellsegError
        The file cannot be read, or a line is not four whole numbers; the line is named.
    """
    tracks, problems = parse_tracks(path)
    if problems:
        remedy = "Every line must be 'L B E P': label, first frame, last frame, parent."
        raise CellsegError(problems[0], path=path, remedy=remedy)
    return tracks


def parse_tracks(path: Path) -> tuple[list[Track], list[str]]:
    """Read the lines that can be read, and say what is wrong with the others.

    Parameters
    ----------
    path : Path

    Returns
    -------
    tracks : list of Track
    problems : list of str
        One per malformed line, with its number.

    Raises
    ------
    CellsegError
        The file cannot be read as text.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CellsegError(f"cannot be read ({error})", path=path) from error
    tracks: list[Track] = []
    problems: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        fields = line.split()
        if len(fields) == 4 and all(map(_WHOLE_NUMBER.fullmatch, fields)):
            tracks.append(Track(*map(int, fields)))
        elif fields:
            problems.append(f"line {number} is not four whole numbers: {line.strip()!r}")
    return tracks, problems


def write_tracks(path: Path, tracks: Iterable[Track]) -> None:
    """Write a track file, sorted by label; equal tracks give equal bytes on every system.

    Parameters
    ----------
    path : Path
    tracks : iterable of Track
    """
    lines = "".join(f"{t.label} {t.begin} {t.end} {t.parent}\n" for t in sorted(tracks))
    path.write_text(lines, encoding="ascii", newline="\n")


def clip_tracks(tracks: Iterable[Track], first: int, last: int) -> list[Track]:
    """Cut a lineage to a block of frames.

    Parameters
    ----------
    tracks : iterable of Track
    first, last : int
        Both included.

    Returns
    -------
    list of Track
        Tracks that live in the block. A parent outside it, or of a track born before it, becomes 0.
    """
    inside = [track for track in tracks if track.begin <= last and track.end >= first]
    labels = {track.label for track in inside}
    return [
        Track(
            track.label,
            max(track.begin, first),
            min(track.end, last),
            track.parent if track.parent in labels and track.begin >= first else 0,
        )
        for track in inside
    ]


def tracks_from_labels(labels: Mapping[int, NDArray[np.int64]]) -> list[Track]:
    """Derive tracks from the labels seen in each frame: first to last appearance, no parents.

    Parameters
    ----------
    labels : mapping of int to (n,) int
        Labels present in each frame.

    Returns
    -------
    list of Track
        Sorted by label.
    """
    life: dict[int, tuple[int, int]] = {}
    for frame, present in sorted(labels.items()):
        for label in present.tolist():
            begin, _ = life.get(label, (frame, frame))
            life[label] = begin, frame
    return [Track(label, begin, end, 0) for label, (begin, end) in sorted(life.items())]
