"""You et al. 2021, Table I and Fig. 4: time and memory of every method against the number of points."""

from __future__ import annotations

from typing import Any

from .conditions import conditions
from .curves import draw_curves
from .data import CLUSTERS, blobs
from .floor import floor
from .methods import METHODS, OURS
from .plan import Plan
from .race import race
from .tables import LEGEND, race_tables

PICTURE = "clustering_euclidean_table_1"


def measure(plan: Plan) -> dict[str, Any]:
    """Race all methods on 10 blobs in the plane, and those on grids once more in space."""
    machine = conditions(plan.device)
    rows = race((blobs(points, 2) for points in plan.sizes), plan.methods or tuple(METHODS), plan)
    picture = f"{PICTURE}_{plan.device}.png"
    draw_curves(rows, plan.results / picture)
    floors = {
        f"euclidean-2d-{points}": floor(points, 2, CLUSTERS, machine["gflops"]) for points in plan.sizes
    }
    in_space = race((blobs(points, 3) for points in plan.sizes), (OURS, "mean-shift++", "grid-shift"), plan)
    return {
        "machine": machine,
        "rows": rows,
        "rows_in_space": in_space,
        "floor": floors,
        "picture": picture,
    }


def render(record: dict[str, Any]) -> str:
    """Write the tables."""
    floors = {name: cost["seconds"] for name, cost in record["floor"].items()}
    return f"""### Euclidean Table I, Fig. 4: time and memory (re-measured, simulated)

10 blobs in the plane, sd 0.1, at least 1 apart, h = 0.4 (centres and h are our choice).

{race_tables(record["rows"], floors)}

The same in space:

{race_tables(record["rows_in_space"])}

{LEGEND}

Published, on half a K80, 200K points: 338.7 s (CPU), 29.5 s (GPU-H), 6.97 s (GPU-P), 2.418 s (theirs). The
published program prunes modes by their cosine distance: blobs in one direction from the origin become one.

![time and memory](results/{record["picture"]})"""
