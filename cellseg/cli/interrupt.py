"""SIGTERM, which job schedulers send, is treated like Ctrl-C: the work is saved first."""

from __future__ import annotations

import signal
from types import FrameType


def terminate_as_interrupt() -> None:
    """Let SIGTERM raise KeyboardInterrupt in the main thread."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
