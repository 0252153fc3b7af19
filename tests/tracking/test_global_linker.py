"""The choice among all events, against trying out every one, and what must not change it."""

import numpy as np
import pytest
from every_packing import largest_gain
from hypothesis import given, settings
from hypothesis import strategies as st
from tracking_movies import draw, tables_of_masks

from cellseg.tracking import LinkerSettings, global_linker, solve_lineage
from cellseg.tracking.global_linker import link_globally
from cellseg.tracking.movie import survey
from cellseg.tracking.packing import best_packing
from cellseg.tracking.repair import cells_of
from cellseg.types import object_dtype


def random_movie(seed, frames=30, cells=40, size=400):
    """Tables of points that walk, divide and are missed now and then."""
    rng = np.random.default_rng(seed)
    place, tables = rng.uniform(0, size, (cells, 2)), []
    for frame in range(frames):
        place = place + rng.normal(0, 3, place.shape)
        mothers = place[rng.random(len(place)) < 0.02]
        place = np.concatenate([place, mothers + rng.normal(0, 8, mothers.shape)])
        seen = place[rng.random(len(place)) > 0.05]
        rows = np.zeros(len(seen), object_dtype(0))
        rows["frame"], rows["id"], rows["centroid"] = frame, np.arange(1, len(seen) + 1), seen
        rows["area"] = rng.integers(150, 250, len(seen))
        rows["bbox"] = np.rint(np.column_stack([seen - 8, seen + 8]))
        tables.append(rows)
    return np.concatenate(tables), tables_of_masks([draw({})])[1]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_choice_is_the_best_of_all(seed):
    """Whatever is handed to the packing for a tiny movie, no other set of events gains more."""
    rng = np.random.default_rng(seed)
    objects, overlaps = random_movie(seed, frames=3, cells=int(rng.integers(1, 4)), size=40)
    asked = []

    def watched(parties, gain):
        chosen = best_packing(parties, gain)
        asked.append((parties, gain, chosen))
        return chosen

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(global_linker, "best_packing", watched)
        solve_lineage(objects, overlaps)
    for parties, gain, chosen in asked:
        rows = [(row[row >= 0].tolist(), value) for row, value in zip(parties, gain.tolist(), strict=True)]
        if len(rows) < 16:
            assert gain[chosen].sum() == pytest.approx(largest_gain(rows))


def assert_windows_change_nothing(objects, overlaps, window, monkeypatch, **settings):
    whole = solve_lineage(objects, overlaps, LinkerSettings(**settings))
    monkeypatch.setattr(global_linker, "_WINDOW", window)
    cut = solve_lineage(objects, overlaps, LinkerSettings(**settings))
    assert any(track.parent for track in whole.tracks)
    assert cut.tracks == whole.tracks
    assert (cut.final == whole.final).all()


@pytest.mark.parametrize("window", [1, 150, 500])
def test_cutting_the_movie_into_windows_changes_nothing(window, monkeypatch):
    assert_windows_change_nothing(*random_movie(3), window, monkeypatch)


def test_windows_see_as_far_as_long_gaps_reach(monkeypatch):
    assert_windows_change_nothing(*random_movie(2, frames=40, cells=10), 100, monkeypatch, max_gap=5)


def test_order_of_the_rows_does_not_matter():
    objects, overlaps = random_movie(4)
    rng = np.random.default_rng(0)
    one = solve_lineage(objects, overlaps)
    other = solve_lineage(rng.permutation(objects), rng.permutation(overlaps))
    assert one.tracks == other.tracks
    assert (one.final == other.final).all() and (one.provisional == other.provisional).all()


@pytest.mark.parametrize("least", [1, 2, 4])
def test_daughters_that_end_in_the_field_have_lived(least):
    objects, overlaps = random_movie(5, cells=60)
    cells = cells_of(objects, overlaps, 0)
    movie = survey(cells.nodes, cells.overlaps)
    links = link_globally(movie, cells.hidden, 2, least)
    first, last = links.firsts, links.lasts
    daughters = np.flatnonzero(links.parent >= 0)
    assert len(daughters)
    assert (np.bincount(links.parent[daughters])[links.parent[daughters]] == 2).all()
    end = last[daughters]
    life = movie.nodes.frame[end] - movie.nodes.frame[daughters] + 1
    in_field = (
        ~movie.at_border[end] & (movie.nodes.frame[end] < movie.nodes.frame.max()) & links.childless[end]
    )
    assert (first[daughters] == daughters).all()
    assert (life[in_field] >= least).all()


@pytest.mark.parametrize("seed", [6, 7])
def test_debris_makes_no_mitosis(seed):
    """Specks that come and go beside cells, of an eighth of their area: none is a daughter in mid-field."""
    objects, overlaps = random_movie(seed, cells=60)
    rng = np.random.default_rng(seed)
    specks = objects[rng.random(len(objects)) < 0.3]
    specks["id"] += 1000
    specks["centroid"] += rng.normal(0, 8, specks["centroid"].shape)
    specks["area"] = rng.integers(5, 28, len(specks))
    cells = cells_of(np.sort(np.concatenate([objects, specks]), order=["frame", "id"]), overlaps, 0)
    movie = survey(cells.nodes, cells.overlaps, (-50, -50, 450, 450))
    links = link_globally(movie, cells.hidden, 2, 2)
    daughters = np.flatnonzero(links.parent >= 0)
    mother, area = links.parent[daughters], movie.nodes.area
    assert len(daughters)
    smaller = np.minimum.reduceat(area[daughters[np.argsort(mother)]], np.arange(0, len(daughters), 2))
    assert (smaller >= 100).all()
