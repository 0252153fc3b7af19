"""Segment and track cells in 2-D time-lapse microscopy with pixel embeddings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cellseg.api import TrackingResult, track

__all__ = ["TrackingResult", "__version__", "track"]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import what is heavy when it is first asked for."""
    if name in ("track", "TrackingResult"):
        from cellseg import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
