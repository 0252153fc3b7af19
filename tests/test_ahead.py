import threading
import time

import pytest

from cellseg.ahead import ahead


def count(length, log=None, fail_at=None):
    try:
        for number in range(length):
            if number == fail_at:
                raise ValueError("no more")
            if log is not None:
                log.append(number)
            yield number
    finally:
        if log is not None:
            log.append("closed")


def wait_for(condition):
    for _ in range(500):
        if condition():
            return True
        time.sleep(0.01)
    return False


def test_everything_arrives_in_order():
    assert list(ahead(count(50), depth=3)) == list(range(50))
    assert list(ahead(count(0))) == []


def test_it_works_ahead_but_only_so_far():
    log = []
    items = ahead(count(10, log), depth=2)
    assert next(items) == 0
    assert wait_for(lambda: log == [0, 1, 2, 3])  # two wait, and one wants to
    time.sleep(0.05)
    assert log == [0, 1, 2, 3]
    assert list(items) == list(range(1, 10))


def test_an_error_arrives_where_it_happened():
    items = ahead(count(10, fail_at=2))
    assert [next(items), next(items)] == [0, 1]
    with pytest.raises(ValueError, match="no more"):
        next(items)


def test_closing_stops_the_thread_and_closes_the_generator():
    log = []
    threads = threading.active_count()
    items = ahead(count(1000, log))
    assert next(items) == 0
    assert threading.active_count() == threads + 1
    items.close()
    assert threading.active_count() == threads
    assert log[-1] == "closed"
    assert len(log) < 6
