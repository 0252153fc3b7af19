"""500 random corrupted sequences against py-ctcmetrics 1.3.3, and every fifth against traccuracy 0.4.3."""

import contextlib
import io
import os
import warnings
from collections import Counter
from dataclasses import asdict

import numpy as np
import pytest
from corrupted_sequences import corrupt, markers, plain_divisions, random_truth

from cellseg.ctc import (
    evaluate,
    markers_path,
    mask_path,
    segmentation_path,
    validate,
    write_mask,
    write_tracks,
)
from cellseg.metrics import KINDS, TOLERANCES, list_errors

evaluate_sequence = pytest.importorskip("ctc_metrics.scripts.evaluate").evaluate_sequence
pytest.importorskip("traccuracy")

SEQUENCES = 500
OPERATIONS = ("NS", "FN", "FP", "ED", "EA", "EC")
MEASURES = (
    *("SEG", "DET", "TRA", "LNK", "CT", "TF", "CCA", "OP_CTB", "OP_CSB"),
    *(f"{name}({i})" for name in ("BC", "BIO", "OP_CLB") for i in TOLERANCES),
)


def write_sequence(rng, folder, plain):
    truth, tracks = random_truth(rng, frames=int(rng.integers(3, 8)))
    seen_by_tra = markers(rng, truth)
    masks, result_tracks = corrupt(rng, truth, tracks)
    if plain:
        tracks, result_tracks = plain_divisions(tracks), plain_divisions(result_tracks)
    ground_truth, result = folder / "01_GT", folder / "01_RES"
    for sub in (ground_truth / "TRA", ground_truth / "SEG", result):
        sub.mkdir(parents=True)
    for t in range(len(truth)):
        write_mask(markers_path(ground_truth, t), seen_by_tra[t])
        write_mask(mask_path(result, t), masks[t])
        if t == 0 or rng.random() < 0.3:
            write_mask(segmentation_path(ground_truth, t), np.where(truth[t], 30_000 - truth[t], 0))
    write_tracks(ground_truth / "TRA" / "man_track.txt", tracks)
    write_tracks(result / "res_track.txt", result_tracks)
    return result, ground_truth


@pytest.mark.filterwarnings("ignore:.*mpty frame.*:UserWarning")
def test_corrupted_sequences(tmp_path):
    rng = np.random.default_rng(20_150)
    seen, agreed = Counter(), Counter()
    for case in range(SEQUENCES):
        for_traccuracy = case % 5 == 0
        result, ground_truth = write_sequence(rng, tmp_path / str(case), plain=for_traccuracy)
        evaluation = evaluate(result, ground_truth)
        seen.update(compare_with_py_ctcmetrics(evaluation, result, ground_truth))
        if for_traccuracy:
            assert [v for v in validate(result) if v.severity == "error"] == []
            agreed.update(compare_with_traccuracy(evaluation, result, ground_truth))
    assert min(seen[name] for name in (*MEASURES, *OPERATIONS, "shifted divisions")) >= 10, seen
    assert min(agreed[name] for name in ("NS", "DET", "TRA", "LNK", "BC(0)")) >= 5, agreed


def compare_with_py_ctcmetrics(evaluation, result, ground_truth):
    """All measures and counts agree; returns those that are neither perfect nor nothing."""
    names = ["Valid", "SEG", "DET", "TRA", "LNK", "CT", "TF", "BC", "CCA", "BIO"]
    with contextlib.redirect_stdout(io.StringIO()):
        theirs = evaluate_sequence(os.fspath(result), os.fspath(ground_truth), names, threads=1)
    assert theirs["Valid"]
    ours = evaluation.scores.as_dict()
    assert {name: ours[name] for name in MEASURES} == pytest.approx(
        {name: theirs[name] for name in MEASURES}, abs=1e-9
    ), result
    found = ours["counts"]["found_divisions"]
    assert found == [theirs[f"tp_div({i})"] for i in TOLERANCES]
    operations = ours["operations"]
    assert operations == {kind: theirs[f"AOGM_{kind}"] for kind in OPERATIONS}
    return [
        *(name for name in MEASURES if ours[name] is not None and 0 < ours[name] < 1),
        *(kind for kind in OPERATIONS if operations[kind]),
        *(["shifted divisions"] if found[0] < found[-1] else []),
    ]


def compare_with_traccuracy(evaluation, result, ground_truth):
    """What it defines as the challenge does agrees; returns what that was and was not trivial.

    It counts an object that covers three cells as one error, not two; its divisions need a one-to-one match.
    """
    measures, operations = evaluation.scores.measures, asdict(evaluation.scores.tracking.operations)
    rows = list_errors(evaluation.comparison)
    merged = np.unique(rows[rows["kind"] == KINDS.index("merged")][["frame", "result"]])
    one_to_one = len(merged) == 0
    theirs = traccuracy_results(result, ground_truth, one_to_one)
    names = ("ns_nodes", "fn_nodes", "fp_nodes", "fp_edges", "fn_edges", "ws_edges")
    assert operations | {"NS": len(merged)} == dict(zip(OPERATIONS, map(theirs.get, names), strict=True))
    agreed = ["NS"] if len(merged) else []
    if operations["NS"] == len(merged):
        agreed += [name for name in ("DET", "TRA", "LNK") if measures[name] < 1]
        for name in ("DET", "TRA", "LNK"):
            assert measures[name] == pytest.approx(theirs[name], nan_ok=True)
    if one_to_one and measures["BC(0)"] > 0:
        agreed.append("BC(0)")
        assert measures["BC(0)"] == pytest.approx(theirs["Frame Buffer 0"]["Division F1"])
    return agreed


def traccuracy_results(result, ground_truth, one_to_one):
    from traccuracy import run_metrics
    from traccuracy.loaders import load_ctc_data
    from traccuracy.matchers import CTCMatcher
    from traccuracy.metrics import CTCMetrics, DivisionMetrics

    metrics = [CTCMetrics(), *([DivisionMetrics()] if one_to_one else [])]
    with contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        truth, found = (
            load_ctc_data(os.fspath(folder), os.fspath(folder / tracks), run_checks=False)
            for folder, tracks in ((ground_truth / "TRA", "man_track.txt"), (result, "res_track.txt"))
        )
        results, _ = run_metrics(truth, found, CTCMatcher(), metrics)
    return {name: value for one in results for name, value in one["results"].items()}
