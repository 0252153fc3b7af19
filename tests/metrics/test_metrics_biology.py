"""The biological measures by hand: cells are two pixels wide in a movie one pixel high."""
# ruff: noqa: SIM300 (CT and its like are measures, not constants)

import math

import numpy as np
import pytest
import slow_measures
from hand_made import families, movie, renamed, score, sequences
from hypothesis import given, settings
from hypothesis import strategies as st

from cellseg.metrics import TOLERANCES, Scores, SegmentationScorer
from cellseg.types import Track


def biology(references, reference_tracks, results, result_tracks):
    return score(references, reference_tracks, results, result_tracks).biology


def tolerances(measure):
    return [measure(i) for i in TOLERANCES]


# Cell 1 divides into 3 and 4, of which 3 divides into 5 and 6; cell 2 stays.
LINEAGE = movie("11002", "34002", "34002", "56402", "56402")
TRACKS = [
    Track(1, 0, 0, 0),
    Track(2, 0, 4, 0),
    Track(3, 1, 2, 1),
    Track(4, 1, 4, 1),
    Track(5, 3, 4, 3),
    Track(6, 3, 4, 3),
]


def test_the_truth_scores_one():
    found = biology(LINEAGE, TRACKS, LINEAGE, TRACKS)
    assert (found.CT, found.TF, found.CCA) == (1, 1, 1)
    assert tolerances(found.BC) == tolerances(found.BIO) == [1] * 4
    assert (found.reference_tracks, found.result_tracks, found.complete_tracks) == (6, 6, 6)
    assert (found.reference_divisions, found.result_divisions, found.found_divisions) == (2, 2, (2,) * 4)
    assert (found.reference_cycles, found.result_cycles) == (1, 1)


TWO_CELLS = movie("1020", "1020", "1020", "1020")
TWO_TRACKS = [Track(1, 0, 3, 0), Track(2, 0, 3, 0)]


def test_a_cut_track_is_incomplete_and_its_longest_part_counts():
    cut = movie("1020", "1030", "1030", "1030")
    found = biology(TWO_CELLS, TWO_TRACKS, cut, [Track(1, 0, 3, 0), Track(2, 0, 0, 0), Track(3, 1, 3, 0)])
    assert found.CT == pytest.approx(2 * 1 / (2 + 3))
    assert found.TF == pytest.approx((1 + 3 / 4) / 2)


def test_a_track_that_outlives_the_cell_is_incomplete_but_follows_it():
    shorter = movie("1020", "1020", "1020", "1000")
    tracks = [Track(1, 0, 3, 0), Track(2, 0, 2, 0)]
    found = biology(shorter, tracks, TWO_CELLS, TWO_TRACKS)
    assert found.CT == pytest.approx(2 * 1 / 4)
    assert found.TF == 1


def test_an_object_that_covers_two_cells_follows_neither():
    merged = movie("1020", "1110", "1020", "1020")
    found = biology(TWO_CELLS, TWO_TRACKS, merged, [Track(1, 0, 3, 0), Track(2, 0, 0, 0), Track(3, 2, 3, 0)])
    assert found.complete_tracks == 0
    # label 2 in frames 2 and 3 is of no track here
    assert found.TF == pytest.approx((2 / 4 + 1 / 4) / 2)


def test_a_track_that_was_never_found_is_not_among_the_followed():
    found = biology(TWO_CELLS, TWO_TRACKS, movie("1000", "1000", "1000", "1000"), [Track(1, 0, 3, 0)])
    assert found.TF == 1
    assert (found.followed_tracks, found.reference_tracks) == (1, 2)
    assert found.CT == pytest.approx(2 / 3)


def test_a_break_in_following_does_not_add_up():
    gone = movie("1020", "1000", "1020", "1020")
    tracks = [Track(1, 0, 3, 0), Track(2, 0, 0, 0), Track(3, 2, 3, 2)]
    relabelled = {frame: np.where((image == 2) & (frame > 1), 3, image) for frame, image in gone.items()}
    found = biology(TWO_CELLS, TWO_TRACKS, relabelled, tracks)
    assert found.TF == pytest.approx((1 + 2 / 4) / 2)


