"""The silver truth of datasets of the challenge: masks as good as the best programs', their lineage known."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from cellseg.config import load_dataset_config
from cellseg.ctc import FRAME, GroundTruth, clip_tracks, numbered_files, read_plane
from evaluation.linkers.movie import Masks, Movie

DATASETS = ("DIC-C2DH-HeLa", "Fluo-N2DH-GOWT1", "Fluo-N2DL-HeLa", "PhC-C2DH-U373")
SEQUENCE = "01"


def real(data: Path, frames: int | None = None, *, images: bool = False) -> Iterator[Movie]:
    """Read the datasets that are there.

    Parameters
    ----------
    data : Path
        Folder of datasets in the challenge's layout.
    frames : int, optional
        Take the first ones only.
    images : bool
        Whether the movie itself is read, too.

    Yields
    ------
    Movie
    """
    for name in DATASETS:
        folder = data / name / f"{SEQUENCE}_GT"
        if folder.is_dir():
            yield _movie(name, GroundTruth(folder), folder.with_name(SEQUENCE) if images else None, frames)


def _movie(name: str, truth: GroundTruth, movie: Path | None, frames: int | None) -> Movie:
    numbers = sorted(set(truth.silver) & set(truth.markers))[:frames]
    raw = {} if movie is None else numbered_files(movie, FRAME)
    masks = Masks(
        np.stack([truth.silver[number] for number in numbers]),
        load_dataset_config(name).linker.border,
        np.stack([read_plane(raw[number]) for number in numbers]) if raw else None,
    )
    tracks = clip_tracks(truth.tracks, numbers[0], numbers[-1])
    first = numbers[0]
    shifted = [track._replace(begin=track.begin - first, end=track.end - first) for track in tracks]
    markers = np.stack([truth.markers[number] for number in numbers])
    return Movie(f"{name}/{SEQUENCE}", masks, markers, tuple(shifted))
