"""Tracks that agree with the masks: lives from where the labels are, parents from the track file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellseg.ctc.masks import LARGEST_LABEL
from cellseg.errors import CellsegError
from cellseg.types import Track


@dataclass
class RebuiltTracks:
    """A lineage that agrees with the masks once these are relabelled.

    Attributes
    ----------
    tracks : list of Track
        Sorted by label.
    new_labels : dict of int to (dict of int to int)
        By frame: for each label that changes there, what it becomes.
    changes : list of str
        What differs from the lines there were, as clauses.
    """

    tracks: list[Track] = field(default_factory=list)
    new_labels: dict[int, dict[int, int]] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Life:
    """Consecutive frames in which a label is seen, and the label they get."""

    label: int
    frames: list[int]


def rebuild_tracks(seen: Mapping[int, NDArray[np.integer[Any]]], lines: Iterable[Track]) -> RebuiltTracks:
    """Make the track file anew.

    A label lives in the frames in which it is seen. Where it is missing in between, a new track goes on, the
    only child of the one before: so the challenge writes a cell that was out of sight. Parents stay if they
    end before the child begins.

    Parameters
    ----------
    seen : mapping of int to (n,) integer
        Labels above 0 in the mask of every frame; empty ones included.
    lines : iterable of Track
        What the track file says.

    Returns
    -------
    RebuiltTracks

    Raises
    ------
    CellsegError
        There are more tracks than 16-bit labels.
    """
    first_lines: dict[int, Track] = {}
    rebuilt = RebuiltTracks()
    for line in sorted(lines, key=lambda line: line.begin):
        if line.label in first_lines:
            rebuilt.changes.append(f"one of the lines of label {line.label} is left out: {_written(line)}")
        else:
            first_lines[line.label] = line

    lives = _give_labels(_runs(seen))
    for label in sorted(lives):
        _add_track(rebuilt, label, lives, first_lines.get(label))
    for label in sorted(first_lines.keys() - lives.keys()):
        rebuilt.changes.append(f"track {label} is left out: no mask holds it")
    rebuilt.tracks.sort()
    return rebuilt


def relabelled(labels: NDArray[np.integer[Any]], new: Mapping[int, int]) -> NDArray[np.int64]:
    """Give the objects of a mask their new labels.

    Parameters
    ----------
    labels : numpy.ndarray, (Y, X) integer
    new : mapping of int to int
        `RebuiltTracks.new_labels` of its frame; labels that are not in it stay.

    Returns
    -------
    numpy.ndarray, (Y, X) int64
    """
    present, inverse = np.unique(labels, return_inverse=True)
    names = np.array([new.get(label, label) for label in present.tolist()], np.int64)
    relabelled: NDArray[np.int64] = names[inverse.reshape(labels.shape)]
    return relabelled


def _runs(seen: Mapping[int, NDArray[np.integer[Any]]]) -> dict[int, list[list[int]]]:
    """Frames of each label, cut where it is missing; a hole in the numbering of the frames cuts nothing."""
    frames = sorted(seen)
    positions: dict[int, list[int]] = {}
    for position, frame in enumerate(frames):
        for label in seen[frame].tolist():
            positions.setdefault(label, []).append(position)
    runs: dict[int, list[list[int]]] = {}
    for label, present in positions.items():
        # Consecutive positions keep their distance to their rank.
        groups = groupby(enumerate(present), key=lambda ranked: ranked[1] - ranked[0])
        runs[label] = [[frames[position] for _, position in group] for _, group in groups]
    return runs


def _give_labels(runs: Mapping[int, list[list[int]]]) -> dict[int, list[_Life]]:
    """Let the first life of a label keep it if it fits into 16 bits; give the others labels that are free."""
    needed = sum(map(len, runs.values()))
    if needed > LARGEST_LABEL:
        raise CellsegError(
            f"there are {needed} tracks, and {LARGEST_LABEL} labels fit into 16 bits",
            remedy="Cut the movie into parts with fewer tracks.",
        )
    free: Iterator[int] = (label for label in range(1, LARGEST_LABEL + 1) if label not in runs)
    lives: dict[int, list[_Life]] = {}
    for label in sorted(runs):
        names = [label if label <= LARGEST_LABEL else next(free)]
        names += [next(free) for _ in runs[label][1:]]
        lives[label] = [_Life(name, frames) for name, frames in zip(names, runs[label], strict=True)]
    return lives


def _add_track(
    rebuilt: RebuiltTracks, label: int, lives: Mapping[int, list[_Life]], line: Track | None
) -> None:
    """Add the lives of one label, and say how they differ from its line."""
    first, *later = lives[label]
    parent = _parent(rebuilt, label, first.frames[0], lives, line)
    last_frame = lives[label][-1].frames[-1]
    if first.label != label:
        rebuilt.changes.append(f"label {label} becomes {first.label}")
    if line is None:
        rebuilt.changes.append(
            f"label {label} had no line: it lives in frames {first.frames[0]}-{last_frame}"
        )
    elif (line.begin, line.end) != (first.frames[0], last_frame):
        rebuilt.changes.append(
            f"track {label} lives in frames {first.frames[0]}-{last_frame}, not {line.begin}-{line.end}"
        )
    for life in lives[label]:
        rebuilt.tracks.append(Track(life.label, life.frames[0], life.frames[-1], parent))
        parent = life.label
        if life.label != label:
            for frame in life.frames:
                rebuilt.new_labels.setdefault(frame, {})[label] = life.label
    for life in later:
        rebuilt.changes.append(
            f"track {label} is missing before frame {life.frames[0]}: from there it is {life.label}, "
            "the only child of the track before"
        )


def _parent(
    rebuilt: RebuiltTracks, label: int, begin: int, lives: Mapping[int, list[_Life]], line: Track | None
) -> int:
    """Give the new label of the parent, or 0 where the one that is named cannot be it."""
    if line is None or line.parent == 0:
        return 0
    if line.parent not in lives:
        rebuilt.changes.append(f"track {label} loses its parent {line.parent}, which no mask holds")
        return 0
    last = lives[line.parent][-1]
    if last.frames[-1] >= begin:
        rebuilt.changes.append(
            f"track {label} loses its parent {line.parent}, "
            f"which is seen until frame {last.frames[-1]}; the child begins in frame {begin}"
        )
        return 0
    return last.label


def _written(track: Track) -> str:
    return " ".join(map(str, track))
