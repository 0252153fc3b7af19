"""Saves pictures small enough for a repository."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = 32


def save_picture(figure: Figure, path: Path) -> None:
    """Write a figure as PNG with few colours.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    path : Path
    """
    from PIL import Image

    file = io.BytesIO()
    figure.savefig(file, dpi=64)
    with Image.open(file) as image:
        image.convert("RGB").quantize(COLOURS).save(path, optimize=True)
