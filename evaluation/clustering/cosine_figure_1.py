"""Zhao et al. 2021, Fig. 1: the embeddings of whole images, 256 x 256 x 18 and 512 x 512 x 18."""

from __future__ import annotations

from typing import Any

from .conditions import conditions
from .data import embedded_image
from .methods import OF_THE_PAPERS
from .plan import Plan
from .race import race
from .tables import LEGEND, race_tables

SIDES = (256, 512)


def measure(plan: Plan) -> dict[str, Any]:
    """Race the papers' methods on the simulated embeddings of two images."""
    machine = conditions(plan.device)
    return {
        "machine": machine,
        "rows": race(map(embedded_image, SIDES[: plan.images]), OF_THE_PAPERS, plan),
    }


def render(record: dict[str, Any]) -> str:
    """Write the tables."""
    return f"""### Cosine Fig. 1: embeddings of whole images (re-measured, simulated)

256 x 256 and 512 x 512 pixels, an 18-D vector each: 20 cells on a background, sd 0.03, h = 0.1.

{race_tables(record["rows"])}

{LEGEND}"""
