"""Every method on data sets of growing size."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .data import Dataset
from .methods import METHODS, MethodOnData
from .plan import Plan
from .process import measure

NOT_RUN = {"status": "not run"}
"""Row of a method that had not enough time or memory for fewer points."""


def race(datasets: Iterable[Dataset], methods: Iterable[str], plan: Plan) -> list[dict[str, Any]]:
    """Measure every method on every data set it is for, each time in a fresh process.

    Parameters
    ----------
    datasets : iterable of Dataset
        The smallest first. A method that exceeds time or memory is not run on those that follow.
    methods : iterable of str
        Keys of `METHODS`.
    plan : Plan

    Returns
    -------
    list of dict
        For each data set and method: `method`, `dataset`, `points`, `dimensions`, and `Outcome.row()`.
    """
    rows = []
    left = list(methods)
    with tempfile.TemporaryDirectory() as folder:
        for dataset in datasets:
            path = dataset.save(Path(folder))
            for name in methods:
                if not _is_for(name, dataset):
                    continue
                row = run_method(name, dataset, path, plan, plan.cap) if name in left else dict(NOT_RUN)
                if row["status"] in ("over the cap", "overflow"):
                    left.remove(name)
                points, dimensions = dataset.vectors.shape
                place = {
                    "method": name,
                    "dataset": dataset.name,
                    "points": points,
                    "dimensions": dimensions,
                }
                rows.append({**place, **row})
                print(f"{dataset.name}: {name}: {row['status']} {row.get('median', '')}", flush=True)
            path.unlink()
    return rows


def run_method(name: str, dataset: Dataset, path: Path, plan: Plan, cap: float) -> dict[str, Any]:
    """Measure one method on one data set.

    Parameters
    ----------
    name : str
        A key of `METHODS`.
    dataset : Dataset
    path : Path
        Where it was saved.
    plan : Plan
    cap : float
        Seconds that a run may take.

    Returns
    -------
    dict
        `Outcome.row()`.
    """
    device = plan.device if METHODS[name].uses_device else "cpu"
    work = MethodOnData(name, path, dataset.bandwidth, dataset.metric, dataset.clusters, device)
    return measure(work, cap, plan.repeats).row()


def _is_for(name: str, dataset: Dataset) -> bool:
    method = METHODS[name]
    fits = method.dimensions is None or dataset.vectors.shape[1] in method.dimensions
    return fits and dataset.metric in method.metrics
