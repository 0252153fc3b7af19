import numpy as np
import pytest
from tracking_movies import (
    assert_valid,
    draw,
    final_masks,
    link_masks,
    rows,
    run_pipeline,
    tables_of_masks,
)

from cellseg.tracking import LinkerSettings, object_rows, overlap_rows, solve_lineage
from cellseg.types import CHAIN, NEXT, object_dtype

MOTHER = {1: (30, 40, 10)}
DAUGHTERS = {1: (30, 31, 7), 2: (30, 49, 7)}


def solved(frames, **settings):
    """Link drawn frames as masks; the lineage has passed the challenge's rules."""
    masks = [draw(cells) for cells in frames]
    lineage = link_masks(masks, **settings)
    assert_valid(lineage, final_masks(masks, lineage))
    return lineage


def final(frames, lineage):
    return final_masks([draw(cells) for cells in frames], lineage)


def test_still_cell_with_changing_ids():
    assert rows(solved([{n: (30, 40, 8)} for n in (3, 1, 9, 2)])) == [(1, 0, 3, 0)]


def test_division():
    # The daughters are numbered by position: the upper or left one first.
    assert rows(solved([MOTHER] * 3 + [DAUGHTERS] * 3)) == [(1, 0, 2, 0), (2, 3, 5, 1), (3, 3, 5, 1)]


@pytest.mark.parametrize("missing", [1, 2])
def test_division_missed_for_some_frames(missing):
    frames = [MOTHER] * 3 + [{}] * missing + [DAUGHTERS] * 3
    born = 3 + missing
    assert rows(solved(frames)) == [(1, 0, 2, 0), (2, born, born + 2, 1), (3, born, born + 2, 1)]
    assert all(parent == 0 for *_, parent in rows(solved(frames, max_gap=missing - 1)))


def test_mother_that_seems_to_live_on_is_cut():
    # One daughter lies where the mother was, and overlaps her well.
    daughters = {1: (30, 36, 8), 2: (30, 53, 7)}
    shifted = [{1: (30, 42, 10)}] * 3 + [daughters] * 3
    assert rows(solved(shifted)) == [(1, 0, 2, 0), (2, 3, 5, 1), (3, 3, 5, 1)]


def test_entering_neighbour_is_no_daughter():
    neighbours = {1: (30, 40, 10), 2: (30, 61, 10)}
    assert rows(solved([MOTHER] * 3 + [neighbours] * 3)) == [(1, 0, 5, 0), (2, 3, 5, 0)]


def test_debris_is_no_daughter():
    debris = {1: (30, 37, 8), 2: (30, 50, 2)}
    assert rows(solved([MOTHER] * 3 + [debris] * 3)) == [(1, 0, 5, 0), (2, 3, 5, 0)]


def test_what_enters_at_the_border_is_no_daughter():
    cell = {1: (30, 20, 8)}
    frames = [cell] * 3 + [cell | {2: (30, t, 8)} for t in (0, 1, 2)]
    assert rows(solved(frames)) == [(1, 0, 5, 0), (2, 3, 5, 0)]


def test_flicker_beside_a_cell_is_no_daughter():
    frames = [MOTHER] * 3 + [{1: (30, 40, 10), 2: (30, 58, 7)}] + [MOTHER] * 3
    assert rows(solved(frames)) == [(1, 0, 6, 0)]


def test_division_is_no_false_split():
    # The daughters meet again only long after.
    frames = [MOTHER] * 3 + [DAUGHTERS] * 7
    assert rows(solved(frames)) == [(1, 0, 2, 0), (2, 3, 9, 1), (3, 3, 9, 1)]


@pytest.mark.parametrize("length", [1, 3, 5])
def test_false_split_is_made_whole(length):
    whole, halves = {1: (30, 42, 11)}, {1: (30, 36, 8), 2: (30, 49, 7)}
    frames = [whole] * 3 + [halves] * length + [whole] * 3
    lineage = solved(frames)
    assert rows(lineage) == [(1, 0, length + 5, 0)]
    assert [np.unique(mask).tolist() for mask in final(frames, lineage)] == [[0, 1]] * len(frames)
    # Unasked, nobody touches the objects.
    apart = solved(frames, max_repair=length - 1, min_track_length=1)
    assert all(len(np.unique(mask)) == 3 for mask in final(frames, apart)[3 : 3 + length])


