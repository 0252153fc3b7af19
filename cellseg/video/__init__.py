"""Reading movies, one frame at a time, and preparing frames for the network."""

from cellseg.video.array_video import ArrayVideo
from cellseg.video.frame_folder import is_pattern
from cellseg.video.header import Header
from cellseg.video.open import blocks_without_gaps, look_into, open_video, open_videos, scene_names
from cellseg.video.prepare import network_shape, prepare, scale_intensities, shrink_labels
from cellseg.video.read_ahead import ReadAhead
from cellseg.video.selection import Frames, Selection, blocks
from cellseg.video.video import Video

__all__ = [
    "ArrayVideo",
    "Frames",
    "Header",
    "ReadAhead",
    "Selection",
    "Video",
    "blocks",
    "blocks_without_gaps",
    "is_pattern",
    "look_into",
    "network_shape",
    "open_video",
    "open_videos",
    "prepare",
    "scale_intensities",
    "scene_names",
    "shrink_labels",
]
