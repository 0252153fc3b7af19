"""Measure who links given masks best: cellseg, the published greedy linker, laptrack, btrack, Trackastra.

    python evaluation/linking.py --quick --data data       # a shorter look, under five minutes on two cores
    python evaluation/linking.py --data data               # half an hour
    python evaluation/linking.py --data data --btrack cell_config.json --trackastra FOLDER
    python evaluation/linking.py --only big                # 1,000 frames of 1,000 cells; keeps the rest

Peers that are installed are run (`pip install laptrack btrack trackastra -c constraints.txt`). The
configuration of btrack and the model of Trackastra come from their makers' pages, not with their packages.
Without --data only simulated scenes are linked. Writes `evaluation/results/linking.json`, and renders
`evaluation/README.md`; `evaluation/linkers/__init__.py` says what is where.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import Any

# So that `evaluation` is found, also by the processes that are started from here.
sys.path.insert(0, str(Path(__file__).parents[1]))

from evaluation.clustering.conditions import conditions
from evaluation.clustering.plan import RESULTS
from evaluation.clustering.readme import provenance, write_readme
from evaluation.linkers.big import big
from evaluation.linkers.by_btrack import Btrack
from evaluation.linkers.by_laptrack import Laptrack
from evaluation.linkers.by_trackastra import Trackastra
from evaluation.linkers.linker import Linker
from evaluation.linkers.ours import GLOBAL, PUBLISHED
from evaluation.linkers.race import race, race_big
from evaluation.linkers.real import real
from evaluation.linkers.render import render
from evaluation.linkers.simulated import simulated


@dataclass(frozen=True)
class Plan:
    """What is linked.

    Attributes
    ----------
    name : str
    cap : float
        Seconds for one run of a linker on a movie without pixels.
    frames, side : int
        Of the simulated scenes: number of frames, their width and height in pixels.
    real_frames : int or None
        Of the challenge's sequences; None for all.
    big : tuple of (int, int)
        Frames and cells of the movies without pixels.
    """

    name: str
    cap: float
    frames: int
    side: int
    real_frames: int | None
    big: tuple[tuple[int, int], ...]


PARTS = ("movies", "big")
PACKAGES = ("laptrack", "btrack", "trackastra")
USUAL = Plan("usual", 600, 40, 512, None, ((1000, 1000),))
QUICK = Plan("quick", 60, 20, 256, 20, ((100, 300),))


def main() -> None:
    """Parse, measure, write, render."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="under five minutes; prints, and writes nothing")
    parser.add_argument("--data", type=Path, help="folder of CTC datasets")
    parser.add_argument("--btrack", type=Path, metavar="FILE", help="btrack's cell_config.json")
    parser.add_argument("--trackastra", type=Path, metavar="FOLDER", help="a model of Trackastra")
    parser.add_argument("--only", choices=PARTS, help="keep the rest of the record that is there")
    parser.add_argument("--render", action="store_true", help="measure nothing, render what is there")
    arguments = parser.parse_args()
    if not arguments.render:
        linkers = [PUBLISHED, Laptrack(), Btrack(arguments.btrack), Trackastra(arguments.trackastra), GLOBAL]
        plan = QUICK if arguments.quick else USUAL
        path = RESULTS / "linking.json"
        record = json.loads(path.read_text(encoding="utf-8")) if arguments.only and path.is_file() else {}
        for part in [arguments.only] if arguments.only else PARTS:
            record[part] = measure(part, plan, linkers, arguments.data)
        print(render(record, provenance))
        if arguments.quick:
            return
        path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    write_readme()


def measure(part: str, plan: Plan, linkers: Sequence[Linker], data: Path | None = None) -> dict[str, Any]:
    """Run every linker that is there on everything of a part.

    Parameters
    ----------
    part : str
        `movies`, or `big`: those without pixels.
    plan : Plan
    linkers : sequence of Linker
    data : Path, optional
        Folder of datasets of the challenge.

    Returns
    -------
    dict
        `machine`, `plan`, `linkers` (what each is told), `packages` (their versions), `absent` (why),
        `movies`, each with its `rows`.
    """
    reasons = {linker.name: linker.absent() for linker in linkers}
    there = [linker for linker in linkers if reasons[linker.name] is None]
    return {
        "machine": conditions("cpu"),
        "plan": plan.name,
        "linkers": {linker.name: linker.settings for linker in there},
        "packages": {package: version(package) for package in PACKAGES if find_spec(package)},
        "absent": {name: reason for name, reason in reasons.items() if reason is not None},
        "movies": list(_movies(there, plan, data) if part == "movies" else _big(there, plan)),
    }


def _movies(linkers: Sequence[Linker], plan: Plan, data: Path | None) -> Iterator[dict[str, Any]]:
    look = any(not linker.by_tables for linker in linkers)
    of_the_challenge = () if data is None else real(data, plan.real_frames, images=look)
    for movie in chain(of_the_challenge, simulated(plan.frames, plan.side)):
        yield {**movie.described(), "rows": race(linkers, movie)}


def _big(linkers: Sequence[Linker], plan: Plan) -> Iterator[dict[str, Any]]:
    by_tables = [linker for linker in linkers if linker.by_tables]
    for frames, cells in plan.big:
        movie = big(frames, cells)
        yield {**movie.described(), "rows": race_big(by_tables, movie, plan.cap)}


if __name__ == "__main__":
    main()
