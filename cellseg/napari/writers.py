"""Saves masks and tracks of napari as a result of the Cell Tracking Challenge, corrections included."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cellseg.ctc import (
    RESULT_TRACKS,
    mask_path,
    number_width,
    object_labels,
    rebuild_tracks,
    relabelled,
    write_mask,
    write_tracks,
)
from cellseg.export import fresh
from cellseg.types import Track


def write_result(path: str, layers: Sequence[tuple[Any, dict[str, Any], str]]) -> list[str]:
    """Write a result: tracks live where the masks are, mothers are those of the lineage.

    Parameters
    ----------
    path : str
        Folder to make, such as `01_RES`.
    layers : sequence of tuple
        A layer of labels (T, Y, X), and one of tracks, of which the graph counts.

    Returns
    -------
    list of str
        The folder.

    Raises
    ------
    CellsegError
        There is something at the path, a label is outside of 16 bits, or there are more than 65,535 tracks.
    """
    given = {kind: (data, options) for data, options, kind in layers}
    (labels, options), (_, lineage) = given["labels"], given["tracks"]
    first = round(float(options["translate"][0]))
    numbers = range(first, first + len(labels))
    seen = {number: object_labels(np.asarray(labels[t])) for t, number in enumerate(numbers)}
    rebuilt = rebuild_tracks(seen, _lines(seen, lineage.get("graph") or {}))
    digits = number_width(numbers[-1] + 1)
    with fresh(Path(path)) as partial:
        partial.mkdir()
        for t, number in enumerate(numbers):
            image = relabelled(np.asarray(labels[t]), rebuilt.new_labels.get(number, {}))
            write_mask(mask_path(partial, number, digits), image)
        write_tracks(partial / RESULT_TRACKS, rebuilt.tracks)
    return [path]


def _lines(seen: dict[int, Any], graph: dict[Any, Any]) -> list[Track]:
    """Say what the lineage says, as lines of a track file."""
    lives: dict[int, list[int]] = {}
    for number, labels in seen.items():
        for label in labels.tolist():
            lives.setdefault(label, []).append(number)
    parents = {int(label): int(np.ravel(parent)[0]) for label, parent in graph.items()}
    return [Track(label, frames[0], frames[-1], parents.get(label, 0)) for label, frames in lives.items()]
