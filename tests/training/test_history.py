"""Which weights are the best, and when more steps are in vain."""

from hypothesis import given
from hypothesis import strategies as st

from cellseg.training.history import History


def walk(scores, patience=2):
    history = History(patience)
    kept = [step for step, score in enumerate(scores) if history.add(step, {"SEG": score})]
    return kept, history.stalled


def test_the_best_is_kept_and_of_equals_the_last():
    assert walk([0.1, 0.3, 0.2, 0.3, 0.25], patience=None) == ([0, 1, 3], None)


def test_patience_counts_validations_in_a_row_without_a_better_score():
    assert walk([0.1, 0.3, 0.2, 0.4, 0.4, 0.3, 0.5])[1] == 5
    assert walk([0.5, 0.4, 0.6, 0.4])[1] is None


def test_a_network_that_finds_nothing_has_not_begun():
    assert walk([0, 0, 0, 0, 0.1]) == ([0, 1, 2, 3, 4], None)


def test_the_mean_of_what_is_defined_counts():
    history = History(1)
    assert history.add(1, {"SEG": 0.2, "TRA": 0.8, "DET": 0})
    assert not history.add(2, {"SEG": 0.4, "TRA": 0.5, "DET": 1})
    assert history.add(3, {"SEG": 0.51})
    assert not history.add(3, {"SEG": 1.0})  # noted before


@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=1), st.integers(1, 4))
def test_against_the_definition(scores, patience):
    kept, stalled = walk(scores, patience)
    assert kept == [i for i, score in enumerate(scores) if score >= max(scores[:i], default=0)]
    vain = [
        i
        for i in range(patience, len(scores))
        if max(scores[: i - patience + 1]) > 0
        and all(s <= max(scores[: i - patience + 1]) for s in scores[i - patience + 1 : i + 1])
    ]
    assert stalled == next(iter(vain), None)
