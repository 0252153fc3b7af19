"""Pictures of a race: time and memory against the number of points."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .picture import save_picture


def draw_curves(rows: list[dict[str, Any]], path: Path) -> None:
    """Draw median seconds and peak MiB against the number of points, a curve for each method.

    Parameters
    ----------
    rows : list of dict
        What `race` returned. What was not done is not drawn.
    path : Path
        PNG file to write.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4.5), layout="constrained")
    axes = figure.subplots(1, 2)
    done = [row for row in rows if row["status"] == "done"]
    for axis, key, label in zip(axes, ("median", "peak_mib"), ("seconds", "peak memory, MiB"), strict=True):
        for method in dict.fromkeys(row["method"] for row in done):
            measured = [row for row in done if row["method"] == method and row[key]]
            style = {"linewidth": 3, "color": "black"} if method == "cellseg" else {}
            points, values = [row["points"] for row in measured], [row[key] for row in measured]
            axis.plot(points, values, marker="o", markersize=3, label=method, **style)
        axis.set(xscale="log", yscale="log", xlabel="points", ylabel=label)
        axis.grid(alpha=0.3)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside right upper", fontsize=8)
    save_picture(figure, path)
