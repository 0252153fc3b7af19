"""Every operation by hand: cells are two pixels wide in a movie one pixel high."""
# ruff: noqa: SIM300 (DET and its like are measures, not constants)

import math

import numpy as np
import pytest
import slow_measures
from hand_made import movie, score, sequences
from hypothesis import given, settings

from cellseg.metrics import Scores, SegmentationScorer, TrackingScorer
from cellseg.types import Track


def counts(tracking):
    o = tracking.operations
    return {"NS": o.NS, "FN": o.FN, "FP": o.FP, "ED": o.ED, "EA": o.EA, "EC": o.EC}


def only(**expected):
    return dict.fromkeys(("NS", "FN", "FP", "ED", "EA", "EC"), 0) | expected


TWO_CELLS = movie("1020", "1020", "1020")
TWO_TRACKS = [Track(1, 0, 2, 0), Track(2, 0, 2, 0)]
# 6 vertices, 4 edges: AOGM-D0 = 60, AOGM0 = 66, AOGM-A0 = 6


def test_the_truth_scores_one():
    tracking = score(TWO_CELLS, TWO_TRACKS, TWO_CELLS, TWO_TRACKS)
    assert counts(tracking) == only()
    assert (tracking.DET, tracking.TRA, tracking.LNK) == (1, 1, 1)
    assert (tracking.vertices, tracking.edges, tracking.frames) == (6, 4, 3)


def test_false_negative_takes_its_edges_along():
    tracking = score(
        TWO_CELLS,
        TWO_TRACKS,
        movie("1020", "1000", "1030"),
        [Track(1, 0, 2, 0), Track(2, 0, 0, 0), Track(3, 2, 2, 0)],
    )
    assert counts(tracking) == only(FN=1, EA=2)
    assert tracking.DET == pytest.approx(1 - 10 / 60)
    assert tracking.TRA == pytest.approx(1 - 13 / 66)
    assert tracking.LNK == pytest.approx(1 - 3 / 6)


def test_false_positives_and_their_links_cost_one_each():
    tracking = score(TWO_CELLS, TWO_TRACKS, movie("1023", "1023", "1020"), [*TWO_TRACKS, Track(3, 0, 1, 0)])
    assert counts(tracking) == only(FP=2)  # their link goes with them
    assert tracking.DET == pytest.approx(1 - 2 / 60)
    assert tracking.LNK == 1


def test_merged_cells_are_split_and_their_links_added():
    merged = movie("1020", "1110", "1020")  # one object covers both in frame 1
    tracking = score(TWO_CELLS, TWO_TRACKS, merged, TWO_TRACKS)
    assert counts(tracking) == only(NS=1, EA=4)
    assert tracking.DET == pytest.approx(1 - 5 / 60)
    assert tracking.TRA == pytest.approx(1 - (5 + 4 * 1.5) / 66)
    assert tracking.LNK == 0


def test_three_in_one_need_two_splits():
    tracking = score(
        movie("123"),
        [Track(label, 0, 0, 0) for label in (1, 2, 3)],
        movie("444"),
        [Track(4, 0, 0, 0)],
    )
    assert counts(tracking) == only(NS=2)
    assert tracking.DET == pytest.approx(1 - 10 / 30)
    assert math.isnan(tracking.LNK)  # there is no link to be right or wrong about


def test_swapped_identities_delete_and_add():
    tracking = score(TWO_CELLS, TWO_TRACKS, movie("1020", "1020", "2010"), TWO_TRACKS)
    assert counts(tracking) == only(ED=2, EA=2)
    assert tracking.TRA == pytest.approx(1 - 5 / 66)
    assert tracking.LNK == pytest.approx(1 - 5 / 6)


def test_a_cut_track_misses_a_link():
    cut = movie("1020", "1020", "1030")
    tracks = [Track(1, 0, 2, 0), Track(2, 0, 1, 0), Track(3, 2, 2, 0)]
    assert counts(score(TWO_CELLS, TWO_TRACKS, cut, tracks)) == only(EA=1)


