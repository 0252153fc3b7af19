"""You et al. 2021, Fig. 3: six shapes of clusters, as in scikit-learn's comparison of clusterings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.cluster import estimate_bandwidth
from sklearn.datasets import make_blobs, make_circles
from sklearn.metrics import adjusted_rand_score
from sklearn.preprocessing import StandardScaler

from .conditions import conditions
from .methods import METHODS, OURS
from .picture import save_picture
from .plan import Plan
from .tables import table

POINTS = 1500
SHOWN = (OURS, "scikit-learn-mean-shift-binned", "k-means", "dbscan")
QUANTILE = 0.3
"""Of the distances that the bandwidth of mean-shift is estimated from, as in scikit-learn's comparison."""
NEIGHBOURHOOD = {"varied-variance blobs": 0.18, "anisotropic": 0.15}
"""DBSCAN's radius, as in scikit-learn's comparison; elsewhere 0.3."""
PICTURE = "clustering_euclidean_figure_3"


def distributions() -> dict[str, tuple[NDArray[np.float32], NDArray[np.int64] | None]]:
    """Draw 1,500 points of each of the six, scaled to unit variance.

    Returns
    -------
    dict
        By name: vectors (1500, 2), and the true clusters (1500,), None where there are none.
    """
    blobs, blob_truth = make_blobs(POINTS, random_state=8)
    large, large_truth = make_blobs(POINTS, cluster_std=2.5, random_state=8)
    varied, varied_truth = make_blobs(POINTS, cluster_std=(1.0, 2.5, 0.5), random_state=170)
    circles, circle_truth = make_circles(POINTS, factor=0.5, noise=0.05, random_state=30)
    long, long_truth = make_blobs(POINTS, random_state=170)
    square = np.random.default_rng(0).random((POINTS, 2))
    drawn = {
        "blobs": (blobs, blob_truth),
        "large-variance blobs": (large, large_truth),
        "varied-variance blobs": (varied, varied_truth),
        "uniform square": (square, None),
        "noisy circles": (circles, circle_truth),
        "anisotropic": (long @ np.array([[0.6, -0.6], [-0.4, 0.8]]), long_truth),
    }
    return {
        name: (StandardScaler().fit_transform(points).astype(np.float32), truth)
        for name, (points, truth) in drawn.items()
    }


def measure(plan: Plan) -> dict[str, Any]:
    """Cluster the six by four methods, and draw what they found."""
    rows, pictures = [], []
    for name, (points, truth) in distributions().items():
        window = float(estimate_bandwidth(points, quantile=QUANTILE))
        for method in SHOWN:
            bandwidth = NEIGHBOURHOOD.get(name, 0.3) if method == "dbscan" else window
            labels = (
                METHODS[method]
                .run(
                    points,
                    bandwidth,
                    metric="euclidean",
                    clusters=3,
                    device=torch.device(plan.device),
                )
                .labels
            )
            rows.append(
                {
                    "distribution": name,
                    "method": method,
                    "bandwidth": bandwidth,
                    "clusters": int(labels.max(initial=-1)) + 1,
                    "ari": None if truth is None else float(adjusted_rand_score(truth, labels)),
                }
            )
            pictures.append((name, method, points, labels))
    picture = f"{PICTURE}_{plan.device}.png"
    _draw(pictures, plan.results / picture)
    return {"machine": conditions(plan.device), "rows": rows, "picture": picture}


def render(record: dict[str, Any]) -> str:
    """Write the table."""
    by_place = {(row["distribution"], row["method"]): row for row in record["rows"]}
    lines = []
    for name in dict.fromkeys(row["distribution"] for row in record["rows"]):
        found = [by_place[name, method] for method in SHOWN]
        lines.append(
            [
                name,
                *(
                    f"{row['clusters']}" + ("" if row["ari"] is None else f" ({row['ari']:.2f})")
                    for row in found
                ),
            ]
        )
    return f"""### Euclidean Fig. 3: six shapes of clusters (re-measured, simulated)

1,500 points each. The bandwidth of mean-shift is scikit-learn's estimate, k-means is told k = 3, DBSCAN has
the radii of scikit-learn's comparison. Clusters found, and in brackets the adjusted Rand index against the
truth.

{table(["", *SHOWN], lines)}

![what each method found](results/{record["picture"]})"""


def _draw(pictures: list[tuple[str, str, NDArray[np.float32], NDArray[np.int64]]], path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 12), layout="constrained")
    axes = figure.subplots(len(pictures) // len(SHOWN), len(SHOWN))
    for axis, (name, method, points, labels) in zip(axes.flat, pictures, strict=True):
        noise = labels < 0
        axis.scatter(*points[noise].T, c="lightgrey", s=1)
        axis.scatter(*points[~noise].T, c=labels[~noise] % 10, cmap="tab10", vmin=0, vmax=9, s=1)
        axis.set(xticks=[], yticks=[])
        if axis.get_subplotspec().is_first_row():
            axis.set_title(method, fontsize=8)
        if axis.get_subplotspec().is_first_col():
            axis.set_ylabel(name, fontsize=8)
    save_picture(figure, path)
