"""Movies one pixel high that are typed by hand, and arbitrary ones."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cellseg.metrics import TrackingScorer
from cellseg.types import Track


def movie(*rows):
    """One frame per string, one label per character, each two pixels wide."""
    return {t: np.repeat([[int(label) for label in row]], 2, axis=1) for t, row in enumerate(rows)}


def scorer_of(references, results):
    scorer = TrackingScorer()
    for frame in references:
        scorer.add(frame, references[frame], results[frame])
    return scorer


def score(references, reference_tracks, results, result_tracks):
    return scorer_of(references, results).score(reference_tracks, result_tracks)


@st.composite
def sequences(draw):
    """Arbitrary images and tracks; the tracks need not fit the images."""
    frames = sorted(draw(st.sets(st.integers(0, 6), min_size=1, max_size=5)))
    pixels = arrays(np.uint8, (3, 4), elements=st.integers(0, 3))
    images = {frame: draw(pixels) for frame in frames}
    if draw(st.booleans()):  # the same cells all along, so that there are links
        images = dict.fromkeys(frames, images[frames[0]])
    fates = st.dictionaries(
        st.integers(1, 3), st.tuples(st.integers(0, 4), st.integers(0, 6), st.integers(0, 3))
    )
    return images, [
        Track(label, begin, begin + length, parent) for label, (begin, length, parent) in draw(fates).items()
    ]


def renamed(images, tracks, names):
    """Give label k the name `names[k - 1]`."""
    table = np.array([0, *names], np.uint8)
    return (
        {frame: table[image.astype(int)] for frame, image in images.items()},
        [Track(int(table[t.label]), t.begin, t.end, int(table[t.parent])) for t in tracks],
    )


@st.composite
def families(draw):
    """A cell that divides, and whose daughters may; some objects are lost, and some tracks swapped.

    The cells of all families are at the same places, so that one may be the result for another.
    """
    frames = 8
    first = draw(st.integers(1, 4))
    second, third = (draw(st.integers(first + 1, frames)) for _ in range(2))
    fates = {1: (0, first, 0), 2: (first, second, 1), 3: (first, third, 1)}
    for mother, division in ((2, second), (3, third)):
        if division < frames:
            fates |= {2 * mother + side: (division, frames, mother) for side in range(2)}
    places = {1: slice(0, 12), 2: slice(0, 5), 3: slice(6, 11)}
    places |= {4: slice(0, 3), 5: slice(3, 6), 6: slice(6, 8), 7: slice(8, 11)}
    images = {frame: np.zeros((1, 12), np.uint8) for frame in range(frames)}
    for label, (begin, end, _) in fates.items():
        for frame in range(begin, end):
            images[frame][0, places[label]] = label
    for _ in range(draw(st.integers(0, 3))):
        image = images[draw(st.integers(0, frames - 1))]
        image[image == draw(st.integers(1, 7))] = 0
    if draw(st.booleans()):
        swap = np.arange(8, dtype=np.uint8)
        one, other = draw(st.sampled_from(list(fates))), draw(st.sampled_from(list(fates)))
        swap[[one, other]] = other, one
        for frame in range(draw(st.integers(0, frames)), frames):
            images[frame] = swap[images[frame]]
    return images, [Track(label, begin, end - 1, parent) for label, (begin, end, parent) in fates.items()]
