"""Points and links become the tracks of the challenge."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellseg.ctc import Result, validate
from cellseg.errors import CellsegError
from cellseg.export import Blank, Lineages, Points, import_tracks, tracks_of
from cellseg.types import Track


def points(frames, links, places=None):
    count = len(frames)
    return Points(
        np.array(frames, np.int64),
        np.array(places if places is not None else [(5.0, 5.0 * n) for n in range(count)], float).reshape(
            -1, 2
        ),
        np.full(count, np.nan),
        np.zeros(count, np.int64),
        np.array(links, np.int64).reshape(-1, 2),
    )


def test_a_division_and_a_gap():
    # 0 - 1, which divides into 2 and 3; 3 is next seen two frames later, as 4.
    labels, tracks, dropped = tracks_of(points([0, 1, 2, 2, 4], [(0, 1), (1, 2), (1, 3), (3, 4)]))
    assert tracks == [Track(1, 0, 1, 0), Track(2, 2, 2, 1), Track(3, 2, 2, 1), Track(4, 4, 4, 3)]
    assert labels.tolist() == [1, 1, 2, 3, 4]
    assert dropped == 0


def test_of_two_parents_the_nearest_stays():
    labels, _, dropped = tracks_of(points([0, 0, 1], [(0, 2), (1, 2)], [(0.0, 0.0), (0.0, 8.0), (0.0, 7.0)]))
    assert labels.tolist() == [1, 2, 2]
    assert dropped == 1


def test_a_link_back_in_time_is_left_out():
    assert tracks_of(points([1, 0], [(0, 1)]))[2] == 1


@st.composite
def lineages(draw):
    """Tracks of a proper lineage: every division has two daughters, in the frame after."""
    tracks, waiting = [], [(0, 0)] * draw(st.integers(1, 3))
    while waiting and len(tracks) < 12:
        begin, parent = waiting.pop()
        end = begin + draw(st.integers(0, 4))
        tracks.append(Track(len(tracks) + 1, begin, end, parent))
        if draw(st.booleans()):
            waiting += [(end + 1, len(tracks))] * 2
    counts = [sum(track.parent == other.label for track in tracks) for other in tracks]
    return [
        track if track.parent == 0 or counts[track.parent - 1] == 2 else track._replace(parent=0)
        for track in tracks
    ]


@given(lineages())
def test_links_of_a_lineage_give_it_back(tracks):
    family = Lineages(tracks)
    frames = list(range(max(track.end for track in tracks) + 1))
    nodes = [(track.label, frame) for track in tracks for frame in range(track.begin, track.end + 1)]
    index = {family.node(*node): number for number, node in enumerate(nodes)}
    assert sorted(index) == list(range(1, len(nodes) + 1))
    links = [[index[end] for end in link] for track in tracks for link in family.links(frames, track.label)]
    labels, found, _ = tracks_of(points([frame for _, frame in nodes], links))
    names = {0: 0, **{new: nodes[n][0] for n, new in enumerate(labels.tolist())}}
    renamed = [Track(names[t.label], t.begin, t.end, names[t.parent]) for t in found]
    assert sorted(renamed) == sorted(tracks)


def test_discs_where_there_is_no_object(tmp_path):
    # The second lies in a corner; the third under the first, which leaves it no pixel in its second frame.
    here = points([0, 0, 1, 1], [(0, 2), (1, 3)], [(10, 10), (0, 0), (10, 10), (10, 10)])
    done = import_tracks(here, Blank([0, 1], (20, 30)), tmp_path / "out", radius=3.0)
    result = Result(tmp_path / "out")
    y, x = np.mgrid[:20, :30]
    first = result.masks[0]
    np.testing.assert_array_equal(first == first[10, 10], np.hypot(y - 10, x - 10) <= 3)
    np.testing.assert_array_equal(first == first[0, 0], np.hypot(y, x) <= 3)
    assert (done.discs, done.lost, done.tracks) == (4, 1, 2)
    assert validate(tmp_path / "out", numbers=[0, 1]) == []


def test_points_that_share_an_object_divide_it(tmp_path):
    labels = np.zeros((20, 30), np.uint16)
    labels[5:15, 4:24] = 9
    labels[17:19, 2:5] = 4
    here = points([0, 0], [], [(10, 6), (10, 21)])
    done = import_tracks(here, {0: labels}, tmp_path / "out")
    image = Result(tmp_path / "out").masks[0]
    expected = np.where(labels == 9, np.where(np.arange(30) <= 13, 1, 2), 0)
    np.testing.assert_array_equal(image, expected)
    assert (done.matched, done.discs, done.objects_left_out) == (2, 0, 1)


def test_a_frame_that_is_not_there(tmp_path):
    with pytest.raises(CellsegError, match="frame 7"):
        import_tracks(points([7], []), Blank([0, 1], (20, 30)), tmp_path / "out")
