"""One long movie as chunks, worked on anywhere, and joined as though it had been worked on in one piece.

A chunk is a block of consecutive pairs of frames. Neighbours share one frame, which each of them labels: what
the two call a cell there is told to the lineage solver, just as between any two pairs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from cellseg.errors import CellsegError
from cellseg.result_folder import chunk_result
from cellseg.tracking import overlap_rows
from cellseg.types import CHAIN, NEXT
from cellseg.unfinished import Progress, Unfinished

LEAD = 16
"""Frames before a chunk that build up the state of a stream, so that it is what it would be in one piece."""


def gather(
    whole: Unfinished,
    chunks: Sequence[range],
    key: Mapping[str, Any],
    files: Sequence[Mapping[str, Any]],
    looks_back: int,
) -> Progress:
    """Join chunks to one unfinished run, which has come as far as they reach without a gap.

    Files are moved, not copied; whenever this is interrupted, it can be done again.

    Parameters
    ----------
    whole : Unfinished
        Of the whole movie, in which nothing is done yet.
    chunks : sequence of range
        Pairs of each, in order.
    key, files, looks_back
        As of `Unfinished`: a chunk that was made from something else is not taken.

    Returns
    -------
    Progress
        Saved, too.
    """
    progress = Progress()
    for pairs in chunks:
        place = chunk_result(whole.result, pairs)
        try:
            part = Unfinished(place, key, files, overwrite=False, first=pairs.start, looks_back=looks_back)
            made = part.load()
        except CellsegError:
            break
        if made.next_pair != pairs.stop:
            break
        _join(whole, part, pairs)
        if pairs.start:
            made.trace[0]["chunk"] = True
        seconds = {stage: spent + progress.seconds.get(stage, 0.0) for stage, spent in made.seconds.items()}
        progress = replace(made, trace=progress.trace + made.trace, seconds=seconds)
    if progress.next_pair:
        whole.save(progress)
    return progress


def _join(whole: Unfinished, part: Unfinished, pairs: range) -> None:
    """Bring the frames and rows of a chunk into the whole; what the seam is made from stays where it is."""
    seam = pairs.start
    for t in pairs:
        whole.take_frame(part, t + 1)
        if t > seam or seam == 0:
            whole.take_tables(part, t)
    if seam == 0:
        whole.take_frame(part, 0)
        return
    before, here, after = whole.read_frame(seam), part.read_frame(seam), whole.read_frame(seam + 1)
    objects, _, certainty = part.read_pair(seam)
    overlaps = [overlap_rows(before, here, seam, CHAIN), overlap_rows(before, after, seam, NEXT)]
    whole.write_tables(seam, objects[objects["frame"] > seam], np.concatenate(overlaps))
    whole.write_certainty(seam, certainty[certainty["frame"] > seam])
