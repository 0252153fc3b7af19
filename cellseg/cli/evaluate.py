"""`cellseg evaluate`: score a result against a ground truth."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cellseg.cli.options import Frames, ResultFolder, parse_frames
from cellseg.quantity import counted

if TYPE_CHECKING:
    from cellseg.metrics import Scores, SegmentationScore


def evaluate(
    result: ResultFolder,
    ground_truth: Annotated[Path, typer.Argument(help="Ground-truth folder of the sequence, such as 01_GT.")],
    json: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the scores to this file, too.")
    ] = None,
    details: Annotated[
        Path | None,
        typer.Option(
            "--details", metavar="FILE.csv", help="Write every error: where, what, and its cost in the AOGM."
        ),
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
    engine: Annotated[
        tuple[str, Path] | None,
        typer.Option(
            "--engine",
            metavar="official DIR",
            help="Run the challenge's programs in DIR, too, and show the difference.",
        ),
    ] = None,
) -> None:
    """Score a result by all measures of the challenge, and show the operations behind them.

    Example: cellseg evaluate out/01_RES data/DIC-C2DH-HeLa/01_GT --details errors.csv
    """
    from functools import partial
    from json import dumps

    from tqdm import tqdm

    from cellseg.ctc import evaluate as evaluate_folders
    from cellseg.ctc import run_official, write_errors
    from cellseg.metrics import list_errors

    block = parse_frames(frames)
    software = _software(engine, block is None)
    if details is not None and details.suffix.lower() != ".csv":
        raise typer.BadParameter(f"{details} does not end in .csv", param_hint="--details")
    show = partial(tqdm, leave=False, disable=None)
    evaluation = evaluate_folders(
        result,
        ground_truth,
        frames=block,
        silver=seg_from,
        progress=partial(show, desc="scoring", unit="frame"),
    )
    report = evaluation.scores.as_dict()
    for warning in evaluation.warnings:
        typer.echo(f"warning: {warning}", err=True)
    typer.echo(_table(evaluation.scores))
    if details is not None:
        details.parent.mkdir(parents=True, exist_ok=True)
        write_errors(details, list_errors(evaluation.comparison))
    if software is not None:
        show_official = partial(show, desc="official programs", unit="program")
        report["official"] = run_official(software, result, ground_truth, progress=show_official)
        typer.echo(_differences(evaluation.scores.measures, report["official"]))
    if json is not None:
        json.parent.mkdir(parents=True, exist_ok=True)
        json.write_text(dumps(report, indent=2) + "\n", encoding="utf-8")


def _software(engine: tuple[str, Path] | None, whole: bool) -> Path | None:
    """Folder of the challenge's programs, if they are asked for."""
    if engine is None:
        return None
    if engine[0] != "official":
        raise typer.BadParameter(f"{engine[0]!r} is not 'official', the only other", param_hint="--engine")
    if not whole:
        raise typer.BadParameter(
            "the challenge's programs score whole sequences; leave out --frames", param_hint="--engine"
        )
    return engine[1]


def _table(scores: Scores) -> str:
    remarks, undefined = _remarks(scores), scores.undefined
    operations = scores.tracking.operations
    counts = [
        ("NS", operations.NS, "result objects to split"),
        ("FN", operations.FN, "objects missed"),
        ("FP", operations.FP, "objects too many"),
        ("ED", operations.ED, "links to delete"),
        ("EA", operations.EA, "links to add"),
        ("EC", operations.EC, "links that are a parent link instead of a track link, or the reverse"),
    ]
    lines = [
        f"{name:<24}  {'n/a':>9}  {undefined[name]}"
        if name in undefined
        else f"{name:<24}  {value:>9.6f}  {remarks[name]}"
        for name, value in scores.measures.items()
    ]
    return "\n".join([*lines, *(f"{name:<24}  {count:>9}  {remark}" for name, count, remark in counts)])


def _remarks(scores: Scores) -> dict[str, str]:
    """Say what each measure was measured on, or is made of."""
    from cellseg.metrics import TOLERANCES

    gold, silver, tracking = scores.segmentation, scores.silver, scores.tracking
    biology = tracking.biology
    objects, links = counted(tracking.vertices, "object"), counted(tracking.edges, "link")
    graph = f"{objects}, {links}, {counted(tracking.frames, 'frame')}"

    def annotated(truth: SegmentationScore) -> str:
        return f"{counted(truth.objects, 'object')}, {counted(truth.frames, 'frame')}"

    divisions = f"{biology.reference_divisions} divisions found, {biology.result_divisions} in the result"
    averaged = [name for name in ("CT", "TF", "BC({i})", "CCA") if name.format(i=0) not in scores.undefined]
    remarks = {
        "SEG": annotated(gold),
        "SEG_silver": f"{annotated(silver)}, silver truth" if silver else "",
        **dict.fromkeys(("DET", "TRA", "LNK"), graph),
        "CT": f"{biology.complete_tracks} of {biology.reference_tracks} tracks complete, "
        f"{biology.result_tracks} in the result",
        "TF": f"{biology.followed_tracks} of {biology.reference_tracks} tracks followed",
        "CCA": f"{biology.reference_cycles} cell cycles, {biology.result_cycles} in the result",
        "OP_CTB": "(SEG + TRA) / 2",
        "OP_CSB": "(SEG + DET) / 2",
    }
    for i in TOLERANCES:
        remarks[f"BC({i})"] = f"{biology.found_divisions[i]} of {divisions}, tolerance {i}"
        remarks[f"BIO({i})"] = f"mean of {', '.join(averaged).format(i=i)}"
        remarks[f"OP_CLB({i})"] = f"(LNK + BIO({i})) / 2"
    return remarks


def _differences(ours: Mapping[str, float], official: Mapping[str, float]) -> str:
    lines = [f"{'':<24}  {'ours':>9}  {'official':>9}  {'difference':>10}"]
    for name, theirs in official.items():
        difference = round(ours[name] - theirs, 6) + 0.0  # no minus before a zero
        lines.append(f"{name:<24}  {ours[name]:>9.6f}  {theirs:>9.6f}  {difference:>10.6f}")
    return "\n".join(lines)
