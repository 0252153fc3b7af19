import numpy as np
from tracking_movies import nodes_at

from cellseg.tracking.links import Links
from cellseg.tracking.numbering import number_tracks, tracks_that_stay


def chain(nodes, *tracks):
    links = Links(len(nodes))
    for track in tracks:
        links.join(np.array(track[:-1]), np.array(track[1:]))
    return links


def test_short_lonely_tracks_go():
    nodes = nodes_at(
        [(t, 10.0, 10.0) for t in range(6)] + [(2, 50.0, 50.0), (3, 50.0, 50.0), (5, 90.0, 90.0)]
    )
    order = {
        (int(t), int(y)): n for n, (t, y) in enumerate(zip(nodes.frame, nodes.centroid[:, 0], strict=True))
    }
    long, short = [order[t, 10] for t in range(6)], [order[t, 50] for t in (2, 3)]
    links = chain(nodes, long, short)
    for least, stays in ((2, True), (3, False)):
        track = tracks_that_stay(nodes, links, least)
        assert (track[short] >= 0).tolist() == [stays] * 2
        assert (track[long] == long[0]).all()
        # The end of the movie cuts this one off.
        assert track[order[5, 90]] >= 0


def test_a_daughter_stays_however_short():
    nodes = nodes_at([(0, 10.0, 10.0), (1, 10.0, 5.0), (1, 10.0, 15.0), (2, 90.0, 90.0)])
    links = Links(4)
    links.divide(*(np.array([node]) for node in (0, 1, 2)))
    assert (tracks_that_stay(nodes, links, 3) >= 0).all()


def test_labels_go_by_first_frame_then_place():
    nodes = nodes_at([(0, 50.0, 0.0), (0, 10.0, 30.0), (0, 10.0, 20.0), (1, 0.0, 0.0)])
    # Nodes of frame 0 are in order of id: as given. The last node continues the first one.
    tracks, label = number_tracks(nodes, np.array([7, 3, 5, 7]), np.full(8, -1))
    assert label.tolist() == [3, 2, 1, 3]
    assert [tuple(track) for track in tracks] == [(1, 0, 0, 0), (2, 0, 0, 0), (3, 0, 1, 0)]


def test_parents_are_translated_and_those_without_nodes_are_none():
    nodes = nodes_at([(0, 10.0, 0.0), (1, 10.0, 0.0), (1, 20.0, 0.0)])
    parent = np.array([-1, 0, 5, -1, -1, -1])
    tracks, label = number_tracks(nodes, np.array([0, 1, 2]), parent)
    assert [track.parent for track in tracks] == [0, 1, 0]
    _, some = number_tracks(nodes, np.array([0, -1, 2]), parent)
    assert some.tolist() == [1, 0, 2]
    assert label.tolist() == [1, 2, 3]
