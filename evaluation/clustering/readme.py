"""Renders `evaluation/README.md` from the template and the records of all scripts."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..linkers.render import render as render_linking
from ..pipeline.render import render as render_pipeline
from ..scoring.render import render as render_scores
from . import EXPERIMENTS
from .plan import RESULTS

TEMPLATE = Path(__file__).with_name("template.md")
README = Path(__file__).parents[1] / "README.md"


def write_readme(results: Path = RESULTS, readme: Path = README) -> None:
    """Render all records there are, in the order of the experiments.

    Parameters
    ----------
    results : Path
        Folder of the records: `clustering_<experiment>_<device>.json`, `pipeline_speed_<device>.json`,
        `accuracy_<device>.json` and `linking.json`.
    readme : Path
        File to write.
    """
    parts = [TEMPLATE.read_text(encoding="utf-8").rstrip()]
    for name in EXPERIMENTS:
        experiment = importlib.import_module(f".{name}", __package__)
        parts += _of_all_devices(results, f"clustering_{name}", experiment.render)
    if flows := _of_all_devices(results, "pipeline_speed", render_pipeline):
        parts += ["## The whole flow", *flows]
    if scores := _of_all_devices(results, "accuracy", render_scores):
        parts += ["## Accuracy", *scores]
    if (path := results / "linking.json").is_file():
        record = json.loads(path.read_text(encoding="utf-8"))
        parts.append(f"## Linking given masks\n\n{render_linking(record, provenance)}")
    readme.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _of_all_devices(results: Path, name: str, render: Callable[[dict[str, Any]], str]) -> list[str]:
    """Render the records of a measurement, the CPU's first; the heading of another device's names it."""
    sections = []
    for path in sorted(results.glob(f"{name}_c*.json")):
        record = json.loads(path.read_text(encoding="utf-8"))
        heading, text = render(record).split("\n", 1)
        device = record["machine"]["device"]
        place = "" if device == "cpu" else f", {device}"
        sections.append(f"{heading}{place}\n{text}\n\n{provenance(record, path.name)}")
    return sections


def provenance(record: dict[str, Any], name: str) -> str:
    """Say on what, how and when it was busy with what a record was made."""
    machine = record["machine"]
    place = machine["device"] if machine["device"] != "cpu" else machine["processor"] or "CPU"
    cap = f", cap {record['cap']:g} s" if "cap" in record else ""
    plan = f"plan `{record['plan']}`{cap}; " if "plan" in record else ""
    load = "" if machine["load_average"] is None else f", load average {machine['load_average'][0]:.1f}"
    return (
        f"*{place}, {machine['threads']} threads{load}, {machine['gflops']:.0f} GFLOP/s in a float32 matrix "
        f"product of 1024^3; {plan}`results/{name}`.*"
    )
