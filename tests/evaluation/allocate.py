"""Work for a process of its own, which loads little but numpy."""

import time
from dataclasses import dataclass

import numpy as np

MIB = 2**20


@dataclass(frozen=True)
class Allocate:
    """Holds some memory for some time, or fails."""

    mebibytes: int = 0
    seconds: float = 0.0
    fails: bool = False
    device: str = "cpu"

    def prepare(self):
        return self._run

    def _run(self):
        if self.fails:
            raise ValueError("as asked")
        held = np.ones(self.mebibytes * MIB, dtype=np.uint8)
        time.sleep(self.seconds)
        return int(held.size)

    def describe(self, result):
        return {"held": result}
