"""TrackMate files: what is written, what comes back, and a file that TrackMate wrote."""

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from tifffile import imread

from cellseg.ctc import Result, validate
from cellseg.errors import CellsegError
from cellseg.export import Blank, Lineages, import_tracks, open_experiment, read_trackmate, write_trackmate

SAMPLE = Path(__file__).parents[2].parent / "shared" / "data" / "formats" / "FakeTracks_T50.trackmate.xml"


@pytest.fixture
def xml(result, movie, tmp_path):
    with open_experiment(result, [movie]) as experiment:
        write_trackmate(experiment, tmp_path / "01.xml")
    return tmp_path / "01.xml"


def test_what_trackmate_looks_for(xml, movie):
    root = ElementTree.parse(xml).getroot()
    assert root.tag == "TrackMate"
    model = root.find("Model")
    assert model.attrib == {"spatialunits": "micrometer", "timeunits": "second"}
    frames = model.findall("AllSpots/SpotsInFrame")
    assert [(frame.get("frame"), len(frame)) for frame in frames] == [("0", 2), ("1", 2), ("2", 3), ("3", 4)]
    assert model.find("AllSpots").get("nspots") == "11"
    declared = {feature.get("feature") for feature in model.findall("FeatureDeclarations/SpotFeatures/*")}
    spots = model.findall("AllSpots/SpotsInFrame/Spot")
    assert len({spot.get("ID") for spot in spots}) == 11
    assert {name for spot in spots for name in spot.attrib} - declared == {"ID", "name", "ROI_N_POINTS"}
    # Two lineages of several objects; the cell that is seen once is a spot alone.
    tracks = model.findall("AllTracks/Track")
    found = [(track.get("NUMBER_SPOTS"), track.get("NUMBER_SPLITS"), len(track)) for track in tracks]
    assert found == [("4", "0", 3), ("6", "1", 5)]
    assert len(model.findall("FilteredTracks/TrackID")) == 2
    image = root.find("Settings/ImageData").attrib
    assert (image["filename"], image["folder"]) == (movie.name, str(movie.parent))
    assert (image["width"], image["height"], image["nframes"]) == ("60", "40", "4")
    assert (float(image["pixelwidth"]), float(image["timeinterval"])) == (0.5, 30.0)


def test_a_spot_in_micrometres_with_its_outline(xml):
    spot = next(
        spot
        for spot in ElementTree.parse(xml).iter("Spot")
        if (spot.get("CELLSEG_LABEL"), spot.get("FRAME")) == ("1", "2")
    )
    assert [float(spot.get(name)) for name in ("POSITION_X", "POSITION_Y", "POSITION_T", "AREA")] == [
        5.75,
        1.75,
        60,
        4,
    ]
    outline = np.array(spot.text.split(), float).reshape(-1, 2)
    assert len(outline) == int(spot.get("ROI_N_POINTS"))
    # Half a pixel around the centres of the outer pixels, of which the outermost are 1.5 pixels away.
    assert np.abs(outline).max() == pytest.approx(1.0)


def test_it_comes_back_as_it_went(xml, result, tmp_path):
    report = import_tracks(read_trackmate(xml), Result(result).masks, tmp_path / "back")
    assert (report.matched, report.discs, report.objects_left_out, report.tracks) == (11, 0, 0, 5)
    back = Result(tmp_path / "back")
    assert validate(tmp_path / "back") == []
    # The tracks begin in the order of their labels, so even these are the same.
    assert back.tracks == Result(result).tracks
    for frame, labels in Result(result).masks.items():
        np.testing.assert_array_equal(back.masks[frame], labels)


def test_a_corrected_file(xml, result, tmp_path):
    """The link to one daughter is cut, and the spot of cell 5 is moved away from it."""
    tree = ElementTree.parse(xml)
    ids = {(spot.get("CELLSEG_LABEL"), spot.get("FRAME")): spot for spot in tree.iter("Spot")}
    for track in tree.iter("Track"):
        for edge in list(track):
            if edge.get("SPOT_TARGET_ID") == ids["4", "2"].get("ID"):
                track.remove(edge)
    ids["5", "3"].set("POSITION_X", str(0.5 * 50))  # onto the background, ten pixels from its object
    ids["5", "3"].set("POSITION_Y", str(0.5 * 10))
    tree.write(tmp_path / "corrected.xml")
    report = import_tracks(
        read_trackmate(tmp_path / "corrected.xml"), Result(result).masks, tmp_path / "back"
    )
    back = Result(tmp_path / "back")
    # Without the other daughter the first one is the mother, who goes on.
    assert [(t.begin, t.end, t.parent) for t in back.tracks] == [(0, 3, 0), (0, 3, 0), (2, 3, 0), (3, 3, 0)]
    assert report.discs == 1 and back.masks[3][10, 50] == 4 and back.masks[3][39, 59] == 0


def test_what_is_no_trackmate_file(tmp_path):
    for text in ("no xml", "<TrackMate/>", "<TrackMate><Edge SPOT_SOURCE_ID='1'/></TrackMate>"):
        (tmp_path / "bad.xml").write_text(text)
        with pytest.raises(CellsegError, match="is not a TrackMate XML file"):
            read_trackmate(tmp_path / "bad.xml")
    with pytest.raises(CellsegError, match="cannot be read"):
        read_trackmate(tmp_path / "absent.xml")


@pytest.mark.skipif(not SAMPLE.parent.parent.parent.exists(), reason="there is no sample")
def test_a_file_of_trackmates_own(tmp_path):
    found = read_trackmate(SAMPLE)
    # Two of seven tracks passed its filters, with 74 spots and what Track 4 holds.
    sizes = {
        track.get("TRACK_ID"): int(track.get("NUMBER_SPOTS"))
        for track in ElementTree.parse(SAMPLE).iter("Track")
    }
    assert len(found) == sizes["0"] + sizes["4"]
    shape = imread(SAMPLE.with_name("FakeTracks_T50.tif")).shape
    report = import_tracks(found, Blank(range(shape[0]), shape[1:]), tmp_path / "out")
    assert [v for v in validate(tmp_path / "out") if v.severity == "error"] == []
    assert report.discs == len(found)
    # Lineages: as many as there were tracks.
    assert len(set(Lineages(Result(tmp_path / "out").tracks).root.values())) == 2
