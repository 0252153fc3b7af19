"""Minutes and peak memory of movies of any length.

    python evaluation/long_movie.py MOVIE_FOLDER --model DIC-C2DH-HeLa --frames 84 --frames 840
    python evaluation/long_movie.py MOVIE_FOLDER --model Fluo-N2DH-GOWT1 --frames 1000 --precision float32

The frames of a movie are repeated to the length; every length is run by `cellseg infer` in a process of its
own, and what is printed is what the run's record says. Writes `evaluation/results/long_movie.json`, where a
run with the same movie, model, precision and length replaces the one before.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# So that `evaluation` is found.
sys.path.insert(0, str(Path(__file__).parents[1]))

from cellseg.video import open_video
from evaluation.clustering.conditions import conditions
from evaluation.clustering.plan import RESULTS
from evaluation.clustering.tables import table

KEY = ("movie", "model", "precision", "frames")


def main(command: Sequence[str] | None = None, results: Path = RESULTS) -> None:
    """Parse, run, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("movie", type=Path, help="folder of frames, one file each")
    parser.add_argument("--model", required=True)
    parser.add_argument(
        "--frames", type=int, action="append", required=True, help="may be given several times"
    )
    parser.add_argument("--precision", default="auto", help="as `cellseg infer` takes it")
    arguments = parser.parse_args(command)
    path = results / "long_movie.json"
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    for length in arguments.frames:
        machine = conditions("cpu")
        row = measure(arguments.movie, arguments.model, length, arguments.precision)
        rows = [old for old in rows if any(old[name] != row[name] for name in KEY)] + [
            row | {"machine": machine}
        ]
        path.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    shown = [*KEY[:3], "network", "frames", "minutes", "peak MiB"]
    print(table(shown, [[str(row[name]) for name in shown] for row in rows]))


def measure(movie: Path, model: str, length: int, precision: str) -> dict[str, Any]:
    """Segment and track so many frames.

    Parameters
    ----------
    movie : Path
        Folder of frames.
    model : str
    length : int
        Frames, in turn those of the movie.
    precision : str

    Returns
    -------
    dict
        movie, model, precision, the network's operations, frames, size, minutes, peak MiB.
    """
    with open_video(movie) as video:
        files = [movie / str(entry["path"]) for entry in video.fingerprint()]
        size = video.shape[1:]
    with tempfile.TemporaryDirectory() as folder:
        repeated = Path(folder) / "01"
        repeated.mkdir()
        for number in range(length):
            source = files[number % len(files)]
            shutil.copy(source, repeated / f"t{number:05d}{source.suffix}")
        command = [
            sys.executable,
            "-m",
            "cellseg",
            "infer",
            str(repeated),
            "--model",
            model,
            "--precision",
            precision,
        ]
        subprocess.run([*command, "--output", folder], check=True)
        record = json.loads((Path(folder) / "01_RES" / "run.json").read_text(encoding="utf-8"))
    return {
        "movie": "/".join(movie.resolve().parts[-2:]),
        "model": model,
        "precision": record["model"]["precision"],
        "network": f"{record['flops_per_frame'] / 1e9:.1f} GFLOP a frame",
        "frames": length,
        "size": list(size),
        "minutes": round(record["seconds"]["elapsed"] / 60, 2),
        "peak MiB": round(record["peak_memory"]["process"] / 2**20, 1),
    }


if __name__ == "__main__":
    main()
