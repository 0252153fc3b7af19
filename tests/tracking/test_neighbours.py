import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tracking_movies import nodes_at

from cellseg.tracking.neighbours import mutual_nearest, near_expected

points = st.lists(
    st.tuples(st.integers(0, 4), st.floats(0, 50, width=32), st.floats(0, 50, width=32)), max_size=25
)


@settings(max_examples=100, deadline=None)
@given(points, st.integers(1, 3), st.floats(1, 30), st.integers(2, 30))
def test_near_pairs_equal_those_of_all_pairs(table, lag, reach, nearest):
    nodes = nodes_at(table)
    found = near_expected(
        nodes, slice(0, len(nodes)), nodes.centroid + 1, lag, widths=0.5, pixels=reach, nearest=nearest
    )
    reach += 0.5 * 10
    expected = set()
    for target in range(len(nodes)):
        sources = np.flatnonzero(nodes.frame == nodes.frame[target] - lag)
        distance = np.linalg.norm(nodes.centroid[sources] + 1 - nodes.centroid[target], axis=1)
        ranked = sorted(zip(distance.tolist(), sources.tolist(), strict=True))[:nearest]
        expected |= {(source, target) for far, source in ranked if far < reach}
    assert len(found[0]) == len(expected)
    if len(set(table)) == len(table):
        assert set(zip(*(side.tolist() for side in found), strict=True)) == expected


@settings(max_examples=100, deadline=None)
@given(points)
def test_mutual_nearest_equal_those_of_all_pairs(table):
    nodes = nodes_at(list(dict.fromkeys(table)))
    earlier, later = mutual_nearest(nodes, nodes.centroid)
    for one, other in zip(earlier.tolist(), later.tolist(), strict=True):
        assert nodes.frame[other] == nodes.frame[one] + 1
        for here, there in ((one, other), (other, one)):
            rivals = nodes.centroid[nodes.frame == nodes.frame[there]]
            distance = np.linalg.norm(nodes.centroid[here] - nodes.centroid[there])
            assert distance <= np.linalg.norm(rivals - nodes.centroid[here], axis=1).min() + 1e-9
    pairs = {*earlier.tolist()}, {*later.tolist()}
    assert len(pairs[0]) == len(pairs[1]) == len(earlier)
    # Whenever both frames have objects, the nearest two of them are a pair.
    present = set(nodes.frame.tolist())
    assert {int(frame) for frame in nodes.frame[earlier]} == {t for t in present if t + 1 in present}


def test_windows_see_sources_of_their_own_alone():
    nodes = nodes_at([(0, 0, 0), (1, 0, 1), (2, 0, 2)])
    here = nodes.centroid[1:2]
    source, target = near_expected(nodes, slice(1, 2), here, 1, widths=0, pixels=5.0, nearest=5)
    assert (source.tolist(), target.tolist()) == ([1], [2])
