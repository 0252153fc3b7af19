"""Which of the frames that have masks are learnt from, and which are scored."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cellseg.config.dataset import HELD_OUT_GAP

_ENOUGH_FOR_A_THIRD = 8
_ENOUGH_FOR_A_GAP = 48
_FEWEST = 3
_MOST_STILLS = 24


def split_movie(numbers: Sequence[int]) -> tuple[list[int], list[int]]:
    """Split the frames of a movie: what comes late is scored.

    Parameters
    ----------
    numbers : sequence of int
        Frames that have masks, ascending.

    Returns
    -------
    learnt, scored : list of int
        The last third is scored, after a gap of 8 frames where there are at least 48; of fewer than 8 the
        last frame; of fewer than 3 none.
    """
    frames = list(numbers)
    if len(frames) < _FEWEST:
        return frames, []
    late = len(frames) // 3 if len(frames) >= _ENOUGH_FOR_A_THIRD else 1
    learnt, scored = frames[:-late], frames[-late:]
    if len(frames) >= _ENOUGH_FOR_A_GAP:
        learnt = [number for number in learnt if number < scored[0] - HELD_OUT_GAP]
    return learnt, scored


def split_stills(count: int) -> tuple[list[int], list[int]]:
    """Split images that have no order in time.

    Parameters
    ----------
    count : int
        How many there are.

    Returns
    -------
    learnt, scored : list of int
        Every third is scored, at most 24 of them; of fewer than 8 images the last one; of fewer than 3 none.
    """
    images = list(range(count))
    if count < _FEWEST:
        return images, []
    scored = images[2::3][:_MOST_STILLS] if count >= _ENOUGH_FOR_A_THIRD else images[-1:]
    return [image for image in images if image not in scored], scored


def spans(numbers: Sequence[int]) -> str:
    """Write ascending numbers shortly, such as `0-7, 12`; the middle of many is left out.

    Parameters
    ----------
    numbers : sequence of int
        At least one.

    Returns
    -------
    str
    """
    ends = np.flatnonzero(np.diff(numbers) != 1)
    runs = [(int(run[0]), int(run[-1])) for run in np.split(np.asarray(numbers), ends + 1)]
    texts = [f"{first}" if first == last else f"{first}-{last}" for first, last in runs]
    return ", ".join(texts if len(texts) <= 10 else [*texts[:6], "...", *texts[-3:]])