def test_a_result_track_that_followed_a_whole_cell_is_not_credited_with_later_labels():
    """As in the challenge's programs: a label that goes on in a daughter follows mother or daughter."""
    reference = movie("10", "10", "23", "23")
    tracks = [Track(1, 0, 1, 0), Track(2, 2, 3, 1), Track(3, 2, 3, 1)]
    kept = movie("10", "10", "13", "10")
    result_tracks = [Track(1, 0, 3, 0), Track(3, 2, 2, 0)]
    found = biology(reference, tracks, kept, result_tracks)
    assert (found.followed_tracks, found.TF) == (2, pytest.approx((1 + 1 / 2) / 2))
    reference, tracks = renamed(reference, tracks, (3, 2, 1))
    found = biology(reference, tracks, kept, result_tracks)
    assert (found.followed_tracks, found.TF) == (2, pytest.approx((1 + 1 / 2) / 2))


def shifted(result_rows, ends, begins):
    """Score a result that divides at another time: mother 1 until `ends`, daughters 2 and 3 from `begins`."""
    reference = movie("1100", "1100", "1100", "2003", "2003", "2003", "2003", "2003")
    tracks = [Track(1, 0, 2, 0), Track(2, 3, 7, 1), Track(3, 3, 7, 1)]
    result = movie(*result_rows)
    return biology(
        reference, tracks, result, [Track(1, 0, ends, 0), Track(2, begins, 7, 1), Track(3, begins, 7, 1)]
    )


def test_divisions_may_be_early_or_late_by_the_tolerance():
    on_time = ("1100", "1100", "1100", "2003", "2003", "2003", "2003", "2003")
    assert tolerances(shifted(on_time, 2, 3).BC) == [1, 1, 1, 1]
    late = ("1100", "1100", "1100", "1001", "2003", "2003", "2003", "2003")
    assert tolerances(shifted(late, 3, 4).BC) == [0, 1, 1, 1]
    early = ("1100", "2300", "2300", "2003", "2003", "2003", "2003", "2003")
    assert tolerances(shifted(early, 0, 1).BC) == [0, 0, 1, 1]
    too_late = ("1100", "1100", "1100", "1001", "1001", "1001", "1001", "2003")
    assert tolerances(shifted(too_late, 6, 7).BC) == [0, 0, 0, 0]


def test_a_division_needs_the_right_cells():
    reference = movie("1104", "2304", "2304")
    tracks = [Track(1, 0, 0, 0), Track(2, 1, 2, 1), Track(3, 1, 2, 1), Track(4, 0, 2, 0)]
    wrong_mother = [
        Track(1, 0, 0, 0),
        Track(2, 1, 2, 4),
        Track(3, 1, 2, 4),
        Track(4, 0, 0, 0),
        Track(5, 1, 2, 0),
    ]
    found = biology(reference, tracks, movie("1104", "2305", "2305"), wrong_mother)
    assert (found.reference_divisions, found.result_divisions, found.found_divisions) == (1, 1, (0,) * 4)
    one_missed = [Track(1, 0, 0, 0), Track(2, 1, 2, 1), Track(3, 2, 2, 1), Track(4, 0, 2, 0)]
    found = biology(reference, tracks, movie("1104", "2004", "2304"), one_missed)
    assert tolerances(found.BC) == [0, 1, 1, 1]
    in_three = [*tracks, Track(5, 1, 2, 1)]
    found = biology(reference, tracks, movie("1104", "2354", "2354"), in_three)
    assert (found.result_divisions, found.found_divisions) == (1, (0,) * 4)


def test_one_daughter_is_a_gap_and_no_division():
    reference = movie("1", "0", "2")
    tracks = [Track(1, 0, 0, 0), Track(2, 2, 2, 1)]
    found = biology(reference, tracks, reference, tracks)
    assert found.reference_divisions == 0
    assert all(map(math.isnan, tolerances(found.BC)))


