"""Zhao et al. 2021, Table I, Fig. 6 and 7: time and memory of every method against the number of points."""

from __future__ import annotations

from typing import Any

from .conditions import conditions
from .curves import draw_curves
from .data import CLUSTERS, opposite_directions
from .floor import floor
from .methods import METHODS
from .plan import Plan
from .race import race
from .tables import LEGEND, race_tables

DIMENSIONS = 18
PICTURE = "clustering_cosine_table_1"


def measure(plan: Plan) -> dict[str, Any]:
    """Race all methods on 10 orthogonal or opposite clusters of 18-D vectors."""
    machine = conditions(plan.device)
    rows = race((opposite_directions(points) for points in plan.sizes), plan.methods or tuple(METHODS), plan)
    picture = f"{PICTURE}_{plan.device}.png"
    draw_curves(rows, plan.results / picture)
    floors = {
        f"cosine-{points}": floor(points, DIMENSIONS, CLUSTERS, machine["gflops"]) for points in plan.sizes
    }
    return {"machine": machine, "rows": rows, "floor": floors, "picture": picture}


def render(record: dict[str, Any]) -> str:
    """Write the tables."""
    floors = {name: cost["seconds"] for name, cost in record["floor"].items()}
    return f"""### Cosine Table I, Fig. 6 and 7: time and memory (re-measured, simulated)

10 clusters of 18-D vectors, centres orthogonal or opposite, sd 0.01, h = 0.1.

{race_tables(record["rows"], floors)}

{LEGEND}

The floor is the 2 n K D operations of comparing each point with each centre once, at the rate of a
large matrix product. k-means is told the number of clusters. scikit-learn's bin seeding gives up in 18
dimensions, where nearly every point has a bin of its own, and takes all points.

Published, on half a K80, 200K points: 446 s (CPU, which is `payer`), 32.6 s (GPU-H), 7.56 s and 10.2 GB
(GPU-P), 2.69 s and 1,766 MB (Faster Mean-shift).

![time and memory](results/{record["picture"]})"""
