"""Checks that need the challenge's own files; they skip where those are absent."""

from dataclasses import asdict
from pathlib import Path

import pytest

from cellseg.ctc import GroundTruth, digits_of, evaluate, mask_path, write_mask, write_tracks
from cellseg.metrics import KINDS, SegmentationScorer, list_errors

DATA = Path(__file__).resolve().parents[2] / "../shared/data"
OFFICIAL_KINDS = {
    "merged": "Splitting Operations",
    "missed": "False Negative Vertices",
    "false positive": "False Positive Vertices",
    "wrong link": "Redundant Edges To Be Deleted",
    "missing link": "Edges To Be Added",
    "wrong semantics": "Edges with Wrong Semantics",
}


def needs(path):
    if not path.exists():
        pytest.skip(f"{path} is absent")
    return path


def test_the_official_test_case():
    """The challenge's program prints TRA 0.622980 and DET 0.688000; the counts are those of its logs."""
    case = needs(DATA / "ctc-scoring")
    tracking = evaluate(case / "03_RES", case / "03_GT").scores.tracking
    assert asdict(tracking.operations) == {"NS": 5, "FN": 5, "FP": 3, "ED": 1, "EA": 16, "EC": 2}
    assert f"{tracking.TRA:.6f}" == "0.622980"
    assert f"{tracking.DET:.6f}" == "0.688000"


def test_the_errors_are_those_of_the_official_log():
    case = needs(DATA / "ctc-scoring")
    rows = list_errors(evaluate(case / "03_RES", case / "03_GT").comparison)
    listed: dict[str, list[str]] = {title: [] for title in OFFICIAL_KINDS.values()}
    for frame, kind, result, truth, other_frame, other_result, other_truth, _ in rows.tolist():
        if KINDS[kind] in ("missed", "false positive", "merged"):
            name = f"GT_label={truth}" if KINDS[kind] == "missed" else f"Label={result}"
            listed[OFFICIAL_KINDS[KINDS[kind]]].append(f"T={frame} {name}")
        elif KINDS[kind] == "missing link":
            ends = f"[T={other_frame} GT_label={other_truth}] -> [T={frame} GT_label={truth}]"
            listed[OFFICIAL_KINDS[KINDS[kind]]].append(ends)
        elif KINDS[kind] in OFFICIAL_KINDS:
            ends = f"[T={other_frame} Label={other_result}] -> [T={frame} Label={result}]"
            listed[OFFICIAL_KINDS[KINDS[kind]]].append(ends)

    log: dict[str, list[str]] = {}
    for line in (case / "03_RES" / "TRA_log.txt").read_text().splitlines():
        if line.startswith("----------"):
            title = line.strip("-").partition(" (")[0]
        elif line.startswith(("T=", "[T=")):
            log.setdefault(title, []).append(line.strip())
    assert {title: sorted(found) for title, found in listed.items()} == {
        title: sorted(found) for title, found in log.items()
    }


@pytest.mark.parametrize(
    ("sequence", "frames"),
    [
        ("DIC-C2DH-HeLa/01", (26, 34)),
        ("Fluo-N2DH-GOWT1/01", (18, 22)),
        ("PhC-C2DH-U373/01", (20, 30)),
        ("Fluo-N2DL-HeLa/01", (28, 34)),
        ("Fluo-N2DH-SIM+/02", (4, 8)),
    ],
)
def test_markers_against_themselves(sequence, frames, tmp_path):
    truth = GroundTruth(needs(DATA / "ctc" / f"{sequence}_GT"))
    for frame in range(*frames):
        path = truth.markers.files[frame]
        write_mask(mask_path(tmp_path, frame, digits_of(path)), truth.markers[frame])
    write_tracks(tmp_path / "res_track.txt", truth.tracks)
    scores = evaluate(tmp_path, truth.folder, frames=frames).scores
    measured = {name: value for name, value in scores.measures.items() if name not in scores.undefined}
    of_tracks = {name: value for name, value in measured.items() if not name.startswith(("SEG", "OP_C"))}
    assert len(of_tracks) >= 5 and set(of_tracks.values()) == {1}
    assert scores.tracking.vertices > scores.tracking.edges > 0


@pytest.mark.parametrize(
    ("sequence", "expected"),
    [("DIC-C2DH-HeLa/01", 0.954), ("PhC-C2DH-U373/01", 0.951), ("Fluo-N2DH-GOWT1/01", 0.933)],
)
def test_silver_truth_against_gold(sequence, expected):
    """SEG of the silver truth, as the note beside the data has it."""
    truth = GroundTruth(needs(DATA / "ctc" / f"{sequence}_GT"))
    scorer = SegmentationScorer()
    for frame in truth.segmentation:
        scorer.add(truth.segmentation[frame], truth.silver[frame])
    assert round(scorer.score().SEG, 3) == expected


def test_the_holes_of_u373_are_named(tmp_path):
    truth = GroundTruth(needs(DATA / "ctc/PhC-C2DH-U373/01_GT"))
    for frame in range(20, 30):
        write_mask(mask_path(tmp_path, frame), truth.markers[frame])
    write_tracks(tmp_path / "res_track.txt", truth.tracks)
    warnings = evaluate(tmp_path, truth.folder, frames=(20, 30)).warnings
    assert any("without a marker" in warning and "label 2 in frames 23-26" in warning for warning in warnings)


def test_tracks_of_sim_lead_over_the_holes_in_its_numbering():
    truth = GroundTruth(needs(DATA / "ctc/Fluo-N2DH-SIM+/02_GT"))
    assert not truth.has_track_file
    assert all(track.parent == 0 for track in truth.tracks)
    hole = next(number for number in range(150) if number not in truth.markers)
    assert any(track.begin < hole < track.end for track in truth.tracks)