def test_a_false_division_costs_precision():
    reference = movie("1100", "2300", "2300")
    tracks = [Track(1, 0, 0, 0), Track(2, 1, 2, 1), Track(3, 1, 2, 1)]
    result = movie("1100", "2300", "4567")
    result_tracks = [
        Track(1, 0, 0, 0),
        Track(2, 1, 1, 1),
        Track(3, 1, 1, 1),
        *(Track(label, 2, 2, 2 + (label > 5)) for label in (4, 5, 6, 7)),
    ]
    found = biology(reference, tracks, result, result_tracks)
    assert (found.found_divisions[0], found.result_divisions) == (1, 3)
    assert found.BC(0) == pytest.approx(2 / 4)


def cycle(length):
    """A lineage whose cell 2 lives `length` frames between its mother's division and its own."""
    rows = ["11000", *["23000"] * length, "45300"]
    end = length + 1
    tracks = [Track(1, 0, 0, 0), Track(2, 1, length, 1), Track(3, 1, end, 1)]
    return movie(*rows), [*tracks, Track(4, end, end, 2), Track(5, end, end, 2)]


def test_cell_cycles_are_compared_by_their_distribution():
    truth, tracks = cycle(4)
    assert biology(truth, tracks, truth, tracks).CCA == 1
    frames = len(truth)
    shorter, shorter_tracks = cycle(3)
    shorter[frames - 1] = movie("45300")[0]
    lengthened = [t._replace(end=frames - 1) if t.end == 4 else t for t in shorter_tracks]
    found = biology(truth, tracks, shorter, lengthened)
    assert found.CCA == 0  # no length in common
    assert (found.reference_cycles, found.result_cycles) == (1, 1)


def test_cca_is_one_less_the_largest_difference_of_the_distributions():
    """Of 1, 1, 2, 4 frames and of 1, 2, 3: up to 1 frame 2/4 and 1/3, to 2 3/4 and 2/3, to 3 3/4 and 1."""
    reference, result = lineages(1, 1, 2, 4), lineages(1, 2, 3)
    found = biology(reference[0], reference[1], result[0], result[1])
    assert (found.reference_cycles, found.result_cycles) == (4, 3)
    assert found.CCA == pytest.approx(1 - 1 / 4)


def lineages(*lengths):
    """One family per length, each with one complete cycle, in a movie of 8 frames."""
    images = {frame: np.zeros((len(lengths), 5), int) for frame in range(8)}
    tracks = []
    for row, length in enumerate(lengths):
        mother, cell, aunt, first, second = 5 * row + np.arange(1, 6)
        lives = [(mother, 0, 0, 0), (cell, 1, length, mother), (aunt, 1, 7, mother)]
        lives += [(daughter, length + 1, 7, cell) for daughter in (first, second)]
        for column, (label, begin, end, parent) in enumerate(lives):
            tracks.append(Track(int(label), begin, end, int(parent)))
            for frame in range(begin, end + 1):
                images[frame][row, column] = label
    wide = 20 - 5 * len(lengths)
    return {f: np.pad(image.ravel(), (0, wide))[None] for f, image in images.items()}, tracks


def test_what_the_truth_lacks_is_undefined_and_said():
    tracking = score(TWO_CELLS, TWO_TRACKS, TWO_CELLS, TWO_TRACKS)
    found = tracking.biology
    assert math.isnan(found.CCA) and all(map(math.isnan, tolerances(found.BC)))
    assert tolerances(found.BIO) == [1] * 4  # of CT and TF
    scores = Scores(SegmentationScorer().score(), tracking)
    assert scores.as_dict()["BC(1)"] is None and scores.as_dict()["CCA"] is None
    assert scores.undefined == {
        "SEG": "the ground truth outlines no object",
        **{f"BC({i})": "the ground truth has no division" for i in TOLERANCES},
        "CCA": "the ground truth has no complete cell cycle, from a division to a division",
        "OP_CTB": "SEG is undefined",
        "OP_CSB": "SEG is undefined",
    }