@pytest.mark.parametrize("length", [1, 3, 5])
def test_false_merger_is_parted(length):
    two = {1: (30, 32, 9), 2: (30, 51, 9)}
    one = {1: (30, 32, 9), 4: (30, 41, 3)}
    other = (12, 80, 7)
    frames = [two | {3: other}] * 3 + [one | {3: other}] * length + [two | {3: other}] * 3
    masks = [draw(cells) for cells in frames]
    merged = draw(two) > 0
    for t in range(3, 3 + length):
        masks[t] = np.where(merged, 7, draw({3: other})).astype(np.uint32)
    lineage = link_masks(masks)
    assert rows(lineage) == [(1, 0, length + 5, 0), (2, 0, length + 5, 0), (3, 0, length + 5, 0)]
    finals = final_masks(masks, lineage)
    assert_valid(lineage, finals)
    for mask in finals:
        assert (mask == finals[0]).mean() > 0.995


def test_mother_in_pieces_is_no_division():
    # In frame 0 already split, later one: no frame before agrees, and nothing is made whole.
    frames = [DAUGHTERS] * 3 + [{1: (30, 40, 14)}] * 4
    for t, mask in enumerate(final(frames, solved(frames))):
        assert len(np.unique(mask)) == len(frames[t]) + 1


def test_missing_cell_is_drawn_on_its_way():
    frames = [{1: (30, 20 + 3 * t, 8)} for t in range(8)]
    seen = [*frames[:3], {}, {}, *frames[5:]]
    lineage = solved(seen)
    assert rows(lineage) == [(1, 0, 7, 0)]
    for t, mask in enumerate(final(seen, lineage)):
        assert (mask == (draw(frames[t]) > 0)).all()


def test_drawn_cell_leaves_the_others_alone():
    neighbour = {2: (30, 57, 9)}
    frames = [MOTHER | neighbour] * 3 + [neighbour] + [MOTHER | neighbour] * 3
    masks = final(frames, solved(frames))
    assert (masks[3] == masks[2]).all()


def test_gap_gets_an_only_child_where_nothing_is_to_be_drawn():
    frames = [MOTHER] * 3 + [{}] + [{1: (30, 42, 10)}] * 3
    lineage = solved(frames, fill_gaps=False)
    assert rows(lineage) == [(1, 0, 2, 0), (2, 4, 6, 1)]
    assert not lineage.drawn


def test_long_gap_is_two_cells():
    frames = [MOTHER] * 3 + [{}] * 3 + [MOTHER] * 3
    assert rows(solved(frames)) == [(1, 0, 2, 0), (2, 6, 8, 0)]
    assert rows(solved(frames, max_gap=3)) == [(1, 0, 8, 0)]


def test_gap_does_not_bridge_to_something_else():
    assert len(rows(solved([MOTHER] * 3 + [{}] + [{1: (30, 42, 3)}] * 3))) == 2
    assert len(rows(solved([MOTHER] * 3 + [{}] + [{1: (30, 80, 10)}] * 3))) == 2


def test_fast_cell_is_one_track():
    # Eight pixels per frame at a diameter of eight: hardly any overlap with itself.
    assert rows(solved([{1: (30, 10 + 8 * t, 4)} for t in range(7)])) == [(1, 0, 6, 0)]


def test_crossing_cells_keep_their_tracks():
    frames = [{1: (26, 20 + 5 * t, 8), 2: (44, 70 - 5 * t, 8)} for t in range(10)]
    lineage = solved(frames)
    assert rows(lineage) == [(1, 0, 9, 0), (2, 0, 9, 0)]
    last = final(frames, lineage)[-1]
    assert last[26, 65] == 1 and last[44, 25] == 2


