"""Processes that die, and calls that go on."""

import os
import signal
import sys
import time

import pytest

from cellseg.batch.processes import Processes
from cellseg.errors import CellsegError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")


def die_once(mark):
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "lived"


def die(_):
    os.kill(os.getpid(), signal.SIGKILL)


def fail(_):
    raise CellsegError("the frame is truncated", path="t003.tif", remedy="Copy it again.")


def wait_for_the_end(mark):
    mark.touch()
    try:
        time.sleep(60)
    except KeyboardInterrupt:
        return "saved"
    return "slept"


def test_a_call_whose_process_dies_is_made_again(quick, tmp_path):
    with Processes(2, context=quick) as pool:
        assert pool.submit(die_once, tmp_path / "mark").result(60) == "lived"


def test_a_call_that_always_kills_its_process_fails_and_the_others_do_not(quick, tmp_path):
    with Processes(1, context=quick) as pool:
        dead, failed, alive = (pool.submit(call, tmp_path / "mark") for call in (die, fail, die_once))
        with pytest.raises(CellsegError, match=r"ended \(SIGKILL\)"):
            dead.result(60)
        with pytest.raises(CellsegError, match="truncated") as error:
            failed.result(60)
        assert (str(error.value.path), error.value.remedy) == ("t003.tif", "Copy it again.")
        assert alive.result(60) == "lived"


def test_stop_lets_what_runs_save_and_begins_nothing_more(quick, tmp_path):
    with Processes(1, context=quick) as pool:
        running = pool.submit(wait_for_the_end, tmp_path / "mark")
        waiting = pool.submit(die_once, tmp_path / "other")
        while not (tmp_path / "mark").exists():
            time.sleep(0.01)
        pool.stop()
        assert running.result(60) == "saved"
        assert waiting.cancelled()
    assert not (tmp_path / "other").exists()
