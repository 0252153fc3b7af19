import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tracking_movies import assert_valid, draw, final_masks, link_masks, run_pipeline

from cellseg.tracking.links import choose_disjoint

cells = st.dictionaries(
    st.integers(1, 12),
    st.tuples(st.integers(0, 63), st.integers(0, 95), st.integers(3, 12)),
    max_size=7,
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(cells, min_size=1, max_size=6),
    st.builds(
        dict,
        min_overlap=st.floats(0.01, 0.9),
        parent_min_overlap=st.floats(0.001, 0.3),
        parent_search_frames=st.integers(1, 4),
        max_gap=st.integers(0, 4),
        min_track_length=st.integers(1, 4),
        false_split_max_life=st.integers(0, 5),
    ),
)
def test_any_masks_give_a_valid_lineage(frames, options):
    masks = [draw(frame) for frame in frames]
    lineage = link_masks(masks, **options)
    assert_valid(lineage, final_masks(masks, lineage))


@settings(max_examples=25, deadline=None)
@given(st.lists(cells, min_size=2, max_size=5), st.integers(0, 1000))
def test_any_pairs_give_a_valid_lineage(frames, seed):
    masks, lineage = run_pipeline(frames, np.random.default_rng(seed))
    assert_valid(lineage, masks)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(6, 11), st.integers(6, 11), st.integers(0, 3)), max_size=25
    )
)
def test_disjoint_choice_equals_taking_row_by_row(table):
    table = np.array(table, np.int64).reshape(-1, 4)
    parties, cost = table[:, :3], table[:, 3].astype(float)
    expected, taken = np.zeros(len(table), bool), set()
    for row in sorted(range(len(table)), key=lambda i: (cost[i], *parties[i].tolist())):
        if not taken & set(parties[row].tolist()):
            expected[row] = True
            taken |= set(parties[row].tolist())
    assert (choose_disjoint(parties, cost) == expected).all()
