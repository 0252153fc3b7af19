"""The frames that a page shows: all of a short movie, evenly chosen ones of a long movie."""

from __future__ import annotations

import json
from typing import Any


class ShownFrames:
    """Frames of a page, thinned out as the movie goes by, so that they never take more than a limit.

    Parameters
    ----------
    limit : int
        Bytes that all frames together may take.

    Attributes
    ----------
    stride : int
        Every so-manyth frame is kept.
    """

    def __init__(self, limit: int) -> None:
        self.stride = 1
        self._limit = limit
        self._seen = 0
        self._kept: list[str] = []
        self._size = 0

    def wants_next(self) -> bool:
        """Tell whether the next frame would be kept; one that would not need not be drawn."""
        return self._seen % self.stride == 0

    def skip(self) -> None:
        """Pass over the next frame."""
        self._seen += 1

    def add(self, frame: dict[str, Any]) -> None:
        """Take the next frame, as JSON values."""
        text = json.dumps(frame, separators=(",", ":"))
        self._kept.append(text)
        self._size += len(text)
        self._seen += 1
        while self._size > self._limit and len(self._kept) > 1:
            self._kept = self._kept[::2]
            self.stride *= 2
            self._size = sum(map(len, self._kept))

    def __len__(self) -> int:
        return len(self._kept)

    def json(self) -> str:
        """Give the frames that are left as a JSON array."""
        return f"[{','.join(self._kept)}]"
