"""Numbers as Markdown tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

LEGEND = """\
`> s`: not done after s seconds. `overflow`: more than 12 GiB, the memory of the papers' card. `not run`: not
enough time or memory for fewer points. `ARI`: adjusted Rand index against the truth, where below 0.995."""


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a Markdown table.

    Parameters
    ----------
    header : sequence of str
    rows : iterable of sequence

    Returns
    -------
    str
    """
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def number(value: float) -> str:
    """Write a number with three significant digits."""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:#.3g}".rstrip(".")


def count(points: int) -> str:
    """Write a number of points as the papers do: 200K."""
    if points % 1_000_000 == 0:
        return f"{points // 1_000_000}M"
    return f"{points // 1000}K" if points % 1000 == 0 else f"{points:,}"


def seconds(row: dict[str, Any]) -> str:
    """Write the median time of a row of `race`, or why there is none."""
    if row["status"] == "done":
        wrong = f" (ARI {row['ari']:.2f})" if row["ari"] < 0.995 else ""
        return number(row["median"]) + wrong
    if row["status"] == "over the cap":
        return f"> {row['cap']:g}"
    return str(row["status"])


def mebibytes(row: dict[str, Any]) -> str:
    """Write the peak memory of a row of `race`, or why there is none."""
    if row["status"] == "done" and row["peak_mib"] is not None:
        return number(row["peak_mib"]) if row["peak_mib"] >= 1 else "< 1"
    return "overflow" if row["status"] == "overflow" else ""


def race_tables(rows: list[dict[str, Any]], floor: dict[str, float] | None = None) -> str:
    """Write two tables of a race, seconds and MiB: a row for each method, a column for each data set.

    Parameters
    ----------
    rows : list of dict
        What `race` returned.
    floor : dict, optional
        Seconds that nothing can be faster than, by name of the data set.

    Returns
    -------
    str
    """
    datasets = list(dict.fromkeys((row["dataset"], row["points"]) for row in rows))
    by_place = {(row["method"], row["dataset"]): row for row in rows}
    methods = list(dict.fromkeys(row["method"] for row in rows))
    parts = []
    for title, write in (("seconds (median)", seconds), ("peak memory, MiB", mebibytes)):
        body = [
            [
                method,
                *(
                    write(by_place[method, name]) if (method, name) in by_place else ""
                    for name, _ in datasets
                ),
            ]
            for method in methods
        ]
        if floor and write is seconds:
            body.append(["*floor: one assignment*", *(number(floor[name]) for name, _ in datasets)])
        parts.append(table([title, *(count(points) for _, points in datasets)], body))
    return "\n\n".join(parts)