def test_what_only_the_result_lacks_is_zero():
    empty = movie("00000", "00000", "00000", "00000", "00000")
    found = biology(LINEAGE, TRACKS, empty, [])
    assert (found.CT, found.TF, found.CCA, found.BC(3), found.BIO(3)) == (0, 0, 0, 0, 0)


def test_a_truth_of_nothing_leaves_all_undefined():
    empty = movie("00", "00")
    tracking = score(empty, [], movie("10", "10"), [Track(1, 0, 1, 0)])
    scores = Scores(SegmentationScorer().score(), tracking)
    assert set(scores.undefined) == set(scores.measures)
    assert scores.undefined["OP_CLB(2)"] == "LNK and BIO are undefined"
    assert scores.undefined["CT"] == scores.undefined["BIO(0)"] == "the ground truth has no track"


def test_missing_markers_cost_nothing():
    holed = movie("1", "0", "1", "1")
    found = biology(holed, [Track(1, 0, 3, 0)], movie("1", "1", "1", "1"), [Track(1, 0, 3, 0)])
    assert (found.CT, found.TF) == (1, 1)


def test_overall_score_of_the_linking_benchmark():
    swapped = movie("11002", "34002", "34002", "56402", "56204")
    tracking = score(LINEAGE, TRACKS, swapped, TRACKS)
    scores = Scores(SegmentationScorer().score(), tracking)
    assert tracking.LNK < 1 and tracking.biology.CT == pytest.approx(2 * 4 / 12)
    assert scores.OP_CLB(2) == pytest.approx((tracking.LNK + tracking.biology.BIO(2)) / 2)
    assert tracking.biology.BIO(2) == pytest.approx((4 / 6 + (4 + 3 / 4 + 4 / 5) / 6 + 1 + 1) / 4)


pairs = st.one_of(st.tuples(sequences(), sequences()), st.tuples(families(), families()))


def common(pair):
    """Give the images of the frames that both have, and the tracks of both."""
    (reference, reference_tracks), (result, result_tracks) = pair
    frames = sorted(reference.keys() & result.keys())
    images = ({frame: side[frame] for frame in frames} for side in (reference, result))
    return *images, reference_tracks, result_tracks


@settings(max_examples=100, deadline=None)
@given(pairs)
def test_agrees_with_the_definitions(pair):
    case = common(pair)
    found = biology(case[0], case[2], case[1], case[3])
    counts = (found.complete_tracks, found.reference_tracks, found.result_tracks)
    assert counts == slow_measures.complete_tracks(*case)
    fractions = [part for part in slow_measures.track_fractions(*case).values() if part]
    assert found.followed_tracks == len(fractions)
    if fractions:
        assert found.TF == pytest.approx(sum(fractions) / len(fractions))
    for i in TOLERANCES:
        counts = (found.found_divisions[i], found.reference_divisions, found.result_divisions)
        assert counts == slow_measures.divisions(i, *case)
    cca = slow_measures.cell_cycle_accuracy(*case)
    assert math.isnan(found.CCA) if cca is None else found.CCA == pytest.approx(cca)


@settings(max_examples=60, deadline=None)
@given(pairs, st.permutations(range(1, 8)), st.permutations(range(1, 8)))
def test_labels_are_but_names(pair, names, result_names):
    """All measures but TF are the same under other labels (and what TF is part of)."""
    references, results, tracks, result_tracks = common(pair)
    measures = [
        Scores(SegmentationScorer().score(), score(*case)).measures
        for case in (
            (references, tracks, results, result_tracks),
            (*renamed(references, tracks, names), *renamed(results, result_tracks, result_names)),
        )
    ]
    for name in ("DET", "TRA", "LNK", "CT", *(f"BC({i})" for i in TOLERANCES), "CCA"):
        assert measures[0][name] == pytest.approx(measures[1][name], nan_ok=True)


@settings(max_examples=60, deadline=None)
@given(st.one_of(sequences(), families()))
def test_any_truth_scores_one_against_itself(sequence):
    images, tracks = sequence
    measures = Scores(SegmentationScorer().score(), score(images, tracks, images, tracks)).measures
    assert {value for value in measures.values() if not math.isnan(value)} <= {1}
