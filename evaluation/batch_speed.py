"""Measure how fast a batch is, how it scales from one worker to two, and how fast it skips what is done.

    python evaluation/batch_speed.py            # about ten minutes on two cores that do nothing else
    python evaluation/batch_speed.py --quick    # about two minutes, for a look
    python evaluation/batch_speed.py --render   # measures nothing, renders docs/scale.md anew

Movies are simulated. Writes `evaluation/results/batch_speed.json` and the figures of `docs/scale.md`, which
it prints, too. `evaluation/scale/__init__.py` says what is where.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

# So that `evaluation` is found.
sys.path.insert(0, str(Path(__file__).parents[1]))

from evaluation.clustering.conditions import conditions
from evaluation.scale.finished import measure_finished
from evaluation.scale.render import into, render
from evaluation.scale.workers import Load, measure_workers

USUAL, QUICK = Load(movies=4, frames=40, side=512), Load(movies=4, frames=10, side=256)
MOVIES = 1000
RESULT = Path(__file__).parent / "results" / "batch_speed.json"
PAGE = Path(__file__).parents[1] / "docs" / "scale.md"


def main() -> None:
    """Parse, measure, write, render."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    extent = parser.add_mutually_exclusive_group()
    extent.add_argument("--quick", action="store_true", help="prints, and writes nothing")
    extent.add_argument("--render", action="store_true", help="render what is there")
    arguments = parser.parse_args()
    if arguments.render:
        record = json.loads(RESULT.read_text(encoding="utf-8"))
    else:
        record = measure(QUICK if arguments.quick else USUAL, MOVIES)
    print(render(record))
    if not arguments.quick:
        RESULT.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        PAGE.write_text(into(PAGE.read_text(encoding="utf-8"), render(record)), encoding="utf-8")


def measure(load: Load, movies: int) -> dict[str, Any]:
    """Measure everything.

    Parameters
    ----------
    load : Load
        What the workers work on.
    movies : int
        Number of finished movies that are skipped.

    Returns
    -------
    dict
        `machine`, `workers`, `finished`.
    """
    record = {"machine": conditions("cpu")}
    with tempfile.TemporaryDirectory() as folder:
        record["workers"] = measure_workers(Path(folder), load)
    with tempfile.TemporaryDirectory() as folder:
        record["finished"] = measure_finished(Path(folder), movies)
    return record


if __name__ == "__main__":
    main()
