"""How long a batch takes to see that everything is done."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from tifffile import imwrite

from cellseg.batch.fingerprint import fingerprint
from cellseg.batch.job import Outcome
from cellseg.batch.summary import write_summary
from cellseg.result_folder import RECORD

_FRAMES = 20
_RUNS = 5
_WITHOUT_TORCH = (
    "import sys, atexit; from cellseg.cli import main;"
    "atexit.register(lambda: print('torch' in sys.modules)); main()"
)


def measure_finished(folder: Path, movies: int) -> dict[str, Any]:
    """Time the command on finished movies.

    Parameters
    ----------
    folder : Path
        Empty.
    movies : int

    Returns
    -------
    dict
        `movies`, frames of each, `seconds` of every run, their median, whether torch was imported, and
        `summary_seconds`: how long it takes to write the account of the batch once.
    """
    lab, output = folder / "lab", folder / "out"
    lab.mkdir()
    rng = np.random.default_rng(0)
    # What is in the frames does not matter, and small ones are soon segmented.
    frames = rng.integers(90, 110, (_FRAMES, 64, 64), np.uint16)
    imwrite(lab / "m00000.tif", frames, photometric="minisblack")
    command = [sys.executable, "-c", _WITHOUT_TORCH, "batch", str(lab), "--output", str(output)]
    command += ["--diameter", "28", "--device", "cpu"]
    _run(command)
    _multiply(lab, output, movies)
    _run(command)  # files are in the memory of the system from here on
    seconds, printed = [], ""
    for _ in range(_RUNS):
        begin = time.perf_counter()
        printed = _run(command)
        seconds.append(time.perf_counter() - begin)
    said = printed.split("\n")
    if said[0] != f"{movies} movies: {movies} done before":
        raise RuntimeError(f"not everything was done: {printed}")
    return {
        "movies": movies,
        "frames": _FRAMES,
        "seconds": seconds,
        "median_seconds": statistics.median(seconds),
        "torch_imported": said[1] == "True",
        "summary_seconds": _summary_seconds(folder / "summary", movies),
    }


def _multiply(lab: Path, output: Path, movies: int) -> None:
    """Give every movie a copy of the first one's file and result, as if each had been worked on."""
    result = output / "m00000_RES"
    record = json.loads((result / RECORD).read_text(encoding="utf-8"))
    for number in range(1, movies):
        movie = Path(shutil.copy2(lab / "m00000.tif", lab / f"m{number:05d}.tif"))
        copy = shutil.copytree(result, output / f"m{number:05d}_RES")
        record["request"]["files"] = fingerprint(movie)
        (copy / RECORD).write_text(json.dumps(record, indent=1), encoding="utf-8")


def _summary_seconds(folder: Path, movies: int) -> float:
    outcomes = [Outcome(f"m{number:05d}.tif", "done", f"out/m{number:05d}_RES") for number in range(movies)]
    begin = time.perf_counter()
    write_summary(outcomes, folder, "batch")
    return time.perf_counter() - begin


def _run(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
