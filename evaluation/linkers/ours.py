"""The linkers of this repository."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from cellseg.tracking import LinkerSettings, solve_lineage
from evaluation.linkers.linked import Linked
from evaluation.linkers.movie import Masks


@dataclass(frozen=True)
class Ours:
    """As `cellseg link` runs it, or the greedy one of Payer et al. 2019."""

    name: str
    settings: str
    linker: LinkerSettings = field(default_factory=LinkerSettings)
    by_tables: bool = True

    def absent(self) -> None:
        """Say that nothing is missing."""

    def load(self) -> None:
        """Load nothing: all is there."""

    def link(self, masks: Masks) -> Linked:
        """Solve the lineage; missing and merged cells are drawn when a frame is asked for."""
        (height, width), border = masks.shape, masks.border
        field_of_interest = border, border, height - border, width - border
        lineage = solve_lineage(masks.objects, masks.overlaps, self.linker, field_of_interest)
        return Linked(lineage.tracks, partial(masks.draw, lineage))


GLOBAL = Ours("cellseg", "defaults")
PUBLISHED = Ours(
    "published greedy",
    "chains and parents by overlap (Payer et al. 2019), intersection over union of at least 0.25",
    LinkerSettings(method="published"),
)
