"""Segment and track cells in 2-D time-lapse microscopy with pixel embeddings."""

__version__ = "0.1.0"
