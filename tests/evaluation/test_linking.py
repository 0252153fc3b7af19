"""Who links best, at a toy size; and that what is compared is what it says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellseg.ctc import write_mask, write_tracks
from cellseg.simulate import preset, write_ctc
from cellseg.types import Track
from evaluation.clustering.readme import provenance
from evaluation.linkers.big import big
from evaluation.linkers.by_btrack import Btrack
from evaluation.linkers.by_trackastra import Trackastra
from evaluation.linkers.corrupt import Debris, corrupt, drop_objects, merge_neighbours, split_objects
from evaluation.linkers.linked import from_links
from evaluation.linkers.movie import Masks, Movie
from evaluation.linkers.ours import GLOBAL, PUBLISHED
from evaluation.linkers.real import real
from evaluation.linkers.render import render
from evaluation.linkers.simulated import simulated
from evaluation.linking import PARTS, Plan, measure

TOY = Plan("toy", 60, 6, 96, 5, ((5, 40),))


def squares(side=60, size=6, step=10):
    """Touching pairs of squares: 1 and 2 side by side, and so on."""
    labels = np.zeros((side, side), np.int64)
    for label, (y, x) in enumerate(np.ndindex(side // step, side // size), 1):
        labels[step * y : step * y + size, size * x : size * (x + 1)] = label
    return labels


def test_everything_that_is_there_is_measured_and_said(tmp_path):
    write_ctc(preset("Fluo-N2DH-GOWT1"), tmp_path, "01", frames=7, seed=1, shape=(256, 256))
    truth = tmp_path / "Fluo-N2DH-GOWT1" / "01_GT"
    silver = tmp_path / "Fluo-N2DH-GOWT1" / "01_ST" / "SEG"
    silver.mkdir(parents=True)
    for mask in sorted((truth / "TRA").glob("man_track*.tif")):
        (silver / mask.name.replace("track", "seg")).write_bytes(mask.read_bytes())
    linkers = [PUBLISHED, Trackastra(), Btrack(), GLOBAL]
    record = {part: measure(part, TOY, linkers, tmp_path) for part in PARTS}
    absent = record["movies"]["absent"]
    assert absent.keys() == {"Trackastra", "btrack"}
    assert [movie["name"] for movie in record["movies"]["movies"]] == [
        "Fluo-N2DH-GOWT1/01",
        "simulated: crowded",
        "simulated: fast",
        "simulated: crowded, 10 % dropped",
        "simulated: crowded, 5 % merged",
        "simulated: crowded, 5 % split",
        "simulated: crowded, 10 % debris",
        "simulated: crowded, all of these",
    ]
    for movie in record["movies"]["movies"] + record["big"]["movies"]:
        assert [(row["linker"], row["status"]) for row in movie["rows"]] == [
            ("published greedy", "done"),
            ("cellseg", "done"),
        ]
        assert all(0 < row["TRA"] <= 1 for row in movie["rows"])
    text = render(record, provenance)
    assert all(f"{name}: {reason}" in text for name, reason in absent.items())
    assert text.count("#### ") == 9


def test_links_become_the_tracks_of_the_challenge():
    """A cell that divides after a gap, one that goes on, one alone."""
    labels = np.zeros((5, 1, 8), int)
    labels[[0, 1], 0, 0] = 1  # rows 0 and 2, gap in frame 2
    labels[[3, 4], 0, 0] = 1
    labels[3, 0, 2] = 2
    labels[:3, 0, 5] = 7
    masks = Masks(labels)
    row = {(int(t), int(i)): n for n, (t, i) in enumerate(masks.objects[["frame", "id"]])}
    links = [((0, 1), (1, 1)), ((1, 1), (3, 1)), ((1, 1), (3, 2)), ((3, 1), (4, 1)), ((0, 7), (1, 7))]
    linked = from_links(masks, [(row[a], row[b]) for a, b in links])
    by_place = {(t, x): int(linked.frame(t)[0, x]) for t in range(5) for x in (0, 2, 5) if labels[t, 0, x]}
    mother, one, other = by_place[0, 0], by_place[3, 0], by_place[3, 2]
    assert by_place[1, 0] == mother and by_place[4, 0] == one
    assert by_place[0, 5] == by_place[1, 5] != by_place[2, 5]
    assert set(linked.tracks) == {
        Track(mother, 0, 1, 0),
        Track(one, 3, 4, mother),
        Track(other, 3, 3, mother),
        Track(by_place[0, 5], 0, 1, 0),
        Track(by_place[2, 5], 2, 2, 0),
    }


@pytest.mark.parametrize("linker", [GLOBAL, PUBLISHED])
def test_scores_know_right_from_wrong(linker):
    movie = next(simulated(frames=6, side=128))
    linked = linker.link(movie.masks)
    right = Movie("right", movie.masks, np.stack([linked.frame(t) for t in range(6)]), linked.tracks)
    assert linked.scores(right) | {"BC(1)": 1} == {"LNK": 1, "TRA": 1, "BC(1)": 1, "CT": 1, "TF": 1}
    alone = from_links(movie.masks, [])
    assert alone.scores(movie)["LNK"] == 0 < linked.scores(movie)["LNK"]


def test_numbers_of_masks_tell_nothing():
    movie = next(simulated(frames=5, side=128))
    for t in range(5):
        cells = np.unique(movie.markers[t])[1:]
        assert np.unique(movie.masks.labels[t]).tolist() == list(range(len(cells) + 1))
        np.testing.assert_array_equal(movie.markers[t] > 0, movie.masks.labels[t] > 0)
    assert any(movie.masks.labels[t][movie.markers[t] == 1].max(initial=0) > 1 for t in range(5))


def test_merging_takes_pairs_of_neighbours():
    labels = squares()
    before = labels.copy()
    merge_neighbours(labels, 0.2, np.random.default_rng(1))
    gone = set(np.unique(before)) - set(np.unique(labels))
    assert len(gone) == 6  # of 60 objects 12 are in a pair
    for label in gone:
        (new,) = np.unique(labels[before == label])
        assert np.unique(before[labels == new]).tolist() == sorted([new, label])
    assert ((labels > 0) == (before > 0)).all()


def test_splitting_cuts_in_two():
    labels = np.kron(squares(), np.ones((2, 2), np.int64))
    before = labels.copy()
    split_objects(labels, 0.5, np.random.default_rng(1))
    pieces = {label: len(np.unique(labels[before == label])) for label in range(1, 61)}
    assert set(pieces.values()) == {1, 2} and 15 < sum(count == 2 for count in pieces.values()) < 45
    assert ((labels > 0) == (before > 0)).all()


def test_dropping_and_debris():
    labels = squares()
    before = labels.copy()
    drop_objects(labels, 0.3, np.random.default_rng(1))
    left = np.unique(labels)
    assert 30 < len(left) < 55
    assert ((labels == before) | ~np.isin(before, left)).all()
    empty = np.zeros((2, 50, 50), np.int64)
    debris = Debris(np.random.default_rng(1), (50, 50))
    for frame in empty:
        debris.add(frame, 5)
    assert [len(np.unique(frame)) - 1 for frame in empty] == [5, 5]
    assert ((empty[0] > 0) & (empty[1] > 0)).any()


@given(seed=st.integers(0, 1000), share=st.sampled_from([0.0, 0.1, 1.0]))
@settings(max_examples=20, deadline=None)
def test_corrupted_masks_are_masks(seed, share):
    movie = np.stack([squares(30)] * 2)
    corrupted = corrupt(movie, seed, drop=share, merge=share, split=share, debris=share)
    again = corrupt(movie, seed, drop=share, merge=share, split=share, debris=share)
    np.testing.assert_array_equal(corrupted, again)
    for frame in corrupted:
        assert np.unique(frame[frame > 0]).tolist() == list(range(1, frame.max() + 1))


def test_the_big_movie_is_linked_well_and_its_truth_is_a_lineage():
    movie = big(30, 100, seed=3)
    assert len(movie.masks.objects) == (movie.masks.labels > 0).sum()
    for track in movie.tracks:
        lives = [t for t in range(30) if (movie.markers[t] == track.label).any()]
        assert lives == list(range(track.begin, track.end + 1))
        assert not track.parent or movie.tracks[track.parent - 1].end == track.begin - 1
    assert movie.described()["divisions"] > 3
    overlaps = movie.masks.overlaps
    for t in (0, 20):
        rows = overlaps[(overlaps["frame"] == t) & (overlaps["id_a"] > 0)]
        area = np.bincount(rows["id_a"], rows["pixels"])[1:]
        objects = movie.masks.objects[movie.masks.objects["frame"] == t]
        # Discs that overlap each other share their pixels, which nobody takes away from either.
        assert (area >= objects["area"] - 20).all()
    assert GLOBAL.link(movie.masks).scores(movie)["LNK"] > 0.9


def test_the_challenges_numbers_begin_at_0_for_the_linker(tmp_path):
    for folder in ("TRA", "SEG"):
        (tmp_path / "DIC-C2DH-HeLa" / "01_GT" / folder).mkdir(parents=True)
    silver = tmp_path / "DIC-C2DH-HeLa" / "01_ST" / "SEG"
    silver.mkdir(parents=True)
    for t in (3, 4, 5):
        write_mask(tmp_path / "DIC-C2DH-HeLa" / "01_GT" / "TRA" / f"man_track{t:03}.tif", squares())
        write_mask(silver / f"man_seg{t:03}.tif", squares())
    write_tracks(
        tmp_path / "DIC-C2DH-HeLa" / "01_GT" / "TRA" / "man_track.txt",
        [Track(label, 3, 5, 0) for label in range(1, 61)],
    )
    (movie,) = real(tmp_path, frames=2)
    assert movie.tracks[0] == Track(1, 0, 1, 0)
    assert (movie.masks.labels.shape, movie.masks.border, movie.masks.images) == ((2, 60, 60), 50, None)