def test_a_parent_link_instead_of_a_track_link_is_wrong_semantics():
    cut = movie("1020", "1020", "1030")
    tracks = [Track(1, 0, 2, 0), Track(2, 0, 1, 0), Track(3, 2, 2, 2)]
    tracking = score(TWO_CELLS, TWO_TRACKS, cut, tracks)
    assert counts(tracking) == only(EC=1)
    assert tracking.TRA == pytest.approx(1 - 1 / 66)


DIVISION = movie("0110", "2030")
DIVISION_TRACKS = [Track(1, 0, 0, 0), Track(2, 1, 1, 1), Track(3, 1, 1, 1)]


def test_a_track_link_instead_of_a_parent_link_is_wrong_semantics():
    result = movie("0110", "1030")
    tracks = [Track(1, 0, 1, 0), Track(3, 1, 1, 0)]
    assert counts(score(DIVISION, DIVISION_TRACKS, result, tracks)) == only(EC=1, EA=1)


def test_a_wrong_parent_is_deleted_and_added():
    reference = movie("1020", "3020", "3020")
    tracks = [Track(1, 0, 0, 0), Track(2, 0, 2, 0), Track(3, 1, 2, 1)]
    wrong = [Track(1, 0, 0, 0), Track(2, 0, 0, 0), Track(3, 1, 2, 2), Track(4, 1, 2, 2)]
    result = movie("1020", "3040", "3040")
    assert counts(score(reference, tracks, result, wrong)) == only(ED=1, EA=1, EC=1)


def test_a_parent_link_may_leap_over_frames():
    reference = movie("1", "0", "2")
    tracks = [Track(1, 0, 0, 0), Track(2, 2, 2, 1)]
    tracking = score(reference, tracks, reference, tracks)
    assert (tracking.edges, tracking.TRA) == (1, 1)
    without = [Track(1, 0, 0, 0), Track(2, 2, 2, 0)]
    assert counts(score(reference, tracks, reference, without)) == only(EA=1)


def test_no_link_leads_over_a_missing_marker():
    holed = movie("1", "0", "1", "1")
    tracking = score(holed, [Track(1, 0, 3, 0)], movie("1", "1", "1", "1"), [Track(1, 0, 3, 0)])
    assert (tracking.vertices, tracking.edges) == (3, 1)
    assert counts(tracking) == only(FP=1)


def test_a_hole_in_the_numbering_does_not_cut_a_track():
    references = dict(zip((3, 4, 9), movie("1", "1", "1").values(), strict=True))
    tracking = score(references, [Track(1, 3, 9, 0)], references, [Track(1, 3, 9, 0)])
    assert (tracking.edges, tracking.LNK) == (2, 1)


def test_objects_of_no_track_have_no_links():
    tracking = score(TWO_CELLS, TWO_TRACKS, TWO_CELLS, [Track(1, 0, 2, 0), Track(2, 0, 1, 0)])
    assert counts(tracking) == only(EA=1)
    assert counts(score(TWO_CELLS, TWO_TRACKS, TWO_CELLS, [])) == only(EA=4)


def test_an_error_in_the_last_frame_counts():
    tracks = [Track(1, 0, 2, 0), Track(2, 0, 1, 0), Track(3, 2, 2, 0)]
    tracking = score(TWO_CELLS, TWO_TRACKS, movie("1020", "1020", "1003"), tracks)
    assert counts(tracking) == only(FN=1, FP=1, EA=1)
    assert (tracking.biology.complete_tracks, tracking.biology.TF) == (1, pytest.approx((1 + 2 / 3) / 2))


def test_an_empty_result_scores_zero():
    empty = movie("0000", "0000", "0000")
    tracking = score(TWO_CELLS, TWO_TRACKS, empty, [])
    assert counts(tracking) == only(FN=6, EA=4)
    assert (tracking.DET, tracking.TRA, tracking.LNK) == (0, 0, 0)


def test_scores_do_not_fall_below_zero():
    tracking = score(movie("1000000"), [Track(1, 0, 0, 0)], movie("0234567"), [])
    assert (tracking.operations.vertex_cost, tracking.DET) == (16, 0)


