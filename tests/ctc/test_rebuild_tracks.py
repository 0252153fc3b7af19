"""Lineages made from masks agree with them, whatever the track file says."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellseg.ctc.rebuild_tracks import rebuild_tracks
from cellseg.ctc.track_rules import check_tracks, compare_with_masks
from cellseg.errors import CellsegError
from cellseg.types import Track


def seen_in(*frames):
    return {frame: np.array(labels, np.int64) for frame, labels in enumerate(frames)}


def test_what_agrees_stays():
    lines = [Track(1, 0, 1, 0), Track(2, 2, 3, 1), Track(3, 2, 2, 1), Track(4, 0, 3, 0)]
    rebuilt = rebuild_tracks(seen_in([1, 4], [1, 4], [2, 3, 4], [2, 4]), lines)
    assert (rebuilt.tracks, rebuilt.new_labels, rebuilt.changes) == (lines, {}, [])


def test_lives_follow_the_masks():
    rebuilt = rebuild_tracks(seen_in([1], [1], [7]), [Track(1, 1, 2, 0), Track(5, 0, 2, 0)])
    assert rebuilt.tracks == [Track(1, 0, 1, 0), Track(7, 2, 2, 0)]
    assert rebuilt.changes == [
        "track 1 lives in frames 0-1, not 1-2",
        "label 7 had no line: it lives in frames 2-2",
        "track 5 is left out: no mask holds it",
    ]


def test_a_gap_makes_an_only_child_and_grandchildren_follow():
    lines = [Track(1, 0, 4, 0), Track(2, 5, 5, 1), Track(3, 5, 5, 1)]
    rebuilt = rebuild_tracks(seen_in([1], [], [1], [], [1], [2, 3]), lines)
    assert rebuilt.tracks == [
        Track(1, 0, 0, 0),
        Track(2, 5, 5, 5),
        Track(3, 5, 5, 5),
        Track(4, 2, 2, 1),
        Track(5, 4, 4, 4),
    ]
    assert rebuilt.new_labels == {2: {1: 4}, 4: {1: 5}}
    assert [change[:33] for change in rebuilt.changes] == [
        "track 1 is missing before frame 2",
        "track 1 is missing before frame 4",
    ]


def test_a_hole_in_the_numbering_is_no_gap():
    seen = {3: np.array([1]), 7: np.array([1]), 8: np.array([1])}
    assert rebuild_tracks(seen, [Track(1, 3, 8, 0)]).changes == []


@pytest.mark.parametrize(
    ("parent", "message"),
    [
        (9, "track 2 loses its parent 9, which no mask holds"),
        (-1, "track 2 loses its parent -1, which no mask holds"),
        (2, "track 2 loses its parent 2, which is seen until frame 2; the child begins in frame 2"),
        (3, "track 2 loses its parent 3, which is seen until frame 2; the child begins in frame 2"),
    ],
)
def test_impossible_parents_are_forgotten(parent, message):
    lines = [Track(1, 0, 0, 0), Track(2, 2, 2, parent), Track(3, 1, 2, 0)]
    rebuilt = rebuild_tracks(seen_in([1], [3], [2, 3]), lines)
    assert rebuilt.tracks[1] == Track(2, 2, 2, 0)
    assert rebuilt.changes == [message]


def test_large_labels_get_free_ones_and_keep_their_children():
    lines = [Track(70_000, 0, 0, 0), Track(2, 1, 1, 70_000), Track(80_000, 1, 1, 70_000)]
    rebuilt = rebuild_tracks(seen_in([70_000], [2, 80_000]), lines)
    assert rebuilt.tracks == [Track(1, 0, 0, 0), Track(2, 1, 1, 1), Track(3, 1, 1, 1)]
    assert rebuilt.new_labels == {0: {70_000: 1}, 1: {80_000: 3}}


def test_the_first_of_several_lines_counts():
    rebuilt = rebuild_tracks(seen_in([1], [2]), [Track(2, 1, 1, 5), Track(1, 0, 0, 0), Track(2, 0, 0, 1)])
    assert rebuilt.tracks[1] == Track(2, 1, 1, 1)
    assert rebuilt.changes[0] == "one of the lines of label 2 is left out: 2 1 1 5"


def test_too_many_tracks():
    rebuild_tracks({0: np.arange(2, 65_537)}, [])
    with pytest.raises(CellsegError, match="65536 tracks"):
        rebuild_tracks({0: np.arange(1, 65_537)}, [])


labels = st.integers(1, 6) | st.just(70_000)
masks = st.lists(st.sets(labels), min_size=1, max_size=6)
files = st.lists(
    st.builds(Track, labels | st.just(0), st.integers(-1, 7), st.integers(-1, 7), st.integers(-1, 8)),
    max_size=8,
)


@settings(max_examples=300, deadline=None)
@given(frames=masks, lines=files)
def test_any_masks_and_any_lines_make_a_valid_lineage(frames, lines):
    seen = seen_in(*map(sorted, frames))
    rebuilt = rebuild_tracks(seen, lines)
    relabelled = {
        frame: np.array([rebuilt.new_labels.get(frame, {}).get(label, label) for label in present.tolist()])
        for frame, present in seen.items()
    }
    assert all(len(set(new.tolist())) == len(seen[frame]) for frame, new in relabelled.items())
    assert compare_with_masks(relabelled, rebuilt.tracks) == ([], [])
    found = check_tracks(Path("res_track.txt"), rebuilt.tracks)
    assert {violation.rule for violation in found if violation.severity == "error"} <= {"no-tracks"}

    again = rebuild_tracks(relabelled, rebuilt.tracks)
    assert (again.tracks, again.new_labels, again.changes) == (rebuilt.tracks, {}, [])
