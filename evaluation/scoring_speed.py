"""Measure how long all measures of the challenge take, here and in py-ctcmetrics.

    python evaluation/scoring_speed.py        # about two minutes on two cores

A simulated label movie of 60 frames of 1024 x 1024 pixels with 250 tracks, and a result with errors, are
written as zlib-compressed TIFFs. Times are from folders to measures, each the best of three runs that take
turns; the time a single process keeps a processor busy stands beside them, for it hangs less on what else the
machine does. That the measures agree is checked. Needs the `test` extra. Writes
`evaluation/results/scoring_speed.json`.
"""

import argparse
import contextlib
import io
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from ctc_metrics.scripts.evaluate import evaluate_sequence
from numpy.typing import NDArray

# So that `evaluation` is found.
sys.path.insert(0, str(Path(__file__).parents[1]))

from cellseg.ctc import (
    REFERENCE_TRACKS,
    RESULT_TRACKS,
    evaluate,
    markers_path,
    mask_path,
    segmentation_path,
    write_mask,
    write_tracks,
)
from cellseg.types import Track
from evaluation.clustering.conditions import conditions

OURS, PEER = "cellseg", "py-ctcmetrics"


class Disc(NamedTuple):
    """A track as it is drawn; places and sizes in units of the room that each family has for itself."""

    track: Track
    family: int
    offset: float
    radius: float


