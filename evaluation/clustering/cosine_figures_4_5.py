"""Zhao et al. 2021, Fig. 4 and 5: how often a clustering fails with N seeds, and what eq. 14 promises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from cellseg.meanshift import Osop, Patience, cluster

from .conditions import conditions
from .data import Dataset, directions_in_the_plane
from .picture import save_picture
from .plan import Plan
from .tables import table
from .wanted import missed

SEEDS = (8, 16, 32, 48, 64, 96, 128, 192)
INSTANCES = {"a": 10, "b": 7, "c": 3}
"""I of each data set."""
FOREGROUND = {"a": 1.0, "b": 0.5, "c": 0.5}
"""r of each data set."""
PICTURE = "clustering_cosine_figures_4_5"


def measure(plan: Plan) -> dict[str, Any]:
    """Cluster three sets of 1,500 points again and again, with ever more seeds, and with the whole method."""
    machine = conditions(plan.device)
    datasets = {name: directions_in_the_plane(name) for name in INSTANCES}
    rows = []
    for name, dataset in datasets.items():
        vectors = torch.from_numpy(dataset.vectors).to(plan.device)
        wanted = instance_modes(dataset, INSTANCES[name]).to(plan.device)
        for seeds in SEEDS:
            failed = sum(_fails(vectors, wanted, seeds, trial) for trial in range(plan.trials))
            rows.append(
                {
                    "dataset": name,
                    "seeds": seeds,
                    "failed": failed / plan.trials,
                    "promised": 1 - Osop.coverage(seeds, FOREGROUND[name], INSTANCES[name]),
                }
            )
        failed = sum(_fails(vectors, wanted, None, trial) for trial in range(plan.trials))
        rows.append({"dataset": name, "seeds": None, "failed": failed / plan.trials})
        print(f"{name}: {rows[-1]['failed']} of the whole method's clusterings fail", flush=True)
    picture = f"{PICTURE}_{plan.device}.png"
    _draw(datasets, rows, plan.results / picture)
    return {"machine": machine, "trials": plan.trials, "rows": rows, "picture": picture}


def render(record: dict[str, Any]) -> str:
    """Write the table."""
    lines = []
    for seeds in (*SEEDS, None):
        line = ["whole method" if seeds is None else seeds]
        for row in (row for row in record["rows"] if row["seeds"] == seeds):
            promised = "" if seeds is None else f" ({100 * row['promised']:.1f})"
            line.append(f"{100 * row['failed']:.1f}{promised}")
        lines.append(line)
    return f"""### Cosine Fig. 4 and 5: failed clusterings (re-measured, simulated)

1,500 points in the plane, h = 0.1. A: 10 equal clusters, sd 0.02. B: 7 instances, sd 0.005, and a background
of half of the points. C: 3 instances, sd 0.01, and the same background. Per cent of
{record["trials"]} clusterings that miss an instance, and in brackets what eq. 14 promises for N seeds on all
points, r = 1, 0.5 and 0.5. "Whole method": as `cluster` is called by default, seed policy and residual rounds
included.

{table(["seeds N", "A", "B", "C"], lines)}

![the data, and the share that fails](results/{record["picture"]})"""


def instance_modes(dataset: Dataset, instances: int) -> Tensor:
    """Give the mean of each instance, (I, D); the background behind the last one is left out."""
    means = [dataset.vectors[dataset.truth == instance].mean(axis=0) for instance in range(instances)]
    return torch.from_numpy(np.array(means))


def _fails(vectors: Tensor, wanted: Tensor, seeds: int | None, trial: int) -> bool:
    rng = np.random.default_rng(trial)
    if seeds is None:
        found = cluster(vectors, 0.1, rng=rng)
    else:
        found = cluster(
            vectors,
            0.1,
            osop=Osop.fixed(seeds),
            rng=rng,
            sample=None,
            max_uncovered=None,
            patience=Patience(early_stop=1.0),
        )
    return missed(found.modes, wanted, 0.1) > 0


def _draw(datasets: dict[str, Dataset], rows: list[dict[str, Any]], path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 6), layout="constrained")
    axes = figure.subplots(2, 3)
    for (name, dataset), above, below in zip(datasets.items(), axes[0], axes[1], strict=True):
        above.scatter(*dataset.vectors.T, c=dataset.truth, cmap="tab10", s=2)
        above.set(title=name.upper(), aspect="equal")
        fixed = [row for row in rows if row["dataset"] == name and row["seeds"] is not None]
        seeds = [row["seeds"] for row in fixed]
        below.plot(seeds, [row["promised"] for row in fixed], "k--", label="1 - P of eq. 14")
        below.plot(seeds, [row["failed"] for row in fixed], "o-", markersize=3, label="measured")
        below.set(xlabel="seeds", ylabel="share that fails", xscale="log")
        below.legend()
    save_picture(figure, path)
