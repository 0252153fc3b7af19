"""The list of errors, by hand and against the counts."""

from collections import Counter
from dataclasses import asdict

import pytest
from hand_made import families, movie, scorer_of, sequences
from hypothesis import given, settings
from hypothesis import strategies as st

from cellseg.metrics import KINDS, WEIGHTS, find_corrections, list_errors
from cellseg.types import Track

OPERATIONS = dict(zip(("FN", "FP", "NS", "ED", "EA", "EC"), KINDS, strict=False))


def errors(references, reference_tracks, results, result_tracks):
    """Errors as tuples: frame, kind, result, truth, other frame, other result, other truth, cost."""
    comparison = scorer_of(references, results).compare(reference_tracks, result_tracks)
    return [(row[0], KINDS[row[1]], *row[2:]) for row in list_errors(comparison).tolist()]


TWO_CELLS = movie("1020", "1020", "1020")
TWO_TRACKS = [Track(1, 0, 2, 0), Track(2, 0, 2, 0)]


def test_the_truth_has_none():
    assert errors(TWO_CELLS, TWO_TRACKS, TWO_CELLS, TWO_TRACKS) == []
    assert errors(movie("00"), [], movie("00"), []) == []


def test_a_missed_cell_with_its_links():
    result = movie("5070", "5000", "5080")
    tracks = [Track(5, 0, 2, 0), Track(7, 0, 0, 0), Track(8, 2, 2, 0)]
    assert errors(TWO_CELLS, TWO_TRACKS, result, tracks) == [
        (1, "missed", 0, 2, -1, 0, 0, 10),
        (1, "missing link", 0, 2, 0, 7, 2, 1.5),
        (2, "missing link", 8, 2, 1, 0, 2, 1.5),
    ]


def test_an_error_in_the_last_frame():
    result = movie("5070", "5070", "5008")
    tracks = [Track(5, 0, 2, 0), Track(7, 0, 1, 0), Track(8, 2, 2, 0)]
    assert errors(TWO_CELLS, TWO_TRACKS, result, tracks) == [
        (2, "missed", 0, 2, -1, 0, 0, 10),
        (2, "false positive", 8, 0, -1, 0, 0, 1),
        (2, "missing link", 0, 2, 1, 7, 2, 1.5),
    ]


def test_merged_cells():
    reference = movie("1234")
    tracks = [Track(label, 0, 0, 0) for label in (1, 2, 3, 4)]
    assert errors(reference, tracks, movie("5558"), [Track(5, 0, 0, 0), Track(8, 0, 0, 0)]) == [
        (0, "merged", 5, 2, 0, 5, 1, 5),
        (0, "merged", 5, 3, 0, 5, 1, 5),
    ]


def test_swapped_identities():
    assert errors(
        TWO_CELLS, TWO_TRACKS, movie("5070", "5070", "7050"), [Track(5, 0, 2, 0), Track(7, 0, 2, 0)]
    ) == [
        (2, "wrong link", 7, 1, 1, 7, 2, 1),
        (2, "wrong link", 5, 2, 1, 5, 1, 1),
        (2, "missing link", 7, 1, 1, 5, 1, 1.5),
        (2, "missing link", 5, 2, 1, 7, 2, 1.5),
    ]


DIVISION = movie("0110", "2030", "2030")
DIVISION_TRACKS = [Track(1, 0, 0, 0), Track(2, 1, 2, 1), Track(3, 1, 2, 1)]


def test_a_missed_division():
    result = movie("0550", "5070", "5070")
    assert errors(DIVISION, DIVISION_TRACKS, result, [Track(5, 0, 2, 0), Track(7, 1, 2, 0)]) == [
        (0, "missed division", 5, 1, -1, 0, 0, 0),
        (1, "missing link", 7, 3, 0, 5, 1, 1.5),
        (1, "wrong semantics", 5, 2, 0, 5, 1, 1),
    ]


def test_a_false_division():
    tracks = [Track(1, 0, 0, 0), Track(2, 0, 2, 0), Track(3, 1, 2, 1), Track(4, 1, 2, 1)]
    result = movie("1020", "3024", "3024")
    assert errors(TWO_CELLS, TWO_TRACKS, result, tracks) == [
        (0, "false division", 1, 1, -1, 0, 0, 0),
        (1, "false positive", 4, 0, -1, 0, 0, 1),
        (1, "wrong semantics", 3, 1, 0, 1, 1, 1),
        (2, "false positive", 4, 0, -1, 0, 0, 1),
    ]


def test_a_division_one_frame_late():
    late = movie("0110", "1110", "2030")
    found = errors(DIVISION, DIVISION_TRACKS, late, [Track(1, 0, 1, 0), Track(2, 2, 2, 1), Track(3, 2, 2, 1)])
    assert (0, "shifted division", 1, 1, 1, 1, 0, 0) in found
    assert not [kind for _, kind, *_ in found if kind in ("missed division", "false division")]


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.tuples(sequences(), sequences()), st.tuples(families(), families())))
def test_the_list_adds_up_to_the_measures(pair):
    (references, tracks), (results, result_tracks) = pair
    frames = sorted(references.keys() & results.keys())
    scorer = scorer_of({f: references[f] for f in frames}, {f: results[f] for f in frames})
    comparison, tracking = scorer.compare(tracks, result_tracks), scorer.score(tracks, result_tracks)
    rows = list_errors(comparison)
    kinds = Counter(KINDS[kind] for kind in rows["kind"])
    operations = asdict(tracking.operations)
    assert {name: kinds[OPERATIONS[name]] for name in WEIGHTS} == operations
    assert operations == asdict(find_corrections(comparison).operations)
    cost = tracking.operations.vertex_cost + tracking.operations.edge_cost
    assert rows["cost"].sum() == pytest.approx(cost)
    found = tracking.biology.found_divisions
    assert kinds["missed division"] == tracking.biology.reference_divisions - found[-1]
    assert kinds["false division"] == tracking.biology.result_divisions - found[-1]
    assert kinds["shifted division"] == found[-1] - found[0]
    assert (rows["frame"][:-1] <= rows["frame"][1:]).all()
    assert set(rows["frame"].tolist()) <= set(frames)
