"""What the linker may be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class LinkerSettings:
    """Parameters of `solve_lineage`.

    Attributes
    ----------
    method : {"global", "published"}
        `global`: the likeliest of all lineages. `published`: chains of the largest overlaps and parents by
        overlap, for comparison (Payer et al. 2019).
    max_gap : int
        Most frames in a row in which a cell may be missing and still be known again.
    fill_gaps : bool
        Whether a cell is drawn where it was missing, so that its track goes on; if not, the track after the
        gap is the only child of the one before.
    max_repair : int
        Most frames in a row in which a cell that is in pieces is made whole, and cells that are merged are
        parted, where the frames before and after agree on it; 0 leaves all objects as they are.
    min_track_length : int
        Shorter tracks (frames) without parent and daughters are removed; a daughter lives as long, or until
        the last frame.
    min_overlap : float
        Of `published`: least intersection over union for two masks to be the same cell.
    """

    method: Literal["global", "published"] = "global"
    max_gap: int = 2
    fill_gaps: bool = True
    max_repair: int = 5
    min_track_length: int = 2
    min_overlap: float = 0.25

    def __post_init__(self) -> None:
        if self.method not in ("global", "published"):
            raise ValueError(f"method is {self.method!r}; there are 'global' and 'published'")
        if not 0 < self.min_overlap <= 1:
            raise ValueError(f"min_overlap is {self.min_overlap}; it is a share in (0, 1]")
        for name, least in (("max_gap", 0), ("max_repair", 0), ("min_track_length", 1)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} is {getattr(self, name)}; the least is {least}")
