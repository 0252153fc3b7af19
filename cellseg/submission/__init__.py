"""A package for the Cell Tracking Challenge: the program, a model, scripts that run both, and results."""

from cellseg.submission.check import Finding, check_package
from cellseg.submission.entry import Entry
from cellseg.submission.files import zip_package
from cellseg.submission.package import write_package
from cellseg.submission.wheel import own_wheel, pack_wheel

__all__ = [
    "Entry",
    "Finding",
    "check_package",
    "own_wheel",
    "pack_wheel",
    "write_package",
    "zip_package",
]
