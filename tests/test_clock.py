"""How long each stage of a run is busy, on a clock that is set by hand."""

import time
from threading import Thread

import pytest

from cellseg.clock import STAGES, Clock


@pytest.fixture
def now(monkeypatch):
    """The time, in a list of one number: tests let it pass."""
    now = [100.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    return now


def test_a_stage_inside_another_counts_for_itself_alone(now):
    clock = Clock({})
    with clock.busy("network"):
        now[0] += 1
        with clock.busy("waiting for frames"):
            now[0] += 2
            with clock.busy("reading"):
                now[0] += 4
        now[0] += 8
        with clock.busy("waiting for frames"):
            now[0] += 16
    now[0] += 32
    with clock.busy("network"):
        now[0] += 64
    counted = {"network": 1 + 8 + 64, "waiting for frames": 2 + 16, "reading": 4}
    assert clock.seconds == dict.fromkeys(STAGES, 0.0) | counted


def test_a_stage_that_fails_has_been_busy(now):
    clock = Clock({})
    with clock.busy("network"):
        with pytest.raises(OSError), clock.busy("reading"):
            now[0] += 1
            raise OSError
        now[0] += 2
    assert (clock.seconds["reading"], clock.seconds["network"]) == (1, 2)


def test_stages_in_other_threads_are_not_inside(now):
    clock = Clock({})

    def read():
        with clock.busy("reading"):
            now[0] += 2

    with clock.busy("network"):
        now[0] += 1
        thread = Thread(target=read)
        thread.start()
        thread.join()
    assert (clock.seconds["network"], clock.seconds["reading"]) == (3, 2)


def test_a_run_that_goes_on_counts_on(now):
    clock = Clock({"reading": 5.0, "elapsed": 7.0})
    with clock.busy("reading"):
        now[0] += 1
    clock.count_elapsed()
    now[0] += 2
    clock.count_elapsed()
    assert (clock.seconds["reading"], clock.seconds["elapsed"]) == (6, 10)
