"""200 random corrupted sequences against py-ctcmetrics 1.3.3."""

import os
from dataclasses import asdict

import numpy as np
import pytest
from corrupted_sequences import corrupt, markers, random_truth

from cellseg.ctc import (
    evaluate,
    markers_path,
    mask_path,
    segmentation_path,
    validate,
    write_mask,
    write_tracks,
)

evaluate_sequence = pytest.importorskip("ctc_metrics.scripts.evaluate").evaluate_sequence
KINDS = ("NS", "FN", "FP", "ED", "EA", "EC")


def write_sequence(rng, folder):
    truth, tracks = random_truth(rng, frames=int(rng.integers(3, 7)))
    seen_by_tra = markers(rng, truth)
    masks, result_tracks = corrupt(rng, truth, tracks)
    ground_truth, result = folder / "01_GT", folder / "01_RES"
    for sub in (ground_truth / "TRA", ground_truth / "SEG", result):
        sub.mkdir(parents=True)
    for t in range(len(truth)):
        write_mask(markers_path(ground_truth, t), seen_by_tra[t])
        write_mask(mask_path(result, t), masks[t])
        if t == 0 or rng.random() < 0.5:
            write_mask(segmentation_path(ground_truth, t), np.where(truth[t], 30_000 - truth[t], 0))
    write_tracks(ground_truth / "TRA" / "man_track.txt", tracks)
    write_tracks(result / "res_track.txt", result_tracks)
    return result, ground_truth


@pytest.mark.filterwarnings("ignore:.*mpty frame.*:UserWarning")
def test_200_corrupted_sequences(tmp_path):
    rng = np.random.default_rng(20_150)
    seen = dict.fromkeys(KINDS, 0)
    for case in range(200):
        result, ground_truth = write_sequence(rng, tmp_path / str(case))
        assert [v for v in validate(result) if v.severity == "error"] == []
        scores = evaluate(result, ground_truth).scores
        ours = scores.as_dict()
        theirs = evaluate_sequence(
            os.fspath(result), os.fspath(ground_truth), ["Valid", "SEG", "DET", "TRA", "LNK"], threads=1
        )
        assert theirs["Valid"]
        for name in ("SEG", "DET", "TRA", "LNK", "OP_CTB", "OP_CSB"):
            assert ours[name] == pytest.approx(theirs[name], abs=1e-9), (case, name)
        operations = asdict(scores.tracking.operations)
        assert operations == {kind: theirs[f"AOGM_{kind}"] for kind in KINDS}
        seen = {kind: seen[kind] + (operations[kind] > 0) for kind in KINDS}
    assert min(seen.values()) >= 10, f"the generator hardly makes some operations: {seen}"
