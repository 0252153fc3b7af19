"""The targets: ratios to peers on the same data, the distance from the floor, memory, and how time grows."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from cellseg.meanshift import Clusters, Osop, Patience, cluster

from .conditions import conditions
from .data import CLUSTERS, opposite_directions
from .floor import floor
from .methods import OURS
from .plan import Plan
from .process import measure as measure_process
from .race import run_method
from .tables import count, number, table

PEERS = (
    (20_000, "scikit-learn-mean-shift", 1000.0),
    (200_000, "published-faster-mean-shift", 200.0),
    (200_000, "payer", 20.0),
)
"""Points, peer, and how many times as fast as it we want to be."""
PASS_POINTS, MOST_PASSES = 200_000, 3.0
MEMORY_POINTS, MEMORY_SEEDS, MOST_MEGABYTES = 131_072, 512, 100.0
LAYOUTS: tuple[Literal["modes first", "points first"], ...] = ("modes first", "points first")


@dataclass(frozen=True)
class AssignmentPass:
    """One bare assignment of all points to known modes (`process.Work`).

    Attributes
    ----------
    path : Path
        Of the data set.
    layout : str
        `modes first` is (modes @ X.T).max(0), `points first` is (X @ modes.T).argmax(1).
    device : str
    """

    path: Path
    layout: Literal["modes first", "points first"]
    device: str

    def prepare(self) -> Callable[[], Tensor]:
        """Load the points, take the means of the true clusters for modes, and assign once."""
        with np.load(self.path) as file:
            vectors, truth = file["vectors"], file["truth"]
        means = np.array([vectors[truth == cluster].mean(axis=0) for cluster in range(truth.max() + 1)])
        points, modes = (torch.from_numpy(array).to(self.device) for array in (vectors, means))
        assign = partial(
            {"modes first": _modes_first, "points first": _points_first}[self.layout], points, modes
        )
        assign()
        return assign

    def describe(self, result: Tensor) -> dict[str, Any]:
        """Nothing but the time matters."""
        return {}


@dataclass(frozen=True)
class ManySeeds:
    """Our program with a fixed number of seeds (`process.Work`).

    Attributes
    ----------
    path : Path
        Of the data set.
    sample : int or None
        As `cluster` takes it.
    device : str
    """

    path: Path
    sample: int | None
    device: str

    def prepare(self) -> Callable[[], Clusters]:
        """Load the points, and cluster a few."""
        with np.load(self.path) as file:
            vectors = torch.from_numpy(file["vectors"]).to(self.device)
        run = partial(
            cluster, osop=Osop.fixed(MEMORY_SEEDS), sample=self.sample, patience=Patience(early_stop=1.0)
        )
        run(vectors[:MEMORY_SEEDS])
        return partial(run, vectors)

    def describe(self, result: Clusters) -> dict[str, Any]:
        """Tell what was found with how many seeds."""
        return {"clusters": len(result.modes), "seeds": result.foreground_seeds}


def measure(plan: Plan) -> dict[str, Any]:
    """Measure every target; ours and its peer on the same data, one after the other."""
    machine = conditions(plan.device)
    with tempfile.TemporaryDirectory() as folder:
        return {
            "machine": machine,
            "peers": [_ratio(*peer, Path(folder), plan) for peer in PEERS],
            "pass": _passes(Path(folder), plan, machine["gflops"]),
            "memory": _memory(Path(folder), plan),
            "growth": [_growth(points, Path(folder), plan) for points in plan.lengths],
        }


def render(record: dict[str, Any]) -> str:
    """Write the tables."""
    lines = [_peer_line(row) for row in record["peers"]]
    bare = record["pass"]
    lines.append(
        [
            f"clustering of {count(PASS_POINTS)} points, in bare assignment passes",
            f"{number(1000 * bare['ours']['min'])} ms",
            f"{number(1000 * bare['pass_seconds'])} ms ({bare['layout']})",
            f"{bare['ratio']:.2f}",
            f"<= {MOST_PASSES:g}",
            _yes(bare["ratio"] <= MOST_PASSES),
        ]
    )
    for name, row in record["memory"].items():
        megabytes = row["peak_mib"] * 2**20 / 1e6
        lines.append(
            [
                f"memory: {MEMORY_POINTS:,} points, {MEMORY_SEEDS} seeds, {name}",
                f"{megabytes:.1f} MB",
                "",
                "",
                f"< {MOST_MEGABYTES:g} MB",
                _yes(megabytes < MOST_MEGABYTES),
            ]
        )
    growth = [
        [
            count(row["points"]),
            number(1000 * row["min"]),
            number(1e9 * row["min"] / row["points"]),
            number(row["peak_mib"]),
        ]
        for row in record["growth"]
        if row["status"] == "done"
    ]
    cost = bare["floor"]
    return f"""### Targets (re-measured, simulated)

