"""Embeddings of a trained model: time per pair of frames, and agreement with exact mean-shift."""

from __future__ import annotations

import tempfile
import time
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.metrics import adjusted_rand_score

from cellseg.device import choose_precision
from cellseg.meanshift import Clusters

from ..blind import load_blind_model
from .conditions import conditions
from .pairs import PairVectors, save_pairs
from .plan import Plan
from .process import measure as measure_process
from .real_embeddings import MODEL, RANDOM_SEEDS, SEQUENCE, exact, movie, real_pairs, unseen
from .tables import number, table
from .walk import BY_DEFAULT, OF_THE_PAPERS, Step, Walk, walk

COMPARED = {"`cluster` by default": BY_DEFAULT, "the papers' method": OF_THE_PAPERS}
"""What is compared with exact mean-shift."""
DRAWS = 20
"""Random seeds of ours for each pair."""
EXACT_RUNS = 4
"""Exact runs that are compared with each other for each pair."""


def measure(plan: Plan) -> dict[str, Any]:
    """Cluster the pairs of a movie with many random seeds, and compare with exact mean-shift."""
    machine = conditions(plan.device)
    device = torch.device(plan.device)
    model = load_blind_model(MODEL, device, choose_precision("auto", device))
    with tempfile.TemporaryDirectory() as folder:
        pairs = real_pairs(movie(plan, Path(folder), plan.pairs + 1), unseen(plan), model, plan.pairs)
    rows = [_exact_row(pair, index, plan) for index, pair in enumerate(pairs)]
    with tempfile.TemporaryDirectory() as folder:
        save_pairs(pairs, Path(folder))
        ours = {
            name: measure_process(Walk(Path(folder), step, plan.device), plan.peer_cap, plan.repeats).row()
            for name, step in COMPARED.items()
        }
    return {
        "machine": machine,
        "movie": "simulated" if plan.data is None else f"{MODEL}/{SEQUENCE}",
        "exact_from": "every point" if plan.every_point else f"{RANDOM_SEEDS:,} random seeds",
        "draws": DRAWS,
        "exact_runs": EXACT_RUNS,
        "pairs": rows,
        "ours": ours,
    }


def render(record: dict[str, Any]) -> str:
    """Write the table."""
    lines = []
    for name, time_row in record["ours"].items():
        values = [value for pair in record["pairs"] for value in pair["ours"][name]]
        pace = (
            number(1000 * time_row["median"] / time_row["pairs"])
            if time_row["status"] == "done"
            else time_row["status"]
        )
        lines.append([name, pace, f"{np.median(values):.4f}", f"{min(values):.4f}"])
    between = [value for pair in record["pairs"] for value in pair["between_exact"]]
    pace = number(1000 * float(np.median([pair["seconds_exact"] for pair in record["pairs"]])))
    lines.append(
        [f"exact, {RANDOM_SEEDS:,} random seeds", pace, f"{np.median(between):.4f}", f"{min(between):.4f}"]
    )
    points = float(np.median([pair["points"] for pair in record["pairs"]]))
    movie_name = "a simulated movie" if record["movie"] == "simulated" else record["movie"]
    return f"""### Embeddings of a trained model, against exact mean-shift

{len(record["pairs"])} pairs of consecutive frames of {movie_name}, embedded by the model {MODEL};
{points:,.0f} vectors in a typical pair. Adjusted Rand index over all of them: of {record["draws"]} random
draws of ours a pair against exact mean-shift from {record["exact_from"]}; in the last line, of
{record["exact_runs"]} exact runs a pair against each other.

{table(["", "ms per pair", "ARI, median", "ARI, minimum"], lines)}"""


def _exact_row(pair: PairVectors, index: int, plan: Plan) -> dict[str, Any]:
    """Compare our draws with exact mean-shift on one pair, and exact runs among themselves."""
    begin = time.perf_counter()
    first = exact(pair.vectors, RANDOM_SEEDS, seed=1)
    seconds = time.perf_counter() - begin
    runs = [first, *(exact(pair.vectors, RANDOM_SEEDS, seed) for seed in range(2, EXACT_RUNS + 1))]
    reference = exact(pair.vectors, len(pair.vectors), seed=0) if plan.every_point else first
    ours = {
        name: [_agreement(_drawn(pair, step, seed), reference) for seed in range(DRAWS)]
        for name, step in COMPARED.items()
    }
    row = {
        "pair": index,
        "points": len(pair.vectors),
        "modes_exact": len(reference.modes),
        "seconds_exact": seconds,
        "between_exact": [_agreement(a, b) for a, b in combinations(runs, 2)],
        "ours": ours,
    }
    print(f"pair {index}: " + str({name: min(values) for name, values in ours.items()}), flush=True)
    return row


def _drawn(pair: PairVectors, step: Step, seed: int) -> Clusters:
    (found,) = walk([pair], step, seed)
    return found


def _agreement(first: Clusters, second: Clusters) -> float:
    return float(adjusted_rand_score(first.labels.cpu().numpy(), second.labels.cpu().numpy()))
