"""All measures of one sequence together, and the benchmarks' overall scores made of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import isnan
from typing import Any

from cellseg.metrics.divisions import TOLERANCES
from cellseg.metrics.scorers import SegmentationScore, TrackingScore


@dataclass(frozen=True)
class Scores:
    """The measures of one result.

    Attributes
    ----------
    segmentation : SegmentationScore
        Against the gold truth.
    tracking : TrackingScore
        DET, TRA, LNK, the operation counts and the biological measures.
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

    def OP_CLB(self, tolerance: int) -> float:
        """Overall performance in the Cell Linking Benchmark: (LNK + BIO(i)) / 2."""
        return (self.tracking.LNK + self.tracking.biology.BIO(tolerance)) / 2

    @property
    def measures(self) -> dict[str, float]:
        """Every measure by its name, undefined ones NaN; `SEG_silver` only with silver truth.

        BC, BIO and OP_CLB are there for every tolerance i: `BC(0)`, ..., `OP_CLB(3)`.
        """
        tracking, biology = self.tracking, self.tracking.biology
        silver = {} if self.silver is None else {"SEG_silver": self.silver.SEG}
        return {
            "SEG": self.segmentation.SEG,
            **silver,
            "DET": tracking.DET,
            "TRA": tracking.TRA,
            "LNK": tracking.LNK,
            "CT": biology.CT,
            "TF": biology.TF,
            **{f"BC({i})": biology.BC(i) for i in TOLERANCES},
            "CCA": biology.CCA,
            **{f"BIO({i})": biology.BIO(i) for i in TOLERANCES},
            "OP_CTB": self.OP_CTB,
            "OP_CSB": self.OP_CSB,
            **{f"OP_CLB({i})": self.OP_CLB(i) for i in TOLERANCES},
        }

    @property
    def undefined(self) -> dict[str, str]:
        """Why each undefined measure is undefined, as a clause; by its name."""
        return {name: self._reason(name) for name, value in self.measures.items() if isnan(value)}

    def _reason(self, name: str) -> str:
        match name.partition("(")[0]:
            case "SEG" | "SEG_silver":
                return "the ground truth outlines no object"
            case "DET" | "TRA":
                return "the ground truth has no object"
            case "LNK":
                return "the ground truth has no link"
            case "CT" | "TF" | "BIO":
                return "the ground truth has no track"
            case "BC":
                return "the ground truth has no division"
            case "CCA":
                return "the ground truth has no complete cell cycle, from a division to a division"
            case _:
                parts = {"OP_CTB": ("SEG", "TRA"), "OP_CSB": ("SEG", "DET")}.get(name, ("LNK", "BIO(0)"))
                missing = [part.partition("(")[0] for part in parts if isnan(self.measures[part])]
                return f"{' and '.join(missing)} {'are' if len(missing) > 1 else 'is'} undefined"

    def as_dict(self) -> dict[str, Any]:
        """Measures by name, ready for JSON.

        Returns
        -------
        dict
            `measures`, None where undefined; `undefined`: the reasons; `operations`: NS, FN, FP, ED, EA, EC;
            `counts`: what was scored.
        """
        biology = asdict(self.tracking.biology)
        del biology["TF"], biology["CCA"]
        biology["found_divisions"] = list(biology["found_divisions"])
        counts = {
            "frames": self.tracking.frames,
            "vertices": self.tracking.vertices,
            "edges": self.tracking.edges,
            "SEG_objects": self.segmentation.objects,
            "SEG_frames": self.segmentation.frames,
        }
        if self.silver is not None:
            counts |= {"SEG_silver_objects": self.silver.objects, "SEG_silver_frames": self.silver.frames}
        return {
            **{name: None if isnan(value) else value for name, value in self.measures.items()},
            "undefined": self.undefined,
            "operations": asdict(self.tracking.operations),
            "counts": counts | biology,
        }