def main() -> None:
    """Simulate, measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        record = measure(*simulate(Path(folder), frames=60, size=1024, tracks=250))
    for name, seconds in record["seconds"].items():
        busy = record["busy_seconds"].get(name)
        print(f"{name:<32} {seconds:8.3f} s" + (f", {busy:.3f} s of a processor" if busy else ""))
    print(f"{'ratio to their fastest':<32} {record['ratio']:8.1f}")
    path = Path(__file__).parent / "results" / "scoring_speed.json"
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def simulate(folder: Path, *, frames: int, size: int, tracks: int) -> tuple[Path, Path]:
    """Write a ground truth of discs that wander and divide, and a result with errors.

    Parameters
    ----------
    folder : Path
    frames, size, tracks : int
        Number of frames, their width and height in pixels, number of tracks.

    Returns
    -------
    result, ground truth : Path
    """
    rng = np.random.default_rng(0)
    truth = _families(rng, frames, tracks)
    found = _with_errors(truth)
    side = int(np.ceil(np.sqrt(tracks)))
    steps = rng.uniform(-0.01, 0.01, (frames, tracks, 2)).cumsum(axis=0).clip(-0.05, 0.05)
    places = (np.stack(np.divmod(np.arange(tracks), side), axis=1) + 0.5 + steps) * (size / side)

    ground_truth, result = folder / "01_GT", folder / "01_RES"
    for sub in (ground_truth / "TRA", ground_truth / "SEG", result):
        sub.mkdir(parents=True)
    for t in range(frames):
        labels = _draw(truth, t, places[t], size, size / side)
        write_mask(markers_path(ground_truth, t), labels)
        if t % 10 == 0:
            write_mask(segmentation_path(ground_truth, t), labels)
        write_mask(mask_path(result, t), _draw(found, t, places[t] + 1, size, 0.95 * size / side))
    write_tracks(ground_truth / "TRA" / REFERENCE_TRACKS, [disc.track for disc in truth])
    write_tracks(result / RESULT_TRACKS, [disc.track for disc in found])
    return result, ground_truth


def _families(rng: np.random.Generator, frames: int, tracks: int) -> list[Disc]:
    """Cells, every tenth of which divides."""
    dividing = tracks // 12
    discs = []
    for family in range(tracks - 2 * dividing):
        division = int(rng.integers(2, frames - 2)) if family < dividing else frames
        label = len(discs) + 1
        discs.append(Disc(Track(label, 0, division - 1, 0), family, 0, rng.uniform(0.15, 0.2)))
        for offset in (-0.22, 0.22) if family < dividing else ():
            daughter = Track(len(discs) + 1, division, frames - 1, label)
            discs.append(Disc(daughter, family, offset, rng.uniform(0.12, 0.15)))
    return discs


def _with_errors(truth: list[Disc]) -> list[Disc]:
    """Cut every tenth track, lose the end of every 25th, and make every other division a frame late."""
    late = {disc.track.parent for disc in truth if disc.track.parent and disc.family % 2}
    found = []
    for disc in truth:
        label, begin, end, parent = disc.track
        begin, end = begin + (parent in late), end + (label in late)
        if label % 25 == 0 and end > begin:
            end -= 1
        if label % 10 == 0 and end > begin:
            middle = (begin + end) // 2
            found.append(disc._replace(track=Track(len(truth) + label, begin, middle, parent)))
            begin, parent = middle + 1, 0
        found.append(disc._replace(track=Track(label, begin, end, parent)))
    return found


def _draw(
    discs: Iterable[Disc], frame: int, places: NDArray[np.float64], size: int, unit: float
) -> NDArray[np.uint16]:
    labels = np.zeros((size, size), np.uint16)
    for track, family, offset, radius in discs:
        if track.begin <= frame <= track.end:
            y, x = places[family] + (0, offset * unit)
            reach = radius * unit
            rows, columns = (slice(int(max(middle - reach, 0)), int(middle + reach) + 1) for middle in (y, x))
            ys, xs = np.ogrid[rows, columns]
            window = labels[rows, columns]
            near = np.hypot(ys - y, xs - x)[: window.shape[0], : window.shape[1]] <= reach
            window[near] = track.label
    return labels


def measure(result: Path, ground_truth: Path, runs: int = 3) -> dict[str, Any]:
    """Time both programs, and hold their measures against each other.

    Parameters
    ----------
    result, ground_truth : Path
    runs : int
        Of each program; the fastest counts.

    Returns
    -------
    dict
        `machine`, `sequence`, `seconds` and `busy_seconds` by program, `ratio` of the fastest of theirs to
        ours, `measures`.
    """
    workers = {f"{PEER}, 1 process": 1, f"{PEER}, {os.cpu_count()} processes": os.cpu_count()}
    programs = {
        OURS: lambda: evaluate(result, ground_truth).scores.as_dict(),
        **{name: lambda count=count: _peer(result, ground_truth, count) for name, count in workers.items()},
    }
    seconds: dict[str, list[float]] = {name: [] for name in programs}
    busy: dict[str, list[float]] = {name: [] for name in programs}
    answers = {}
    for _ in range(runs):
        for name, program in programs.items():
            begin, busy_before = time.perf_counter(), time.process_time()
            answers[name] = program()
            seconds[name].append(time.perf_counter() - begin)
            busy[name].append(time.process_time() - busy_before)
    ours, theirs = answers[OURS], answers[next(iter(workers))]
    common = [name for name in ours if name in theirs]
    apart = [name for name in common if not _same(ours[name], theirs[name])]
    if apart:
        raise RuntimeError(f"measures differ: {', '.join(apart)}")
    best = {name: min(times) for name, times in seconds.items()}
    alone = {name: min(busy[name]) for name, count in {OURS: 1, **workers}.items() if count == 1}
    return {
        "machine": conditions("cpu") | {PEER: version(PEER)},
        "sequence": ours["counts"],
        "seconds": best,
        "busy_seconds": alone,
        "ratio": min(best[name] for name in workers) / best[OURS],
        "measures": {name: ours[name] for name in common},
    }


def _peer(result: Path, ground_truth: Path, workers: int) -> dict[str, Any]:
    measures = ["Valid", "SEG", "DET", "TRA", "LNK", "CT", "TF", "BC", "CCA", "BIO"]
    with contextlib.redirect_stdout(io.StringIO()):
        scores = evaluate_sequence(os.fspath(result), os.fspath(ground_truth), measures, threads=workers)
    if not scores["Valid"]:
        raise RuntimeError(f"{PEER} does not accept the result")
    return dict(scores)


def _same(ours: float | None, theirs: float | None) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    return bool(np.isclose(ours, theirs, rtol=0, atol=1e-9))


if __name__ == "__main__":
    main()
