"""Writes the scores in Markdown, and draws Fig. 9."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..clustering.tables import number, table
from .embedded import EVERY_PIXEL, MOST_SEEDS, OURS, SAMPLE

MEASURES = ("SEG", "SEG_gold", "DET", "TRA", "LNK", "BC(1)", "CT", "TF")
PICTURE = "accuracy_seeds.png"


def render(record: dict[str, Any]) -> str:
    """Write the section of a record.

    Parameters
    ----------
    record : dict
        What `accuracy.py` wrote.

    Returns
    -------
    str
    """
    parts = [
        f"""### Every method on the same frames

The held-out block of each dataset (of Fluo-N2DH-SIM+, whose numbering has gaps, its longest run), which
neither weights nor thresholds were chosen on. SEG is against the silver truth of every frame where there is
one (SIM+: the exact truth); SEG_gold against the frames annotated by hand. All methods but the classical one
see the embeddings of the dataset's model, before it saw these frames (`models/README.md`), and share the
linker; they differ in how pixels become instances.
*Mean-shift from every pixel* is exact (of foregrounds of more than {MOST_SEEDS:,} pixels, so many of them are
seeds); HDBSCAN, DBSCAN and k-means see {SAMPLE:,} vectors of a pair, the others follow the nearest; k-means
is told the true number of instances. Seconds are those of segmentation for a frame; a dash: not defined in
this block."""
    ]
    parts += [_dataset(name, dataset) for name, dataset in record["datasets"].items()]
    absent = sorted({sentence for dataset in record["datasets"].values() for sentence in dataset["absent"]})
    if absent:
        parts.append(
            "Not in the tables: "
            + "; ".join(absent)
            + ". A result of theirs in the challenge's layout joins with "
            "`--result NAME=FOLDER`."
        )
    if any("seeds" in dataset for dataset in record["datasets"].values()):
        parts.append(_figure_9(record))
    return "\n\n".join(parts)


def _dataset(name: str, dataset: dict[str, Any]) -> str:
    begin, end = dataset["frames"]
    header = ["", *MEASURES, "seconds a frame"]
    lines = [
        [row["method"], *(_score(row.get(measure)) for measure in MEASURES), _seconds(row)]
        for row in dataset["rows"]
    ]
    return f"#### {name}/{dataset['sequence']}, frames {begin}-{end - 1}\n\n{table(header, lines)}"


def _score(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _seconds(row: dict[str, Any]) -> str:
    return number(sum(row["seconds"].values())) if row.get("seconds") else ""


def _figure_9(record: dict[str, Any]) -> str:
    datasets = {name: dataset for name, dataset in record["datasets"].items() if "seeds" in dataset}
    counts = [row["seeds"] for row in next(iter(datasets.values()))["seeds"]]
    lines = []
    for name, dataset in datasets.items():
        by_method = {row["method"]: row["TRA"] for row in dataset["rows"]}
        lines.append(
            [
                name,
                *(f"{row['TRA']:.3f}" for row in dataset["seeds"]),
                f"{by_method[EVERY_PIXEL]:.3f}",
                f"{by_method[OURS]:.3f}",
            ]
        )
    header = ["TRA with N seeds", *map(str, counts), "every pixel", "cellseg"]
    return f"""### Cosine Fig. 9: TRA against the number of seeds (re-measured)

N seeds fall on each image, a share r of them on its foreground; nothing is added to the papers' mean-shift.
The dashed line is mean-shift from every pixel; the last column is the whole method, which chooses N itself.

{table(header, lines)}

![TRA against the number of seeds](results/{PICTURE})"""


def draw_figure_9(record: dict[str, Any], folder: Path) -> None:
    """Draw TRA against N for every dataset; needs Matplotlib.

    Parameters
    ----------
    record : dict
        What `accuracy.py` wrote.
    folder : Path
        Where the picture goes.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.add_subplot(
        xscale="log", xlabel="seeds N", ylabel="TRA", title="dashed: mean-shift from every pixel"
    )
    for index, (name, dataset) in enumerate(record["datasets"].items()):
        if "seeds" not in dataset:
            continue
        bound = next(row["TRA"] for row in dataset["rows"] if row["method"] == EVERY_PIXEL)
        colour = f"C{index}"
        counts = [row["seeds"] for row in dataset["seeds"]]
        axes.plot(counts, [row["TRA"] for row in dataset["seeds"]], "o-", color=colour, label=name)
        axes.axhline(bound, linestyle="--", color=colour, linewidth=1)
    axes.legend()
    figure.savefig(folder / PICTURE, dpi=120)