def test_measures_of_nothing_are_undefined():
    empty = movie("00", "00")
    tracking = score(empty, [], empty, [])
    assert all(map(math.isnan, (tracking.DET, tracking.TRA, tracking.LNK)))
    assert math.isnan(SegmentationScorer().score().SEG)
    report = Scores(SegmentationScorer().score(), tracking).as_dict()
    assert report["SEG"] is None and report["OP_CTB"] is None
    assert "SEG_silver" not in report


def test_labels_that_overflow_16_bits_when_added():
    shifted = [
        {t: np.where(m, m + n, 0).astype(np.uint16) for t, m in TWO_CELLS.items()} for n in (40_000, 30_000)
    ]
    tracks = [[Track(t.label + n, t.begin, t.end, 0) for t in TWO_TRACKS] for n in (40_000, 30_000)]
    tracking = score(shifted[0], tracks[0], shifted[1], tracks[1])
    assert (tracking.DET, tracking.TRA, tracking.LNK) == (1, 1, 1)
    assert (tracking.biology.CT, tracking.biology.TF) == (1, 1)


def test_seg_is_the_mean_over_reference_objects():
    scorer = SegmentationScorer()
    scorer.add(movie("1122")[0], movie("1110")[0])  # 4/6 and nothing
    scorer.add(movie("1000")[0], movie("1234")[0])  # 1; extra objects cost nothing
    segmentation = scorer.score()
    assert segmentation.SEG == pytest.approx((4 / 6 + 0 + 1) / 3)
    assert (segmentation.objects, segmentation.frames) == (3, 2)


def test_overall_scores():
    segmentation = SegmentationScorer()
    segmentation.add(movie("1122")[0], movie("1110")[0])
    tracking = score(TWO_CELLS, TWO_TRACKS, movie("1020", "1020", "2010"), TWO_TRACKS)
    scores = Scores(segmentation.score(), tracking, silver=segmentation.score())
    assert scores.OP_CTB == pytest.approx((1 / 3 + 1 - 5 / 66) / 2)
    assert scores.OP_CSB == pytest.approx((1 / 3 + 1) / 2)
    report = scores.as_dict()
    assert list(report)[:5] == ["SEG", "SEG_silver", "DET", "TRA", "LNK"]
    assert list(report)[5:12] == ["CT", "TF", "BC(0)", "BC(1)", "BC(2)", "BC(3)", "CCA"]
    assert list(report)[12:18] == ["BIO(0)", "BIO(1)", "BIO(2)", "BIO(3)", "OP_CTB", "OP_CSB"]
    assert report["operations"] == only(ED=2, EA=2)
    assert report["counts"]["SEG_objects"] == 2


def test_frames_come_in_order_and_labels_are_unique():
    scorer = TrackingScorer()
    scorer.add(3, TWO_CELLS[0], TWO_CELLS[0])
    with pytest.raises(ValueError, match="frame 3"):
        scorer.add(3, TWO_CELLS[0], TWO_CELLS[0])
    with pytest.raises(ValueError, match="same label"):
        scorer.score([Track(1, 3, 3, 0), Track(1, 4, 4, 0)], [])


@settings(max_examples=80, deadline=None)
@given(sequences(), sequences())
def test_agrees_with_the_definitions(reference, result):
    frames = sorted(reference[0].keys() & result[0].keys())
    references = {frame: reference[0][frame] for frame in frames}
    results = {frame: result[0][frame] for frame in frames}
    tracking = score(references, reference[1], results, result[1])
    assert counts(tracking) == slow_measures.operations(references, results, reference[1], result[1])
    vertices, edges = slow_measures.graph_of(references, reference[1])
    assert (tracking.vertices, tracking.edges) == (len(vertices), len(edges))

    scorer = SegmentationScorer()
    for frame in frames:
        scorer.add(references[frame], results[frame])
    total, objects = slow_measures.seg([(references[frame], results[frame]) for frame in frames])
    assert scorer.score().objects == objects
    if objects:
        assert scorer.score().SEG == pytest.approx(total / objects)
