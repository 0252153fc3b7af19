"""The linker on masks of real cells (silver truth), against the reference tracks."""

from pathlib import Path

import numpy as np
import pytest
import tifffile
from tracking_movies import assert_valid, final_masks, link_masks

from cellseg.metrics import TrackingScorer
from cellseg.tracking import overlap_rows
from cellseg.types import NEXT, Track

DATA = Path(__file__).resolve().parents[2] / "../shared/data/ctc"
FRAMES = 46


def read(folder):
    return [tifffile.imread(path) for path in sorted(folder.glob("*.tif"))[:FRAMES]]


def markers_of_masks(masks, markers):
    """(frame, mask id) of every (frame, marker id) whose larger part lies in the mask."""
    found = {}
    for frame, (mask, marker) in enumerate(zip(masks, markers, strict=True)):
        area = np.bincount(marker.ravel())
        for row in overlap_rows(marker, mask, frame, NEXT):
            if row["id_a"] and row["id_b"] and 2 * row["pixels"] > area[row["id_a"]]:
                found[frame, int(row["id_a"])] = frame, int(row["id_b"])
    return found


def links(tracks, vertex):
    """Pairs of (frame, id) that follow each other, in a track or from mother to daughter."""
    table = {label: (begin, end) for label, begin, end, _ in tracks}
    pairs = [((t, label), (t + 1, label)) for label, begin, end, _ in tracks for t in range(begin, end)]
    pairs += [((table[parent][1], parent), (begin, label)) for label, begin, _, parent in tracks if parent]
    return {(vertex[a], vertex[b]) for a, b in pairs if a in vertex and b in vertex}


@pytest.mark.parametrize(
    ("dataset", "least_found", "most_wrong"),
    [("DIC-C2DH-HeLa", 0.995, 0.03), ("PhC-C2DH-U373", 0.995, 0.03), ("Fluo-N2DL-HeLa", 0.99, 0.01)],
)
def test_links_agree_with_the_reference(dataset, least_found, most_wrong):
    folder = DATA / dataset
    if not folder.is_dir():
        pytest.skip(f"{dataset} is not here")
    masks = read(folder / "01_ST" / "SEG")
    table = np.loadtxt(folder / "01_GT" / "TRA" / "man_track.txt", int, ndmin=2).tolist()
    expected = links(table, markers_of_masks(masks, read(folder / "01_GT" / "TRA")))
    lineage = link_masks(masks)
    assert_valid(lineage, final_masks(masks, lineage))
    final = zip(lineage.frame.tolist(), lineage.final.tolist(), lineage.provisional.tolist(), strict=True)
    result = links(lineage.tracks, {(frame, label): (frame, own) for frame, label, own in final if label})
    assert len(expected & result) >= least_found * len(expected)
    assert len(result - expected) <= most_wrong * len(result)


def test_scores_of_crowded_nuclei_that_divide():
    folder = DATA / "Fluo-N2DL-HeLa"
    if not folder.is_dir():
        pytest.skip("Fluo-N2DL-HeLa is not here")
    masks, markers = read(folder / "01_ST" / "SEG"), read(folder / "01_GT" / "TRA")
    table = np.loadtxt(folder / "01_GT" / "TRA" / "man_track.txt", int, ndmin=2).tolist()
    lineage = link_masks(masks)
    scorer = TrackingScorer()
    for frame, (marker, mask) in enumerate(zip(markers, final_masks(masks, lineage), strict=True)):
        scorer.add(frame, marker, mask)
    score = scorer.score([Track(*row) for row in table], lineage.tracks)
    assert score.LNK >= 0.975
    assert score.biology.BC(1) >= 0.75
