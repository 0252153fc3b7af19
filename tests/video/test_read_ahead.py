import threading

import pytest

from cellseg.video import ReadAhead


class Reader:
    """Remembers what was asked of it, and by which thread."""

    def __init__(self, broken=None):
        self.asked, self.threads, self.broken = [], set(), broken

    def __call__(self, t):
        self.asked.append(t)
        self.threads.add(threading.get_ident())
        if t == self.broken:
            raise OSError("a broken frame")
        return 10 * t


def test_frames_are_read_once_and_in_order():
    reader = Reader()
    with ReadAhead(reader, 6) as frame:
        assert [frame(t) for t in range(6)] == [0, 10, 20, 30, 40, 50]
    assert reader.asked == [0, 1, 2, 3, 4, 5]
    assert reader.threads.isdisjoint({threading.get_ident()})
    assert len(reader.threads) == 1


def test_the_last_frame_of_a_window_is_kept_for_the_next_one():
    reader = Reader()
    with ReadAhead(reader, 9) as frame:
        for t in (0, 1, 2, 2, 3, 4, 4, 5, 6):
            assert frame(t) == 10 * t
    assert len(reader.asked) == len(set(reader.asked))


def test_it_can_go_back():
    with ReadAhead(Reader(), 9) as frame:
        assert [frame(t) for t in (5, 0, 8, 3)] == [50, 0, 80, 30]


def test_a_broken_frame_is_told_of_when_it_is_wanted():
    with ReadAhead(Reader(broken=2), 5) as frame:
        assert [frame(0), frame(1)] == [0, 10]
        with pytest.raises(OSError, match="broken"):
            frame(2)
