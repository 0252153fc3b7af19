"""Synthetic movies for the tracking tests, and the challenge's rules as plain assertions."""

from itertools import pairwise

import numpy as np

from cellseg.tracking import (
    LinkerSettings,
    clean_instances,
    object_rows,
    overlap_rows,
    pair_labels,
    relabel,
    solve_lineage,
)
from cellseg.types import CHAIN, NEXT, OVERLAP_DTYPE

SHAPE = (64, 96)


def draw(cells, shape=SHAPE):
    """Label image of discs: {id: (y, x, radius)}; later ones lie on top."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    image = np.zeros(shape, np.uint32)
    for label, (cy, cx, radius) in cells.items():
        image[(y - cy) ** 2 + (x - cx) ** 2 <= radius**2] = label
    return image


def tables_of_masks(masks):
    """Tables as for masks of another program: no chain rows."""
    objects = np.concatenate([object_rows(mask, t) for t, mask in enumerate(masks)])
    overlaps = [overlap_rows(a, b, t, NEXT) for t, (a, b) in enumerate(pairwise(masks))]
    return objects, np.concatenate([np.zeros(0, OVERLAP_DTYPE), *overlaps])


def link_masks(masks, **settings):
    return solve_lineage(*tables_of_masks(masks), LinkerSettings(**settings))


def run_pipeline(cells_per_frame, rng, **settings):
    """Cluster each frame pair under random numbers, as the network would, and link: masks and lineage."""
    truth = [draw(cells) for cells in cells_per_frame]
    provisional, objects, overlaps = [], [], []
    for t in range(len(truth) - 1):
        pair = np.stack(truth[t : t + 2])
        numbers = rng.permutation(int(pair.max()) + 1).astype(np.int32)
        labels = pair_labels(numbers[pair[pair > 0]], pair > 0, min_pixels=10)
        if t == 0:
            provisional.append(clean_instances(labels[0]))
            objects.append(object_rows(provisional[0], 0))
        overlaps.append(overlap_rows(provisional[t], labels[0], t, CHAIN))
        provisional.append(clean_instances(labels[1]))
        objects.append(object_rows(provisional[t + 1], t + 1))
        overlaps.append(overlap_rows(provisional[t], provisional[t + 1], t, NEXT))
    lineage = solve_lineage(np.concatenate(objects), np.concatenate(overlaps), LinkerSettings(**settings))
    return final_masks(provisional, lineage), lineage


def final_masks(provisional, lineage):
    return [relabel(mask, lineage.final_labels(t)) for t, mask in enumerate(provisional)]


def rows(lineage):
    """Tracks as plain (label, begin, end, parent)."""
    return [tuple(track) for track in lineage.tracks]


def assert_valid(lineage, masks):
    """The Cell Tracking Challenge's rules (ecosystem reference, section 4.2), and at most two children."""
    tracks = {track.label: track for track in lineage.tracks}
    assert list(tracks) == list(range(1, len(lineage.tracks) + 1))
    for t, mask in enumerate(masks):
        present = set(np.unique(mask).tolist()) - {0}
        assert present == {track.label for track in tracks.values() if track.begin <= t <= track.end}
    children = {}
    for track in tracks.values():
        assert track.begin <= track.end
        if track.parent:
            assert tracks[track.parent].end < track.begin
            children.setdefault(track.parent, []).append(track)
    for parent, born in children.items():
        assert len(born) <= 2
        if len(born) == 1:
            assert born[0].begin > tracks[parent].end + 1, "an only child without a gap is the same cell"
