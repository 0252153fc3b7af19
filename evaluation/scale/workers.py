"""How fast one and two workers are, on movies and on the chunks of one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cellseg.result_folder import RECORD
from cellseg.simulate import preset, write_ctc

PRESET = "Fluo-N2DH-SIM+"
DIAMETER = 43.7
"""Of the preset's cells, in pixels (models/Fluo-N2DH-SIM+/model.yaml): nothing need be estimated."""
_CHUNKS = 2
"""A movie in chunks is cut into so many for each worker."""


@dataclass(frozen=True)
class Load:
    """What is worked on.

    Attributes
    ----------
    movies, frames : int
        Number of movies, and of the frames of each.
    side : int
        Pixels of a frame along each axis.
    """

    movies: int
    frames: int
    side: int


@dataclass(frozen=True)
class Row:
    """One way to work on it.

    Attributes
    ----------
    name : str
    workers, cores : int
    chunked : bool
        Whether all frames are one movie, in chunks.
    """

    name: str
    workers: int
    cores: int
    chunked: bool = False


ROWS = (
    Row("1 worker, 1 core", 1, 1),
    Row("1 worker, 2 cores", 1, 2),
    Row("2 workers, 2 cores", 2, 2),
    Row("one movie, 1 worker, 1 core", 1, 1, chunked=True),
    Row("one movie in chunks, 2 workers, 2 cores", 2, 2, chunked=True),
)


def measure_workers(folder: Path, load: Load, rows: Sequence[Row] = ROWS) -> dict[str, Any]:
    """Time batches, each on its own cores.

    Parameters
    ----------
    folder : Path
        Empty.
    load : Load
    rows : sequence of Row

    Returns
    -------
    dict
        `load`, `frames` in all; of a frame `network_pixels`, `bytes_in`, `bytes_out`, `files_out`, and
        `bytes_partial`, `files_partial` while it is being made; and `rows` by name: `seconds`,
        `frames_per_second`, and `stages`, the busy seconds of each stage.

    Raises
    ------
    RuntimeError
        There are fewer cores than a row wants.
    """
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    for number in range(load.movies):
        write_ctc(preset(PRESET), folder / "in", f"{number + 1:02d}", load.frames, number, (load.side,) * 2)
    movies = [folder / "in" / PRESET / f"{number + 1:02d}" for number in range(load.movies)]
    long = folder / "long" / "01"
    long.mkdir(parents=True)
    for index, frame in enumerate(path for movie in movies for path in sorted(movie.glob("t*.tif"))):
        shutil.copy(frame, long / f"t{index:04d}.tif")
    frames = load.movies * load.frames
    found: dict[str, Any] = {"load": load.__dict__, "frames": frames, "rows": {}}
    found["bytes_in"] = sum(path.stat().st_size for path in long.iterdir()) / frames
    _batch([folder / "in" / PRESET / "01"], folder / "warm", Row("", 1, 1), load, cores)
    for row in rows:
        if row.cores > max(1, len(cores)):
            raise RuntimeError(f"{row.name}: there are {len(cores)} cores")
        output = folder / row.name
        begin = time.perf_counter()
        _batch([long] if row.chunked else movies, output, row, load, cores)
        seconds = time.perf_counter() - begin
        records = [
            json.loads(path.read_text(encoding="utf-8")) for path in sorted(output.glob(f"*_RES/{RECORD}"))
        ]
        if sum(record["input"]["shape"][0] for record in records) != frames:
            raise RuntimeError(f"{row.name}: frames are missing")
        stages = {
            stage: sum(record["seconds"][stage] for record in records) for stage in records[0]["seconds"]
        }
        found["rows"][row.name] = {
            "workers": row.workers,
            "cores": row.cores,
            "seconds": seconds,
            "frames_per_second": frames / seconds,
            "stages": stages,
        }
        scale = records[0]["model"]["preparation"]["input_px_per_network_px"]
        found["network_pixels"] = round(load.side**2 / (scale[0] * scale[1]))
        files = [path for path in output.rglob("*") if path.is_file()]
        found["bytes_out"] = sum(path.stat().st_size for path in files) / frames
        found["files_out"] = len(files) / frames
    found |= _while_made(folder / "unfinished", long, load, cores)
    return found


def _batch(movies: Sequence[Path], output: Path, row: Row, load: Load, cores: Sequence[int]) -> None:
    _wait_for(_command(movies, output, row, load), cores[: row.cores])


def _command(movies: Sequence[Path], output: Path, row: Row, load: Load) -> list[str]:
    command = [sys.executable, "-m", "cellseg", "batch", *map(str, movies), "--output", str(output)]
    command += ["--workers", str(row.workers), "--diameter", str(DIAMETER), "--device", "cpu"]
    command += ["--precision", "float32", "--set", "linker.border=0"]
    if row.chunked and row.workers > 1:
        frames = load.movies * load.frames
        command += ["--chunk-frames", str(max(2, frames // (_CHUNKS * row.workers)))]
    return command


def _wait_for(command: Sequence[str], cores: Sequence[int]) -> None:
    subprocess.run(_on(cores, command), check=True, capture_output=True)


def _on(cores: Sequence[int], command: Sequence[str]) -> list[str]:
    """Bind a command, with all it starts, to some cores; where the system cannot, it has all of them."""
    taskset = shutil.which("taskset")
    return [*([taskset, "-c", ",".join(map(str, cores))] if taskset and cores else []), *command]


def _while_made(folder: Path, movie: Path, load: Load, cores: Sequence[int]) -> dict[str, float]:
    """Look at the disk when half of a movie is made."""
    half = load.movies * load.frames // 2
    partial = folder / f"{movie.name}_RES.partial"
    with subprocess.Popen(
        _on(cores, _command([movie], folder, Row("", 1, 2), load)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        while process.poll() is None and len(list(partial.glob("provisional/*"))) < half:
            time.sleep(0.1)
        process.terminate()
    frames = len(list(partial.glob("provisional/*")))
    files = [path for path in partial.rglob("*") if path.is_file() and path.parent != partial]
    return {
        "bytes_partial": sum(path.stat().st_size for path in files) / frames,
        "files_partial": len(files) / frames,
    }
