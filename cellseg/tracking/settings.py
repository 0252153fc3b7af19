"""What the linker may be told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LinkerSettings:
    """Parameters of `solve_lineage`.

    Attributes
    ----------
    min_overlap : float
        Least intersection over union for two masks to be the same cell (specification, section 5.6).
    parent_min_overlap : float
        Least intersection over union of a mother's bounding box with the box around both daughters.
    parent_search_frames : int
        How many frames before a daughter's first one her mother may have been seen last.
    false_split_max_life : int
        A daughter that lives no longer (frames) and ends inside her sister was never one: no division.
    max_gap : int
        Most frames in a row in which a cell may be missing and still be known again.
    min_track_length : int
        Shorter tracks (frames) without parent and daughters are removed; a daughter lives as long, or until
        the last frame.
    """

    min_overlap: float = 0.25
    parent_min_overlap: float = 0.15
    parent_search_frames: int = 2
    false_split_max_life: int = 10
    max_gap: int = 1
    min_track_length: int = 2

    def __post_init__(self) -> None:
        for name in ("min_overlap", "parent_min_overlap"):
            if not 0 < getattr(self, name) <= 1:
                raise ValueError(f"{name} is {getattr(self, name)}; it is a share in (0, 1]")
        for name, least in (
            ("parent_search_frames", 1),
            ("false_split_max_life", 0),
            ("max_gap", 0),
            ("min_track_length", 1),
        ):
            if getattr(self, name) < least:
                raise ValueError(f"{name} is {getattr(self, name)}; the least is {least}")
