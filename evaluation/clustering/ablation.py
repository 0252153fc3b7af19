"""What each part of the method adds: time, instances missed, and the scores of a movie."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from cellseg.config import Settings, load_dataset_config, override
from cellseg.ctc import evaluate
from cellseg.device import choose_precision
from cellseg.meanshift import Osop
from cellseg.pipeline import infer
from cellseg.rshn import Model
from cellseg.video import open_video

from ..blind import load_blind_model
from .conditions import conditions
from .pairs import PairVectors, drifting_pairs, save_pairs
from .plan import Plan
from .process import measure as measure_process
from .real_embeddings import MODEL, RANDOM_SEEDS, SEQUENCE, movie, real_pairs, unseen
from .tables import number, table
from .walk import STEPS, Step, Walk

SIMULATED_PAIRS = 20
EXACT = replace(STEPS[0], name="2,000 seeds on all points", osop=Osop.fixed(RANDOM_SEEDS))
"""Exact mean-shift once more, with other seeds: it misses some modes of itself."""


def measure(plan: Plan) -> dict[str, Any]:
    """Add one part after the other, on simulated embeddings, on those of a trained model, and in `infer`."""
    machine = conditions(plan.device)
    simulated = _rows(drifting_pairs(SIMULATED_PAIRS), STEPS, plan)
    device = torch.device(plan.device)
    model = load_blind_model(MODEL, device, choose_precision("auto", device))
    with tempfile.TemporaryDirectory() as folder:
        path = movie(plan, Path(folder), max(plan.frames, plan.pairs + 1))
        real = _rows(real_pairs(path, unseen(plan), model, plan.pairs), (*STEPS, EXACT), plan)
        scores = [_scores(path, model, step, plan) for step in STEPS[:-1]]
    return {
        "machine": machine,
        "movie": "simulated" if plan.data is None else f"{MODEL}/{SEQUENCE}",
        "frames": unseen(plan) or (0, plan.frames),
        "simulated": simulated,
        "real": real,
        "scores": scores,
    }


def render(record: dict[str, Any]) -> str:
    """Write the tables."""
    movie_name = "a simulated movie" if record["movie"] == "simulated" else record["movie"]
    begin, end = record["frames"]
    scores = [
        [row["step"], f"{row['SEG']:.3f}", f"{row['TRA']:.3f}", number(row["milliseconds"])]
        for row in record["scores"]
    ]
    return f"""### What each part adds (simulated embeddings, {movie_name})

Each line has a part more than the one above; the third is the papers' method. Pairs of frames are clustered
one after the other, the state of the seed policy handed on.

Simulated embeddings, 30,000 vectors a pair in 16 dimensions, 20 instances of unequal sizes, one of them 20
times smaller than the median, directions that drift from pair to pair:

{_step_table(record["simulated"])}

Embeddings that the model {MODEL} makes of {movie_name}; seeds are spread over squares of the image from the
first line on. Missed are those modes of exact mean-shift from 2,000 seeds that are large enough for an
instance; the last line is exact mean-shift with other seeds:

{_step_table(record["real"])}

`infer` on {movie_name}, frames {begin}-{end - 1}, with the same parts (warm start is none of its settings):

{table(["", "SEG", "TRA", "clustering, ms per pair"], scores)}"""


def _rows(pairs: list[PairVectors], steps: Sequence[Step], plan: Plan) -> list[dict[str, Any]]:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        save_pairs(pairs, Path(folder))
        for step in steps:
            outcome = measure_process(Walk(Path(folder), step, plan.device), plan.peer_cap, plan.repeats)
            rows.append({"step": step.name, **outcome.row()})
            print(f"{len(pairs)} pairs: {step.name}: {outcome.status} {outcome.found}", flush=True)
    return rows


def _step_table(rows: list[dict[str, Any]]) -> str:
    lines = []
    for row in rows:
        if row["status"] != "done":
            lines.append([row["step"], row["status"], *[""] * 5])
            continue
        lines.append(
            [
                row["step"],
                number(1000 * row["median"] / row["pairs"]),
                number(row["peak_mib"]) if row["peak_mib"] is not None else "",
                f"{row['missed']} of {row['wanted']}",
                number(row["seeds"]),
                number(row["iterations"]),
                number(row["uncovered"]),
            ]
        )
    header = ["", "ms per pair", "peak memory, MiB", "missed", "seeds", "iterations", "uncovered vectors"]
    return table(header, lines)


def _scores(path: Path, model: Model, step: Step, plan: Plan) -> dict[str, Any]:
    """Segment and track a movie, its held-out block if it is a real one, and score the result."""
    frames = unseen(plan)
    settings = override(_settings(plan), assignments(step))
    with tempfile.TemporaryDirectory() as folder, open_video(path, frames) as video:
        result = Path(folder) / f"{SEQUENCE}_RES"
        infer(video, model, settings, result)
        record = json.loads((result / "run.json").read_text(encoding="utf-8"))
        scores = evaluate(result, path.with_name(f"{SEQUENCE}_GT"), frames=frames).scores.as_dict()
    row = {
        "step": step.name,
        "SEG": scores.get("SEG_silver", scores["SEG"]),
        "TRA": scores["TRA"],
        "milliseconds": 1000 * record["seconds"]["clustering"] / max(1, len(video) - 1),
    }
    print(json.dumps(row), flush=True)
    return row


def _settings(plan: Plan) -> Settings:
    settings = load_dataset_config(MODEL).settings()
    # The truth of a simulated movie is complete up to the border of the image.
    return override(settings, ["linker.border=0"]) if plan.data is None else settings


def assignments(step: Step) -> list[str]:
    """Give what `--set` takes to make `infer` cluster by a step, warm start apart.

    Parameters
    ----------
    step : Step

    Returns
    -------
    list of str
    """
    chosen = {
        "initial_seeds": step.osop.seeds,
        "converged_share": step.patience.early_stop,
        "sample": step.sample,
        "max_uncovered": step.max_uncovered,
    }
    if step.osop.rule == "fixed":
        # A policy that hardly wants anything to be hit keeps to the seeds it begins with.
        chosen |= {"probability": 1e-300, "seed_excess": 1e9}
    return [f"clustering.{key}={json.dumps(value)}" for key, value in chosen.items()]
