"""Writes what was measured in Markdown."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from ..clustering.tables import number, table
from .targets import targets
from .variants import STEPS

HEADER = (
    "seconds a frame",
    "network",
    "floor",
    "clustering",
    "instances",
    "rest",
    "all",
    "gain",
    "peak memory, MiB",
    "frames",
)


def render(record: dict[str, Any]) -> str:
    """Write the section of a record.

    Parameters
    ----------
    record : dict
        What `pipeline_speed.py` wrote.

    Returns
    -------
    str
    """
    parts = [_introduction(record), _trained(record["trained"])]
    parts += [_geometry(name, geometry) for name, geometry in record["geometries"].items()]
    parts.append(f"#### Targets\n\n{targets(record)}")
    if "picture" in record:  # the last thing that is made
        parts.append(_figure_8(record["picture"]))
    return "\n\n".join(parts)


def _introduction(record: dict[str, Any]) -> str:
    return f"""### Cosine Table II: time, memory and scores of the whole flow

Rows: the published schedule (eight-frame windows from a zero state, tiles of 256 pixels, coordinates, labels
merged) in float32 (on a GPU as torch computes it by default) with each clusterer of the paper; then one step
after the other to `infer`, the program itself, whose stages work at the same time. All that follows the
labels is the same in every row: original size, tracks, lineage, files.

*network*: its seconds for one new frame, the first window being through; *floor*: its operations at the
rate of one 128 -> 128 convolution, 3 x 3, measured in the same process; *instances*: components, merge of
tiles, original size, tables; *rest*: reading, linking, writing; *all*: their sum, but for `infer` the time it
took in all, divided by its frames; *gain*: times as fast as the step before; *frames*: how many the row came
to; the published schedule began no further pair after {record["budget"]:g} s. `> s`: ended after s seconds.
Nothing is extrapolated.

Published, on half a K80, seconds a frame with sequential mean-shift, GPU-H and Faster Mean-shift:
DIC-C2DH-HeLa 25.58, 9.83, 2.74; Fluo-N2DH-GOWT1 115.32, 37.54, 11.24; Fluo-N2DH-SIM+ 88.74, 18.60, 11.72;
PhC-C2DH-U373 39.76, 10.81, 5.64. GPU-P exceeded 12 GB."""


def _trained(trained: dict[str, Any]) -> str:
    begin, end = trained["frames"]
    movie = "a simulated movie"
    if trained["movie"] != "simulated":
        movie = f"{trained['movie']}, frames {begin}-{end - 1}"
    return f"""#### The trained model on {movie}

The network of the model {trained["model"]}; SEG and TRA are over the *frames* of the row.

{_table(trained["rows"], scored=True)}"""


def _geometry(name: str, geometry: dict[str, Any]) -> str:
    height, width = geometry["shape"]
    tiles = f"{geometry['tiles']} tile" + "s" * (geometry["tiles"] > 1)
    return f"""#### {name}: {width} x {height} network pixels, {tiles}

The published network (64 filters, 7 levels) with random weights, for time alone: its embeddings are painted
from the cells of a simulated movie.{_overflow(geometry["rows"])}

{_table(geometry["rows"], scored=False)}"""


def _figure_8(picture: dict[str, Any]) -> str:
    return f"""#### Cosine Fig. 8 (re-measured, simulated)

The last of {picture["frames"]} frames of a simulated movie, and what the published schedule with sequential
mean-shift and `infer` make of it with the same weights.

![frame, published schedule, infer](results/{picture["file"]})"""


def _table(rows: list[dict[str, Any]], scored: bool) -> str:
    totals = {row["variant"]: row["total"] for row in rows if row["status"] == "done"}
    gains = {
        after.name: number(totals[before.name] / totals[after.name])
        for before, after in pairwise(STEPS)
        if before.name in totals and after.name in totals
    }
    first, last = STEPS[0].name, STEPS[-1].name
    if first in totals and last in gains:
        gains[last] += f" (in all {number(totals[first] / totals[last])})"
    with_nvml = any(row.get("nvml_mib") for row in rows)
    header = [*HEADER, *(("NVML, MiB",) if with_nvml else ()), *(("SEG", "TRA") if scored else ())]
    return table(header, [_line(row, gains, with_nvml, scored) for row in rows])


def _line(row: dict[str, Any], gains: dict[str, str], with_nvml: bool, scored: bool) -> list[str]:
    if row["status"] != "done":
        said = f"> {row['cap']:g}" if row["status"] == "over the cap" else row["status"]
        return [row["variant"], *[""] * 5, said, *[""] * (3 + with_nvml + 2 * scored)]
    stages = row["stages"]
    rest = stages["reading"] + stages["linking"] + stages["writing"]
    line = [
        row["variant"],
        number(stages["network"]),
        number(row["floor"]),
        number(stages["clustering"]),
        number(stages["instances"]),
        number(rest),
        number(row["total"]),
        gains.get(row["variant"], ""),
        "" if row["peak_mib"] is None else number(row["peak_mib"]),
        str(row["frames"]),
    ]
    if with_nvml:
        line.append(number(row["nvml_mib"]))
    if scored:
        line += [f"{row['SEG']:.3f}", f"{row['TRA']:.3f}"]
    return line


def _overflow(rows: list[dict[str, Any]]) -> str:
    """Say how large the tables of GPU-P are."""
    points = max((row.get("points") or 0 for row in rows), default=0)
    if points == 0:
        return ""
    gibibytes = 128 * points * 18 * 8 / 2**30
    return (
        f" The largest tile has {points:,} vectors in both\nframes; a table of 128 seeds x vectors x 18 "
        f"numbers, of which GPU-P writes out one at a time here, takes {gibibytes:.1f} GiB."
    )
