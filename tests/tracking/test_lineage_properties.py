import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tracking_movies import assert_present, assert_valid, draw, final_masks, link_masks, run_pipeline

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
        max_gap=st.integers(0, 4),
        fill_gaps=st.booleans(),
        max_repair=st.integers(0, 5),
        min_track_length=st.integers(1, 4),
    ),
)
def test_any_masks_give_a_valid_lineage(frames, options):
    masks = [draw(frame) for frame in frames]
    lineage = link_masks(masks, **options)
    assert_valid(lineage, final_masks(masks, lineage))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_tiny_masks_give_a_valid_lineage(data):
    """A few pixels, some frames of which may be empty, or have no background at all."""
    shape = data.draw(st.tuples(st.integers(1, 6), st.integers(1, 6)))
    frames = st.one_of(
        arrays(np.uint32, shape, elements=st.integers(0, 3)),
        arrays(np.uint32, shape, elements=st.integers(1, 2)),
        st.just(np.zeros(shape, np.uint32)),
    )
    masks = data.draw(st.lists(frames, min_size=1, max_size=4))
    lineage = link_masks(masks, min_track_length=data.draw(st.integers(1, 2)))
    assert_valid(lineage, final_masks(masks, lineage))


@settings(max_examples=40, deadline=None)
@given(st.lists(cells, min_size=1, max_size=6), st.floats(0.01, 0.9), st.integers(1, 4))
def test_any_masks_give_a_lineage_with_the_published_linker(frames, min_overlap, min_track_length):
    """Which may have an only child, or three."""
    masks = [draw(frame) for frame in frames]
    lineage = link_masks(
        masks, method="published", min_overlap=min_overlap, min_track_length=min_track_length
    )
    assert_present(lineage, final_masks(masks, lineage))


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
