"""All measures of one sequence together, and the benchmarks' overall scores made of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import isnan
from typing import Any

from cellseg.metrics.scorers import SegmentationScore, TrackingScore


@dataclass(frozen=True)
class Scores:
    """The measures of one result.

    Attributes
    ----------
    segmentation : SegmentationScore
        Against the gold truth.
    tracking : TrackingScore
        DET, TRA, LNK and the operation counts.
    silver : SegmentationScore or None
        SEG against the silver truth, where there is one.
    """

    segmentation: SegmentationScore
    tracking: TrackingScore
    silver: SegmentationScore | None = None

    @property
    def OP_CTB(self) -> float:
        """Overall performance in the Cell Tracking Benchmark: (SEG + TRA) / 2."""
        return (self.segmentation.SEG + self.tracking.TRA) / 2

    @property
    def OP_CSB(self) -> float:
        """Overall performance in the Cell Segmentation Benchmark: (SEG + DET) / 2."""
        return (self.segmentation.SEG + self.tracking.DET) / 2

    def as_dict(self) -> dict[str, Any]:
        """Measures by name, ready for JSON; an undefined measure is None.

        Returns
        -------
        dict
            SEG, DET, TRA, LNK, OP_CTB, OP_CSB, SEG_silver (only with silver truth); `operations`: NS, FN, FP,
            ED, EA, EC; `counts`: what was scored.
        """
        measures = {
            "SEG": self.segmentation.SEG,
            "DET": self.tracking.DET,
            "TRA": self.tracking.TRA,
            "LNK": self.tracking.LNK,
            "OP_CTB": self.OP_CTB,
            "OP_CSB": self.OP_CSB,
        }
        counts = {
            "frames": self.tracking.frames,
            "vertices": self.tracking.vertices,
            "edges": self.tracking.edges,
            "SEG_objects": self.segmentation.objects,
            "SEG_frames": self.segmentation.frames,
        }
        if self.silver is not None:
            measures["SEG_silver"] = self.silver.SEG
            counts |= {"SEG_silver_objects": self.silver.objects, "SEG_silver_frames": self.silver.frames}
        return {
            **{name: None if isnan(value) else value for name, value in measures.items()},
            "operations": asdict(self.tracking.operations),
            "counts": counts,
        }
