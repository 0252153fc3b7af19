"""Two ways to run a command line: in a process of its own, as a user does, and in this one.

Every verb is run in a process of its own by one test at least; the others are spared loading everything anew.
"""

import io
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from typing import NamedTuple

import pytest

from cellseg.cli import main

RUN = (sys.executable, "-m", "cellseg")


def command(*arguments, check=0):
    """Run the command in a process of its own; return it when it has finished."""
    words = [*RUN, *map(str, arguments)]
    done = subprocess.run(words, capture_output=True, text=True, encoding="utf-8", timeout=600)
    assert done.returncode == check, done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    return done


class Said(NamedTuple):
    """What a command printed, and how it ended."""

    stdout: str
    stderr: str
    returncode: int


def here(*arguments, check=0):
    """Run the same command line in this process; it ends with the code `check`, unless that is None."""
    output, error = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stderr(error), redirect_stdout(output):
        patch.setattr(sys, "argv", ["cellseg", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
    said = Said(output.getvalue(), error.getvalue(), stop.value.code or 0)
    assert check in (None, said.returncode), said.stderr + said.stdout
    assert "Traceback" not in said.stderr
    return said


def cellseg(*arguments, check=0):
    """Run the same command line in this process; return what it said on stderr."""
    return here(*arguments, check=check).stderr