def test_cells_that_meet_head_on_go_on_as_they_went():
    """At the closest, each is nearer to where the other was: only their motion tells."""
    frames = [{1: (25, 10 + 9 * t, 4), 2: (35, 82 - 9 * t, 4)} for t in range(9)]
    lineage = solved(frames)
    assert rows(lineage) == [(1, 0, 8, 0), (2, 0, 8, 0)]
    last = final(frames, lineage)[-1]
    assert last[25, 82] == 1 and last[35, 10] == 2


def test_field_that_moves_as_a_whole():
    """Each cell comes to lie nearer to where its neighbour was."""
    rng = np.random.default_rng(0)
    places = [
        (y + rng.uniform(-2, 2), x + rng.uniform(-2, 2)) for y in range(12, 60, 12) for x in range(12, 60, 12)
    ]
    shifts = [0, 3, 3, 8, 10]
    frames = [{n: (y, x + dx, 4) for n, (y, x) in enumerate(places, start=1)} for dx in shifts]
    lineage = solved(frames)
    assert len(rows(lineage)) == len(places)
    masks = final(frames, lineage)
    for y, x in places:
        assert len({int(mask[round(y), round(x + dx)]) for mask, dx in zip(masks, shifts, strict=True)}) == 1


def test_short_lonely_track_is_removed_unless_the_movie_cuts_it():
    frames = [dict(MOTHER) for _ in range(6)]
    frames[3][5] = (10, 80, 4)
    frames[0][5] = (55, 80, 4)
    lineage = solved(frames)
    assert rows(lineage) == [(1, 0, 5, 0), (2, 0, 0, 0)]
    assert lineage.final_labels(3).tolist() == [0, 1, 0, 0, 0, 0]
    assert len(solved(frames, min_track_length=1).tracks) == 3


def test_tracks_are_numbered_by_begin_then_position():
    late, right, left = (10, 10, 5), (30, 60, 5), (30, 20, 5)
    frames = [{8: right, 9: left}] * 2 + [{8: right, 9: left, 1: late}] * 2
    lineage = solved(frames)
    assert rows(lineage) == [(1, 0, 3, 0), (2, 0, 3, 0), (3, 2, 3, 0)]
    assert lineage.final_labels(3).tolist() == [0, 3, 0, 0, 0, 0, 0, 0, 2, 1]


@pytest.mark.parametrize("method", ["global", "published"])
@pytest.mark.parametrize("frames", [[MOTHER], [{}], [{}, {}, {}], [{}, MOTHER, {}]])
def test_one_frame_and_empty_frames(frames, method):
    lineage = solved(frames, min_track_length=1, method=method)
    assert len(lineage.tracks) == sum(map(len, frames))


def test_one_frame_keeps_its_cells():
    assert rows(solved([DAUGHTERS])) == [(1, 0, 0, 0), (2, 0, 0, 0)]


def test_empty_tables():
    objects, overlaps = tables_of_masks([draw({})])
    lineage = solve_lineage(objects, overlaps)
    assert lineage.tracks == () and lineage.final_labels(0).tolist() == [0]


@pytest.mark.parametrize("method", ["global", "published"])
def test_chain_knows_a_cell_that_has_moved_far(method):
    """A cell moves beyond its own size, and another one is as near; only the pairs' ids know."""
    masks = [draw({1: (30, 20, 8)}), draw({1: (30, 20, 8)}), draw({1: (12, 45, 8), 2: (48, 45, 8)})]
    objects, overlaps = tables_of_masks(masks)
    for label in (1, 2):
        chain = overlap_rows(masks[1], draw({label: (30, 20, 8)}), 1, CHAIN)
        settings = LinkerSettings(method=method, min_track_length=1)
        lineage = solve_lineage(objects, np.concatenate([overlaps, chain]), settings)
        assert lineage.final_labels(2)[label] == lineage.final_labels(1)[1]


