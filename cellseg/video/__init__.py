"""Reading movies, one frame at a time, and preparing frames for the network."""

from cellseg.video.open import blocks_without_gaps, open_video
from cellseg.video.prepare import network_shape, prepare, shrink_labels
from cellseg.video.read_ahead import ReadAhead
from cellseg.video.video import Video

__all__ = [
    "ReadAhead",
    "Video",
    "blocks_without_gaps",
    "network_shape",
    "open_video",
    "prepare",
    "shrink_labels",
]
