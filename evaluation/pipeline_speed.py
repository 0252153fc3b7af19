"""Measure the whole flow against the published one (Zhao et al. 2021, Table II and Fig. 8).

    python evaluation/pipeline_speed.py --quick                 # under five minutes on two cores
    python evaluation/pipeline_speed.py --data data             # scores on DIC-C2DH-HeLa
    python evaluation/pipeline_speed.py --full --device cuda --data data
    python evaluation/pipeline_speed.py --quick --device cuda --budget 2   # about a minute on a large GPU

Without data a movie is simulated. Every row runs in a process of its own, which may add 12 GiB (the memory of
the paper's card) and is ended at a cap. Writes `evaluation/results/pipeline_speed_<device>.json` and a
picture of a simulated movie, and renders `evaluation/README.md`; `evaluation/pipeline/__init__.py` says what
is where.
"""

import argparse
import json
import math
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

# So that `evaluation` is found, also by the processes that are started from here.
sys.path.insert(0, str(Path(__file__).parents[1]))

from cellseg.config import Architecture, load_dataset_config
from cellseg.device import choose_precision
from cellseg.rshn import WINDOW
from evaluation.clustering.conditions import conditions
from evaluation.clustering.process import measure as measure_process
from evaluation.clustering.readme import write_readme
from evaluation.pipeline.convolution import network_step
from evaluation.pipeline.figure_8 import MODEL, draw_figure_8
from evaluation.pipeline.painted import simulate
from evaluation.pipeline.plan import FULL, QUICK, USUAL, Plan
from evaluation.pipeline.render import render
from evaluation.pipeline.subject import Subject
from evaluation.pipeline.variants import ROWS, Variant
from evaluation.pipeline.work import VariantOnMovie

SEQUENCE = "01"
CHEAPER = 4
"""Pairs that are taken where every frame is seen once, for each that is taken of the published schedule."""


def main() -> None:
    """Parse, measure, write, render."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    extent = parser.add_mutually_exclusive_group()
    extent.add_argument(
        "--quick", dest="plan", action="store_const", const=QUICK, help="small, under five minutes"
    )
    extent.add_argument("--full", dest="plan", action="store_const", const=FULL, help="hours on two cores")
    extent.add_argument("--render", action="store_true", help="measure nothing, render what is there")
    parser.add_argument(
        "--dataset", action="append", choices=FULL.datasets, help="may be given several times"
    )
    parser.add_argument(
        "--budget",
        type=float,
        metavar="SECONDS",
        help="after which a row of the published schedule takes no further pair",
    )
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--data", type=Path, help="folder of CTC datasets; default: a movie is simulated")
    arguments = parser.parse_args()

    if not arguments.render:
        plan = replace(arguments.plan or USUAL, device=arguments.device, data=arguments.data)
        if arguments.dataset:
            plan = replace(plan, datasets=tuple(arguments.dataset))
        if arguments.budget is not None:
            plan = replace(plan, budget=arguments.budget)
        print(render(measure(plan)))
    write_readme()


def measure(
    plan: Plan, architecture: Architecture | None = None, rows: Sequence[Variant] = ROWS
) -> dict[str, Any]:
    """Measure everything; the record is written again with every part that is done.

    Parameters
    ----------
    plan : Plan
    architecture : Architecture, optional
        Of the network without trained weights; the published one by default.
    rows : sequence of Variant

    Returns
    -------
    dict
        JSON values, which `render` understands.
    """
    device = torch.device(plan.device)
    record: dict[str, Any] = {
        "plan": plan.name,
        "cap": plan.cap,
        "budget": plan.budget,
        "machine": conditions(plan.device),
        "step": network_step(device, choose_precision("auto", device)),
        "trained": measure_trained(plan, rows),
        "geometries": {},
    }
    write_record(record, plan)
    for name in plan.datasets:
        record["geometries"][name] = measure_geometry(name, plan, architecture or Architecture(), rows)
        write_record(record, plan)
    record["picture"] = draw_figure_8(plan)
    write_record(record, plan)
    return record


def write_record(record: dict[str, Any], plan: Plan) -> None:
    """Write what has been measured so far."""
    plan.results.mkdir(exist_ok=True)
    path = plan.results / f"pipeline_speed_{plan.device}.json"
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def measure_trained(plan: Plan, rows: Sequence[Variant]) -> dict[str, Any]:
    """Run the trained model over frames it never saw, and score them.

    Seven frames before those that count fill the first window of the published schedule. Of a real movie they
    lie in the gap between what the model was chosen on and what is held out.
    """
    before = WINDOW - 1
    with tempfile.TemporaryDirectory() as folder:
        if plan.data is None:
            frames = (before, before + plan.frames)
            subject = Subject(MODEL, simulate(MODEL, Path(folder), frames[1]), None, simulated=True)
        else:
            begin, end = load_dataset_config(MODEL).blocks[SEQUENCE].held_out
            frames = (begin, min(end, begin + plan.frames))
            path = plan.data / MODEL / SEQUENCE
            subject = Subject(MODEL, path, (begin - before, frames[1]), simulated=False)
        return {
            "model": MODEL,
            "movie": "simulated" if plan.data is None else f"{MODEL}/{SEQUENCE}",
            "frames": frames,
            "rows": [run(row, subject, plan, before, None) for row in rows],
        }


def measure_geometry(
    name: str, plan: Plan, architecture: Architecture, rows: Sequence[Variant]
) -> dict[str, Any]:
    """Time a network without trained weights at the size that was published for a dataset."""
    published = load_dataset_config(name).published
    frames = max(plan.frames, WINDOW + plan.pairs, 2 + CHEAPER * plan.pairs)
    with tempfile.TemporaryDirectory() as folder:
        subject = Subject(name, simulate(name, Path(folder), frames), None, True, untrained=architecture)
        measured = [
            run(row, subject, plan, WINDOW - 1, plan.pairs)
            if row.schedule == "published"
            else run(row, subject, plan, 0, 1 + CHEAPER * plan.pairs)
            for row in rows
        ]
        return {"shape": published.network_size, "tiles": published.tiles, "rows": measured}


def run(variant: Variant, subject: Subject, plan: Plan, start: int, pairs: int | None) -> dict[str, Any]:
    """Measure a row in a process of its own; `start` and `pairs` are those of `VariantOnMovie`."""
    # What sees every frame once goes through all of them: the first ones do not count.
    budget = plan.budget if variant.schedule == "published" else math.inf
    work = VariantOnMovie(variant, subject, plan.device, start, pairs, budget)
    row = {"variant": variant.name, **measure_process(work, plan.cap, repeats=1).row()}
    for repeated in ("min", "median", "runs"):  # of the process as a whole; the stages say more
        row.pop(repeated, None)
    print(
        f"{subject.dataset}: {variant.name}: {row['status']} {row.get('total', row.get('error', ''))}",
        flush=True,
    )
    return row


if __name__ == "__main__":
    main()
