"""Trackastra: a transformer scores links in a window of frames, a greedy choice follows (Gallusser 2024)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.linkers.linked import Linked, from_links
from evaluation.linkers.movie import Masks


@dataclass
class Trackastra:
    """By the masks and the movie; where there is no movie, masks are its bright cells.

    Attributes
    ----------
    folder : Path or None
        Of its makers' model, which does not come with the package.
    """

    folder: Path | None = None
    name: str = "Trackastra"
    settings: str = "its makers' model; mode greedy, which lets cells divide; no gaps"
    by_tables: bool = False

    def absent(self) -> str | None:
        """Say why it cannot run here."""
        if not find_spec("trackastra"):
            return "not installed"
        return None if self.folder else "its trained model, a download, is not at hand (--trackastra FOLDER)"

    def load(self) -> None:
        """Load the model."""
        assert self._model is not None

    def link(self, masks: Masks) -> Linked:
        """Predict links and choose."""
        images = masks.images if masks.images is not None else (masks.labels > 0).astype(np.float32)
        graph, _ = self._model.track(images, masks.labels.astype(np.int32), mode="greedy")
        objects = masks.objects
        rows = {(int(t), int(label)): row for row, (t, label) in enumerate(objects[["frame", "id"]])}
        nodes = {node: rows[int(data["time"]), int(data["label"])] for node, data in graph.nodes(data=True)}
        return from_links(masks, [(nodes[a], nodes[b]) for a, b in graph.edges])

    @cached_property
    def _model(self) -> Any:
        from trackastra.model import Trackastra as Model

        return Model.from_folder(self.folder, device="cpu")
