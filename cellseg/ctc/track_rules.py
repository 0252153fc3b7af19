"""The rules of a track file, by itself and against the labels found in the masks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellseg.ctc.masks import LARGEST_LABEL
from cellseg.ctc.violation import Violation
from cellseg.types import Track


def check_tracks(path: Path, tracks: Iterable[Track]) -> list[Violation]:
    """Check the lines of a track file against each other.

    Parameters
    ----------
    path : Path
        Track file, for the violations.
    tracks : iterable of Track

    Returns
    -------
    list of Violation
    """
    tracks = list(tracks)
    found: list[Violation] = []
    if not tracks:
        found.append(Violation(path, "no-tracks", "holds no track"))
    for label, lines in Counter(track.label for track in tracks).items():
        if lines > 1:
            found.append(Violation(path, "duplicate-label", f"label {label} has {lines} lines", label))
    by_label = {track.label: track for track in tracks}
    for track in tracks:
        found.extend(_check_track(path, track, by_label))
    found.extend(_check_ancestry(path, by_label))
    return found


def _check_track(path: Path, track: Track, by_label: Mapping[int, Track]) -> Iterator[Violation]:
    label, begin, end, parent = track
    if not 1 <= label <= LARGEST_LABEL:
        yield Violation(path, "label-range", f"label {label} is outside 1..{LARGEST_LABEL}", label)
    if begin < 0 or end < begin:
        yield Violation(path, "track-span", f"track {label} lives from frame {begin} to {end}", label)
    if parent == 0:
        return
    if parent not in by_label:
        yield Violation(path, "parent-missing", f"parent {parent} of track {label} has no line", label)
    elif by_label[parent].end >= begin and parent != label:
        message = (
            f"parent {parent} of track {label} ends in frame {by_label[parent].end}, "
            f"not before its child begins in frame {begin}"
        )
        yield Violation(path, "parent-end", message, label)


def _check_ancestry(path: Path, by_label: Mapping[int, Track]) -> Iterator[Violation]:
    """Cycles, each reported once, and unusual numbers of children."""
    settled: set[int] = set()
    for start in sorted(by_label):
        line: list[int] = []
        label = start
        while label in by_label and label not in settled and label not in line:
            line.append(label)
            label = by_label[label].parent
        if label in line:
            cycle = " -> ".join(map(str, [*line[line.index(label) :], label]))
            yield Violation(path, "parent-cycle", f"tracks are their own ancestors: {cycle}", label)
        settled.update(line)

    children = Counter(track.parent for track in by_label.values() if track.parent in by_label)
    for parent, count in sorted(children.items()):
        if count == 1:
            message = f"track {parent} has one child: a cell that was out of sight, not a division"
            yield Violation(path, "one-child", message, parent, "warning")
        elif count > 2:
            message = f"track {parent} divides into {count}"
            yield Violation(path, "many-children", message, parent, "warning")


def compare_with_masks(
    labels: Mapping[int, NDArray[np.integer[Any]]], tracks: Iterable[Track]
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Find the objects that no track accounts for, and the places where a track has no object.

    Parameters
    ----------
    labels : mapping of int to (n,) integer
        Labels in the mask of each frame.
    tracks : iterable of Track

    Returns
    -------
    unlisted : list of (frame, label)
        In the mask, but no track of that label is alive in that frame.
    absent : list of (frame, label)
        In the track file, but not in the mask; frames without a mask are left out.
    """
    alive: dict[int, set[int]] = {frame: set() for frame in labels}
    frames = sorted(labels)
    for track in tracks:
        first, last = np.searchsorted(frames, [track.begin, track.end + 1])
        for frame in frames[first:last]:
            alive[frame].add(track.label)
    unlisted: list[tuple[int, int]] = []
    absent: list[tuple[int, int]] = []
    for frame in frames:
        present = set(labels[frame].tolist())
        unlisted.extend((frame, label) for label in sorted(present - alive[frame]))
        absent.extend((frame, label) for label in sorted(alive[frame] - present))
    return unlisted, absent
