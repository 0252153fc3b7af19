"""Ctrl-C, and SIGTERM, which job schedulers send: the work is saved first, and the user is told so."""

from __future__ import annotations

import signal
import sys
from types import FrameType


class Interrupts:
    """Lets SIGTERM and Ctrl-C raise KeyboardInterrupt in the main thread, and says at once that they came.

    The step at hand is finished first, which may take a while: nobody should think that nothing happens.

    Attributes
    ----------
    came : bool
        Whether one came: what fails then fails because of it. (In the middle of an import, for instance, an
        interrupt turns into all kinds of errors.)
    """

    def __init__(self) -> None:
        self.came = False
        for signal_number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signal_number, self._interrupt)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self.came = True
        print("\ncellseg: stopping as soon as it is safe", file=sys.stderr, flush=True)
        raise KeyboardInterrupt
