"""What was wanted of the whole flow, and what was reached."""

from __future__ import annotations

from typing import Any

from ..clustering.tables import number, table
from .variants import STEPS

TIMES_AS_FAST = 100.0
"""As the published schedule with sequential mean-shift, on DIC-C2DH-HeLa."""
SHARE = 0.75
"""Of the rate of one convolution, in a step of the published network."""
END_TO_END = 1.25
"""Times the network's own seconds, with the published network."""
OUTSIDE = 0.015
"""Seconds outside the network for a frame of 512 x 512 pixels, with the trained network."""
DATASET = "DIC-C2DH-HeLa"


def targets(record: dict[str, Any]) -> str:
    """Write the table.

    Parameters
    ----------
    record : dict
        What `pipeline_speed.py` wrote.

    Returns
    -------
    str
    """
    step = record["step"]
    lines = [
        [
            f"a step of the published network in {step['precision']}, of one convolution's rate",
            f"{100 * step['share']:.0f} % of {number(step['convolution_gflops'])} GFLOP/s",
            f">= {100 * SHARE:g} %",
            _yes(step["share"] >= SHARE),
        ]
    ]
    tables = {"trained weights": record["trained"]["rows"]}
    if DATASET in record["geometries"]:
        tables["untrained 64 x 7 network"] = record["geometries"][DATASET]["rows"]
    for name, rows in tables.items():
        slow, alone, fast = (_row(rows, step.name) for step in (STEPS[0], *STEPS[-2:]))
        if slow["status"] == fast["status"] == "done":
            ratio = slow["total"] / fast["total"]
            lines.append(
                [
                    f"{DATASET}, {name}: times as fast as published",
                    number(ratio),
                    f">= {TIMES_AS_FAST:g}",
                    _yes(ratio >= TIMES_AS_FAST),
                ]
            )
        if not alone["status"] == fast["status"] == "done":
            continue
        # Of the row before: in `infer`, other stages have a share of the cores meanwhile.
        network = alone["stages"]["network"]
        if rows is tables["trained weights"]:
            outside = fast["total"] - network
            lines.append(
                [
                    f"{DATASET}, {name}: a frame of `infer` less the network alone",
                    f"{1000 * outside:.1f} ms",
                    f"<= {1000 * OUTSIDE:g} ms",
                    _yes(outside <= OUTSIDE),
                ]
            )
        else:
            ratio = fast["total"] / network
            lines.append(
                [
                    f"{DATASET}, {name}: a frame of `infer`, in seconds of the network alone",
                    f"{ratio:.2f}",
                    f"<= {END_TO_END:g}",
                    _yes(ratio <= END_TO_END),
                ]
            )
    return table(["target", "measured", "wanted", "reached"], lines)


def _row(rows: list[dict[str, Any]], variant: str) -> dict[str, Any]:
    (row,) = (row for row in rows if row["variant"] == variant)
    return row


def _yes(reached: bool) -> str:
    return "yes" if reached else "no"
