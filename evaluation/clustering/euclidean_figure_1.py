"""You et al. 2021, Fig. 1: the colours of whole images, 512 x 512 x 3 and 1024 x 1024 x 3."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from .conditions import conditions
from .data import colour_image
from .methods import METHODS, OF_THE_PAPERS, OURS
from .plan import Plan
from .race import race
from .tables import LEGEND, race_tables

SIDES = (512, 1024)
PICTURE = "clustering_euclidean_figure_1"
PICTURE_SIDE = 128


def measure(plan: Plan) -> dict[str, Any]:
    """Race the papers' methods, and those on grids, on the colours of two simulated images."""
    machine = conditions(plan.device)
    methods = (*OF_THE_PAPERS, "mean-shift++", "grid-shift")
    rows = race(map(colour_image, SIDES[: plan.images]), methods, plan)
    picture = f"{PICTURE}_{plan.device}.png"
    _draw(plan.results / picture, torch.device(plan.device))
    return {"machine": machine, "rows": rows, "picture": picture}


def render(record: dict[str, Any]) -> str:
    """Write the tables."""
    return f"""### Euclidean Fig. 1: colours of whole images (re-measured, simulated)

512 x 512 and 1024 x 1024 pixels of five colours, sd 0.03 in a range of 1, h = 0.2.

{race_tables(record["rows"])}

{LEGEND}

![a simulated image, and each pixel in the colour of its mode](results/{record["picture"]})"""


def _draw(path: Path, device: torch.device) -> None:
    """Draw a small image beside itself in the colours of its modes."""
    from matplotlib.image import imsave

    image = colour_image(PICTURE_SIDE)
    found = METHODS[OURS].run(image.vectors, image.bandwidth, metric=image.metric, device=device)
    assert found.centres is not None
    halves = [
        colours.reshape(PICTURE_SIDE, PICTURE_SIDE, 3)
        for colours in (image.vectors, found.centres[found.labels])
    ]
    imsave(path, np.clip(np.hstack(halves), 0, 1))
