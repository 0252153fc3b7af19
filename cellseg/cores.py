"""How many of the machine's cores this process may use."""

from __future__ import annotations

import os
import sys


def usable_cores() -> int:
    """Count the cores this process may use; a job scheduler may allow it few of them.

    Returns
    -------
    int
    """
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