def test_poor_chain_match_is_no_link():
    mask, far = draw({1: (30, 20, 8)}), draw({1: (30, 70, 8)})
    objects = np.concatenate([object_rows(mask, 0), object_rows(far, 1)])
    sliver = draw({1: (30, 34, 8)})
    overlaps = np.concatenate([overlap_rows(mask, sliver, 0, CHAIN), overlap_rows(mask, far, 0, NEXT)])
    assert len(solve_lineage(objects, overlaps).tracks) == 2


@pytest.mark.parametrize("embeddings", [((1, 0), (0, 1)), ((0, 1), (1, 0))])
def test_embeddings_tell_cells_apart_that_swap_places(embeddings):
    """Many cells whose embeddings persist; two come to lie in the middle of where both were."""
    rng = np.random.default_rng(1)
    others = {n: (24 * (n // 5) + 12, 24 * (n % 5) + 12, 6) for n in range(3, 15)}
    moved = {n: (y + rng.normal(0, 5), x + rng.normal(0, 5), radius) for n, (y, x, radius) in others.items()}
    first = draw(others | {1: (100, 43, 5), 2: (100, 57, 5)}, (120, 120))
    second = draw(moved | {1: (93, 50, 5), 2: (107, 50, 5)}, (120, 120))
    vectors = np.full((15, 2), 0.7071, np.float32)
    vectors[1:3] = (1, 0), (0, 1)
    later = vectors.copy()
    later[1:3] = embeddings
    objects = np.concatenate([object_rows(first, 0, vectors), object_rows(second, 1, later)])
    lineage = solve_lineage(objects, overlap_rows(first, second, 0, NEXT))
    expected = 1 if embeddings[0] == (1, 0) else 2
    assert lineage.final_labels(1)[expected] == lineage.final_labels(0)[1]


def test_too_many_tracks_are_refused():
    objects = np.zeros(65_536, object_dtype(0))
    objects["id"] = np.arange(1, 65_537)
    objects["area"] = 1
    objects["centroid"][:, 0] = objects["id"] * 10
    objects["bbox"][:, 2:] = 1
    nothing = tables_of_masks([draw({})])[1]
    with pytest.raises(ValueError, match="65536 tracks"):
        solve_lineage(objects, nothing)
    assert len(solve_lineage(objects[:-1], nothing).tracks) == 65_535


def test_ambiguous_tables_are_refused():
    objects, overlaps = tables_of_masks([draw(MOTHER)])
    with pytest.raises(ValueError, match="same id"):
        solve_lineage(np.concatenate([objects, objects]), overlaps)
    objects["id"] = 0
    with pytest.raises(ValueError, match="background"):
        solve_lineage(objects, overlaps)


def test_a_frame_with_unknown_ids_is_refused():
    lineage = solved([MOTHER])
    with pytest.raises(ValueError, match="not in the lookup"):
        lineage.final_frame(0, lambda t: draw({4: (30, 30, 4)}))


@pytest.mark.parametrize(
    "wrong",
    [{"method": "best"}, {"min_overlap": 0}, {"max_gap": -1}, {"max_repair": -1}, {"min_track_length": 0}],
)
def test_impossible_settings_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        LinkerSettings(**wrong)


def test_moving_discs_from_clusters_to_lineage():
    """Two cells pass each other, one enters, one divides; every pair has ids of its own."""
    frames = []
    for t in range(12):
        cells = {1: (12, 10 + 4 * t, 7), 2: (32, 70 - 4 * t, 7)}
        if t >= 3:
            cells[3] = (52, 3 * (t - 3), 6)
        if t < 6:
            cells[4] = (52, 80, 8)
        else:
            cells |= {5: (46 - (t - 6), 80, 5), 6: (58 + min(t - 6, 2) / 2, 80, 5)}
        frames.append(cells)
    masks, lineage = run_pipeline(frames, np.random.default_rng(3))
    assert_valid(lineage, masks)
    assert rows(lineage) == [
        (1, 0, 11, 0),
        (2, 0, 11, 0),
        (3, 0, 5, 0),
        (4, 3, 11, 0),
        (5, 6, 11, 3),
        (6, 6, 11, 3),
    ]
    assert masks[11][12, 54] == 1 and masks[11][32, 26] == 2
