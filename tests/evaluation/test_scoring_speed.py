"""The movie that scoring is timed on, and that its measures agree with the peer's."""

import pytest

pytest.importorskip("ctc_metrics")

from cellseg.ctc import validate
from evaluation.scoring_speed import OURS, measure, simulate


def test_a_small_movie_is_valid_has_errors_and_is_scored_alike(tmp_path):
    result, truth = simulate(tmp_path, frames=12, size=256, tracks=60)
    assert [violation for violation in validate(result) if violation.severity == "error"] == []
    record = measure(result, truth, runs=1)
    assert record["sequence"]["reference_tracks"] == 60
    assert record["sequence"]["reference_divisions"] == 5
    assert record["sequence"]["found_divisions"][0] < record["sequence"]["found_divisions"][1]
    assert all(0 < record["measures"][name] < 1 for name in ("SEG", "DET", "TRA", "LNK", "CT", "TF"))
    assert record["seconds"].keys() > record["busy_seconds"].keys() > {OURS}
