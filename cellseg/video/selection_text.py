"""How the parts of a `Selection` are written: in options of the command line, and in sheets."""

from __future__ import annotations

import re

from cellseg.video.selection import Frames

_BLOCK = re.compile(r"([0-9]*):([0-9]*)")


def read_block(text: str) -> Frames:
    """Read `A:B`, either side of which may be left out.

    Parameters
    ----------
    text : str

    Returns
    -------
    tuple of (int or None)
        Half-open block.

    Raises
    ------
    ValueError
        The text is no block, or an empty one.
    """
    match = _BLOCK.fullmatch(text)
    if match is None:
        raise ValueError(text)
    begin, end = (int(side) if side else None for side in match.groups())
    if begin is not None and end is not None and begin >= end:
        raise ValueError(text)
    return begin, end


def read_planes(text: str) -> Frames:
    """Read focal planes: a number, `A:B`, or `max` for all; parameters and returns as of `read_block`."""
    if text == "max":
        return None, None
    return (int(text), int(text) + 1) if text.isdecimal() else read_block(text)


def read_crop(text: str) -> tuple[Frames, Frames]:
    """Read rows and columns, `Y0:Y1,X0:X1`; two blocks as of `read_block`."""
    rows, _, columns = text.partition(",")
    return read_block(rows), read_block(columns)
