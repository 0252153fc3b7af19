"""Run a script of a package as an evaluator does: from anywhere, and without an index to install from."""

import os
import subprocess
import sys


def run_script(script, **environment):
    """Return the finished process; the environment knows nothing of this Python but its path.

    What is installed is not compiled, which would take longer than all the rest.
    """
    clean = {
        key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "CELLSEG", "PIP"))
    }
    clean |= {
        "PYTHON": sys.executable,
        "PIP_NO_INDEX": "1",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_COMPILE": "1",
    }
    clean |= environment
    command = ["cmd", "/c", str(script)] if os.name == "nt" else [str(script)]
    return subprocess.run(
        command, cwd=script.anchor, env=clean, capture_output=True, text=True, timeout=580, encoding="utf-8"
    )