10 clusters of 18-D vectors as in cosine Table I; the least of several runs, ours and its peer one after the
other on the same data, each in a fresh process. A peer that was stopped at its cap gives a ratio that is at
least as printed.

{table(["target", "cellseg", "peer", "ratio", "wanted", "reached"], lines)}

One bare pass takes {cost["flop"] / 1e6:.0f} MFLOP ({number(1000 * cost["seconds"])} ms at the rate of a large
matrix product) and moves at least {cost["bytes"] / 1e6:.1f} MB. The other layout takes
{number(1000 * bare["other_seconds"])} ms.

How time grows:

{table(["points", "ms", "ns per point", "peak memory, MiB"], growth)}"""


def _ratio(points: int, peer: str, wanted: float, folder: Path, plan: Plan) -> dict[str, Any]:
    dataset = opposite_directions(points)
    path = dataset.save(folder)
    ours, theirs = (run_method(name, dataset, path, plan, plan.peer_cap) for name in (OURS, peer))
    row: dict[str, Any] = {"points": points, "peer": peer, "wanted": wanted, "ours": ours, "theirs": theirs}
    if ours["status"] == "done" and theirs["status"] in ("done", "over the cap"):
        row["ratio"] = theirs.get("min", theirs.get("cap")) / ours["min"]
    print(f"{peer}, {points} points: {row.get('ratio')}", flush=True)
    return row


def _passes(folder: Path, plan: Plan, gflops: float) -> dict[str, Any]:
    dataset = opposite_directions(PASS_POINTS)
    path = dataset.save(folder)
    ours = run_method(OURS, dataset, path, plan, plan.peer_cap)
    seconds = {
        layout: measure_process(AssignmentPass(path, layout, plan.device), plan.peer_cap, plan.repeats).row()[
            "min"
        ]
        for layout in LAYOUTS
    }
    faster, slower = sorted(LAYOUTS, key=lambda layout: seconds[layout])
    ratio = ours["min"] / seconds[faster]
    print(f"whole clustering in bare passes: {ratio}", flush=True)
    return {
        "ours": ours,
        "layout": faster,
        "pass_seconds": seconds[faster],
        "other_seconds": seconds[slower],
        "ratio": ratio,
        "floor": floor(PASS_POINTS, dataset.vectors.shape[1], CLUSTERS, gflops),
    }


def _memory(folder: Path, plan: Plan) -> dict[str, Any]:
    path = opposite_directions(MEMORY_POINTS).save(folder)
    works = {
        "climbing on all points": ManySeeds(path, None, plan.device),
        "climbing on a sample": ManySeeds(path, 4096, plan.device),
    }
    return {name: measure_process(work, plan.peer_cap, plan.repeats).row() for name, work in works.items()}


def _growth(points: int, folder: Path, plan: Plan) -> dict[str, Any]:
    dataset = opposite_directions(points)
    path = dataset.save(folder)
    row = {"points": points, **run_method(OURS, dataset, path, plan, plan.peer_cap)}
    path.unlink()
    print(f"{points} points: {row['status']} {row.get('min')}", flush=True)
    return row


def _peer_line(row: dict[str, Any]) -> list[str]:
    what, wanted = f"{row['peer']}, {count(row['points'])} points", f">= {row['wanted']:g}"
    ours, theirs = row["ours"], row["theirs"]
    if "ratio" not in row:
        return [what, ours["status"], theirs["status"], "", wanted, "not known"]
    reached = row["ratio"] >= row["wanted"]
    milliseconds, ratio = f"{number(1000 * ours['min'])} ms", number(row["ratio"])
    if theirs["status"] == "done":
        return [what, milliseconds, f"{number(theirs['min'])} s", ratio, wanted, _yes(reached)]
    # What was stopped at its cap may be slow enough, but has not shown it.
    known = "yes" if reached else "not known"
    return [what, milliseconds, f"> {theirs['cap']:g} s", f"> {ratio}", wanted, known]


def _yes(reached: bool) -> str:
    return "yes" if reached else "no"


def _modes_first(points: Tensor, modes: Tensor) -> Tensor:
    return (modes @ points.T).max(0).indices


def _points_first(points: Tensor, modes: Tensor) -> Tensor:
    return (points @ modes.T).argmax(1)
