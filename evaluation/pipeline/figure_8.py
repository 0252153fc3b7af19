"""The picture of the paper's Fig. 8: a frame, and its instances as published and by `infer`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellseg.ctc import mask_path, read_labels
from cellseg.video import open_video

from ..clustering.picture import save_picture
from .painted import simulate
from .plan import Plan
from .subject import Subject
from .variants import STEPS
from .work import Ran, VariantOnMovie

MODEL = "DIC-C2DH-HeLa"
FRAMES = 9


def draw_figure_8(plan: Plan) -> dict[str, Any]:
    """Run the first and the last variant on a simulated movie, and draw its last frame.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    dict
        `file` and number of `frames`.
    """
    name = f"pipeline_speed_{plan.device}.png"
    with tempfile.TemporaryDirectory() as folder:
        subject = Subject(MODEL, simulate(MODEL, Path(folder), FRAMES), None, simulated=True)
        panels = []
        with open_video(subject.movie) as video:
            number, digits = video.frame_numbers[-1], video.digits
            panels.append(("frame", video.frame(FRAMES - 1)))
        for title, variant in (("published schedule, payer", STEPS[0]), ("infer", STEPS[-1])):
            work = VariantOnMovie(variant, subject, plan.device)
            ran: Ran = work.prepare()()
            labels = read_labels(mask_path(ran.result, number, digits))
            panels.append((f"{title}: {work.describe(ran)['total']:.3g} s a frame", labels))
    _draw(panels, plan.results / name)
    return {"file": name, "frames": FRAMES}


def _draw(panels: list[tuple[str, NDArray[Any]]], path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 4.3), layout="constrained")
    colours = np.random.default_rng(0).uniform(0.25, 1, (len(np.unique(panels[-1][1])) + 99, 3))
    colours[0] = 0
    for axis, (title, image) in zip(figure.subplots(1, len(panels)), panels, strict=True):
        is_frame = title == "frame"
        axis.imshow(image if is_frame else colours[image % len(colours)], cmap="gray")
        axis.set_title(title, fontsize=10)
        axis.set_axis_off()
    save_picture(figure, path)
