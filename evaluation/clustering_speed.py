"""Measure the tables and figures of the two Faster Mean-shift papers again; render `evaluation/README.md`.

    python evaluation/clustering_speed.py                       # about ten minutes on two cores
    python evaluation/clustering_speed.py --quick               # a shorter look
    python evaluation/clustering_speed.py --full --only reach   # no cap worth speaking of
    python evaluation/clustering_speed.py --device cuda --only cosine_table_1 --method cellseg --method gpu-p

Writes `evaluation/results/clustering_<experiment>_<device>.json`, and pictures of simulated data beside it.
`evaluation/clustering/__init__.py` says which experiments there are.
"""

import argparse
import importlib
import json
import sys
from dataclasses import replace
from pathlib import Path

# So that `evaluation` is found, also by the processes that are started from here.
sys.path.insert(0, str(Path(__file__).parents[1]))

from evaluation.clustering import EXPERIMENTS
from evaluation.clustering.methods import METHODS
from evaluation.clustering.plan import FULL, QUICK, USUAL, Plan
from evaluation.clustering.readme import write_readme


def main() -> None:
    """Parse, measure, write, render."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    extent = parser.add_mutually_exclusive_group()
    extent.add_argument(
        "--quick", dest="plan", action="store_const", const=QUICK, help="small, under ten minutes"
    )
    extent.add_argument("--full", dest="plan", action="store_const", const=FULL, help="hours")
    extent.add_argument("--render", action="store_true", help="measure nothing, render what is there")
    parser.add_argument("--only", action="append", choices=EXPERIMENTS, help="may be given several times")
    parser.add_argument(
        "--method",
        action="append",
        default=[],
        choices=METHODS,
        help="of tables I; may be given several times",
    )
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--cap", type=float, metavar="SECONDS", help="most time for one run of a method")
    parser.add_argument("--data", type=Path, help="folder of CTC datasets; default: a movie is simulated")
    arguments = parser.parse_args()

    if not arguments.render:
        plan = replace(arguments.plan or USUAL, device=arguments.device, data=arguments.data)
        plan = replace(plan, methods=tuple(arguments.method))
        if arguments.cap is not None:
            plan = replace(plan, cap=arguments.cap, peer_cap=arguments.cap)
        plan.results.mkdir(exist_ok=True)
        for name in arguments.only or EXPERIMENTS:
            measure(name, plan)
    write_readme()


def measure(name: str, plan: Plan) -> None:
    """Measure one experiment, and write its record."""
    print(f"== {name}", flush=True)
    experiment = importlib.import_module(f"evaluation.clustering.{name}")
    record = {"experiment": name, "plan": plan.name, "cap": plan.cap, **experiment.measure(plan)}
    path = plan.results / f"clustering_{name}_{plan.device}.json"
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
