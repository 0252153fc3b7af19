"""`cellseg evaluate`: score a result against a ground truth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cellseg.cli.options import Frames, parse_frames

if TYPE_CHECKING:
    from cellseg.metrics import Scores


def evaluate(
    result: Annotated[
        Path, typer.Argument(help="Folder with maskTTT.tif and res_track.txt, such as 01_RES.")
    ],
    ground_truth: Annotated[Path, typer.Argument(help="Ground-truth folder of the sequence, such as 01_GT.")],
    json: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the scores to this file, too.")
    ] = None,
    frames: Frames = None,
    seg_from: Annotated[
        Path | None,
        typer.Option(
            "--seg-from",
            metavar="DIR",
            help="Silver truth, man_segTTT.tif; by default the 01_ST/SEG beside 01_GT, if there is one.",
        ),
    ] = None,
) -> None:
    """Score a result: SEG, DET, TRA, LNK and the operations behind them.

    Example: cellseg evaluate out/01_RES data/DIC-C2DH-HeLa/01_GT
    """
    from functools import partial
    from json import dumps

    from tqdm import tqdm

    from cellseg.ctc import evaluate as evaluate_folders

    evaluation = evaluate_folders(
        result,
        ground_truth,
        frames=parse_frames(frames),
        silver=seg_from,
        progress=partial(tqdm, desc="scoring", unit="frame", leave=False, disable=None),
    )
    for warning in evaluation.warnings:
        typer.echo(f"warning: {warning}", err=True)
    typer.echo(_table(evaluation.scores))
    if json is not None:
        json.parent.mkdir(parents=True, exist_ok=True)
        json.write_text(dumps(evaluation.scores.as_dict(), indent=2) + "\n", encoding="utf-8")


def _table(scores: Scores) -> str:
    gold, silver, tracking = scores.segmentation, scores.silver, scores.tracking
    graph = f"{tracking.vertices} objects, {tracking.edges} links, {tracking.frames} frames"
    rows = [("SEG", gold.SEG, f"{gold.objects} objects, {gold.frames} frames")]
    if silver is not None:
        rows.append(
            ("SEG against silver truth", silver.SEG, f"{silver.objects} objects, {silver.frames} frames")
        )
    rows += [
        ("DET", tracking.DET, graph),
        ("TRA", tracking.TRA, graph),
        ("LNK", tracking.LNK, graph),
        ("OP_CTB", scores.OP_CTB, "(SEG + TRA) / 2"),
        ("OP_CSB", scores.OP_CSB, "(SEG + DET) / 2"),
    ]
    operations = tracking.operations
    counts = [
        ("NS", operations.NS, "result objects to split"),
        ("FN", operations.FN, "objects missed"),
        ("FP", operations.FP, "objects too many"),
        ("ED", operations.ED, "links to delete"),
        ("EA", operations.EA, "links to add"),
        ("EC", operations.EC, "links that are a parent link instead of a track link, or the reverse"),
    ]
    lines = [f"{name:<24}  {value:>9.6f}  {remark}" for name, value, remark in rows]
    return "\n".join([*lines, *(f"{name:<24}  {count:>9}  {remark}" for name, count, remark in counts)])
