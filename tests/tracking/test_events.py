import numpy as np

from cellseg.tracking.events import Events


def events(*rows):
    source, first, second, gain = zip(*rows, strict=True)
    return Events(np.array(source), np.array(first), np.array(second), np.array(gain, float))


def table(found):
    return list(
        zip(
            found.source.tolist(),
            found.first.tolist(),
            found.second.tolist(),
            found.gain.tolist(),
            strict=True,
        )
    )


def test_hopeless_events_are_left_out():
    best = (0, 10, -1, 9.0), (1, 11, -1, 8.0)
    near = (0, 11, -1, 5.0)
    found = events(*best, near, (1, 10, -1, 4.0))
    # They exclude 9 + 8 between them: 5 falls short by 12, 4 by 13.
    assert table(found.without_hopeless(12.0)) == [*best, near]


def test_a_division_excludes_what_becomes_of_both_daughters():
    best = (1, 10, -1, 4.0), (2, 11, -1, 5.0)
    division = (0, 10, 11, 3.0)
    assert table(events(*best, division).without_hopeless(6.0)) == [*best, division]
    assert table(events(*best, division).without_hopeless(5.9)) == [*best]


def test_what_gains_less_than_nothing_excludes_nothing():
    found = events((0, 10, -1, -1.0), (0, 11, -1, -5.0))
    assert len(found.without_hopeless(5.0)) == 2


def test_tables_are_joined_and_taken_from_in_order():
    one, two = events((0, 5, -1, 1.0)), events((1, 6, 7, 2.0), (2, 8, -1, 0.0))
    joined = Events.join([one, two])
    assert table(joined) == [(0, 5, -1, 1.0), (1, 6, 7, 2.0), (2, 8, -1, 0.0)]
    assert joined.is_division.tolist() == [False, True, False]
    assert table(joined.take(np.array([2, 0]))) == [(2, 8, -1, 0.0), (0, 5, -1, 1.0)]
    assert len(joined.take(np.zeros(0, int)).without_hopeless(1.0)) == 0
