"""Synthetic movies for the tracking tests, and the challenge's rules as plain assertions."""

from itertools import pairwise

import numpy as np

from cellseg.tracking import (
    LinkerSettings,
    clean_instances,
    object_rows,
    overlap_rows,
    pair_components,
    pair_labels,
    solve_lineage,
)
from cellseg.tracking.nodes import Nodes
from cellseg.types import CHAIN, NEXT, OVERLAP_DTYPE, object_dtype

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


def nodes_at(points, area=100, embeddings=()):
    """Nodes of equal discs: (frame, y, x) each."""
    objects = np.zeros(len(points), object_dtype(len(embeddings[0]) if len(embeddings) else 0))
    objects["frame"] = [frame for frame, *_ in points]
    objects["id"] = np.arange(1, len(points) + 1)
    objects["area"] = area
    objects["centroid"] = np.array([place for _, *place in points], float).reshape(-1, 2)
    radius = np.sqrt(objects["area"] / np.pi)[:, None]
    objects["bbox"][:, :2] = np.floor(objects["centroid"] - radius)
    objects["bbox"][:, 2:] = np.ceil(objects["centroid"] + radius) + 1
    if len(embeddings):
        objects["embedding"] = embeddings
    return Nodes(objects)


def link_masks(masks, **settings):
    field = (0, 0, *masks[0].shape)
    return solve_lineage(*tables_of_masks(masks), LinkerSettings(**settings), field)


def run_pipeline(cells_per_frame, rng, **settings):
    """Cluster each frame pair under random numbers, as the network would, and link: masks and lineage."""
    truth = [draw(cells) for cells in cells_per_frame]
    provisional, objects, overlaps = [], [], []
    for t in range(len(truth) - 1):
        pair = np.stack(truth[t : t + 2])
        numbers = rng.permutation(int(pair.max()) + 1).astype(np.int32)
        labels = pair_labels(pair_components(numbers[pair[pair > 0]], pair > 0), min_pixels=10)
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
    return [lineage.final_frame(t, provisional.__getitem__) for t in range(len(provisional))]


def rows(lineage):
    """Tracks as plain (label, begin, end, parent)."""
    return [tuple(track) for track in lineage.tracks]


def assert_present(lineage, masks):
    """The Cell Tracking Challenge's rules (ecosystem reference, section 4.2)."""
    tracks = {track.label: track for track in lineage.tracks}
    assert list(tracks) == list(range(1, len(lineage.tracks) + 1))
    for t, mask in enumerate(masks):
        present = set(np.unique(mask).tolist()) - {0}
        assert present == {track.label for track in tracks.values() if track.begin <= t <= track.end}
    for track in tracks.values():
        assert track.begin <= track.end
        if track.parent:
            assert tracks[track.parent].end < track.begin


def assert_valid(lineage, masks):
    """The challenge's rules, and at most two children."""
    assert_present(lineage, masks)
    children = {}
    for track in lineage.tracks:
        if track.parent:
            children.setdefault(track.parent, []).append(track)
    end = {track.label: track.end for track in lineage.tracks}
    for parent, born in children.items():
        assert len(born) <= 2
        if len(born) == 1:
            assert born[0].begin > end[parent] + 1, "an only child without a gap is the same cell"
