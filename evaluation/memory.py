"""Peak memory against the length of a movie.

    python evaluation/memory.py MOVIE_FOLDER --model DIC-C2DH-HeLa

The frames of a movie are repeated to ten times its length; each length is run by the command in a process
of its own, and the peak is what the run's record says. Writes `evaluation/results/memory.json`.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path


def main() -> None:
    """Parse, run, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("movie", type=Path)
    parser.add_argument("--model", required=True)
    arguments = parser.parse_args()
    frames = sorted(arguments.movie.glob("t*.tif"))
    peaks = {}
    with tempfile.TemporaryDirectory() as folder:
        movie = Path(folder) / "01"
        movie.mkdir()
        for number in range(10 * len(frames)):
            shutil.copy(frames[number % len(frames)], movie / f"t{number:04d}.tif")
        for length in (len(frames), 10 * len(frames)):
            output = Path(folder) / str(length)
            command = [sys.executable, "-m", "cellseg", "infer", movie, "--model", arguments.model]
            subprocess.run([*command, "--frames", f"0:{length}", "--output", output], check=True)
            record = json.loads((output / "01_RES" / "run.json").read_text(encoding="utf-8"))
            peaks[length] = record["peak_memory"]["process"] / 2**20
            print(f"{length} frames: {peaks[length]:.1f} MiB")
    short, long = peaks.values()
    print(f"difference: {long - short:.1f} MiB")
    path = Path(__file__).parent / "results" / "memory.json"
    path.write_text(json.dumps({"peak MiB by frames": peaks}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
