"""The page as a file: what it holds, of whatever result it is made; `tests/extras` opens it in a browser."""

import base64
import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser

import numpy as np
import pytest
from imagecodecs import jpeg8_decode
from tifffile import imwrite

from cellseg.embeddings import SavedEmbeddings, SavedFrame, SavedPair
from cellseg.errors import CellsegError
from cellseg.report import Summary, read_summary, write_report
from cellseg.report.pictures import Camera
from cellseg.report.shown import ShownFrames
from cellseg.video import open_video


class Page(HTMLParser):
    """The texts of a page, its scripts' data, and every address it names."""

    def __init__(self, text):
        super().__init__()
        self.addresses, self.data, self.buttons, self._script = [], {}, [], None
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.addresses += [attributes[name] for name in ("src", "href") if name in attributes]
        self._script = attributes.get("id", "code") if tag == "script" else None
        if "data-frame" in attributes:
            self.buttons.append((int(attributes["data-frame"]), int(attributes["data-label"])))

    def handle_endtag(self, tag):
        if tag == "script":
            self._script = None

    def handle_data(self, data):
        if self._script in ("page-data", "frame-data"):
            self.data[self._script] = json.loads(data)
        elif self._script is None:
            self.text += data


def page_of(folder, **options):
    with open_video(folder / "01") as movie:
        made = write_report(folder / "01_RES", movie, folder / "01_RES_report.html", **options)
    return Page(made.read_text("utf-8"))


def test_frames_outlines_and_tracks_are_in_it(sequence) -> None:
    page = page_of(sequence)
    frames, data = page.data["frame-data"], page.data["page-data"]
    assert [frame["n"] for frame in frames] == list(range(8))
    assert {ring[0] for ring in frames[2]["rings"]} == {1, 2, 9}
    picture = jpeg8_decode(base64.b64decode(frames[0]["picture"].partition(",")[2]))
    assert picture.shape == (100, 140)
    tracks = {track["label"]: track for track in data["tracks"]}
    assert tracks[1]["daughters"] == [3, 4]
    assert tracks[3]["root"] == tracks[4]["root"] == 1
    assert tracks[3]["colour"] == tracks[1]["colour"] != tracks[2]["colour"]
    assert tracks[2]["x"][:3] == [40, 43, 46]


def test_plots_hold_what_is_in_the_masks(sequence) -> None:
    plots = page_of(sequence).data["page-data"]["plots"]
    assert plots["cells"] == [2, 2, 3, 2, 3, 3, 3, 2]
    assert plots["divisions"] == [0, 0, 0, 0, 1, 0, 0, 0]
    # Cell 2 moves by 3 pixels, cell 1 not at all.
    assert plots["speeds"][0] is None
    assert plots["speeds"][1][1] == pytest.approx(1.5)


def test_places_to_check_are_links(sequence) -> None:
    page = page_of(sequence)
    assert (2, 9) in page.buttons
    assert (6, 2) in page.buttons
    assert "cell 9 is in this frame only" in page.text


def test_scores_and_errors_come_with_a_ground_truth(sequence) -> None:
    page = page_of(sequence, ground_truth=sequence / "01_GT")
    assert "false positive, cell 9" in page.text
    assert "missed, true cell 2" in page.text
    (missed,) = (error for error in page.data["page-data"]["missed"] if error["kind"] == "missed")
    assert (missed["frame"], round(missed["y"]), round(missed["x"])) == (7, 70, 61)
    assert "ground truth" not in page_of(sequence).text.lower()


def test_certainty_is_told_of_cells(sequence) -> None:
    lines = [
        f"{t},{label},{0.9 if (t, label) != (5, 3) else 0.1},0" for t in range(8) for label in (1, 2, 3, 4)
    ]
    (sequence / "01_RES" / "certainty.csv").write_text(
        "frame,label,margin,uncovered\n" + "\n".join(lines) + "\n"
    )
    page = page_of(sequence)
    assert "cell 3 is hardly told from another one here (margin 0.10)" in page.text
    assert (5, 3) in page.buttons


def test_embeddings_are_shown_where_they_were_kept(sequence) -> None:
    assert "seen" not in page_of(sequence).data["frame-data"][0]
    saved = SavedEmbeddings(sequence / "01_RES" / "embeddings")
    vectors = np.zeros((4, 50, 70), np.float32)
    vectors[0] = 1
    vectors[:, 10:20, 10:20] = np.eye(4)[1][:, None, None]
    for t in (0, 1):
        saved.write_frame(t, 3, SavedFrame.of(vectors, 0.5))
    modes = np.eye(4)[1:2].astype(np.float16)
    saved.write_pair(0, 3, SavedPair(np.array([[1, 12, 12]], np.int32), modes, modes, np.array([100])))
    frames = page_of(sequence).data["frame-data"]
    assert [frame["seen"] is not None for frame in frames] == [True, True] + [False] * 6
    assert frames[1]["seen"]["seed_count"] == 1
    assert frames[0]["seen"]["covers"] == pytest.approx([1 / 50, 1 / 70], abs=1e-6)


def test_the_figures_of_a_page_are_read_from_its_head(sequence) -> None:
    page_of(sequence)
    page = sequence / "01_RES_report.html"
    found = read_summary(page)
    assert isinstance(found, Summary)
    assert (found.frames, found.cells_first, found.cells_last) == (8, 2, 2)
    assert (found.tracks, found.divisions) == (5, 1)
    assert found.doubts > 0
    page.write_text("<html><head></head></html>")
    assert read_summary(page) is None
    assert read_summary(sequence / "nowhere.html") is None


def test_it_names_no_address(sequence) -> None:
    page = page_of(sequence)
    assert all(address.startswith("data:") for address in page.addresses)
    text = (sequence / "01_RES_report.html").read_text("utf-8")
    assert set(re.findall(r"https?://[^\"' ]+", text)) <= {"http://www.w3.org/2000/svg"}
    assert "default-src 'none'" in text


def test_what_files_say_is_text_and_not_markup(sequence) -> None:
    name = "<b>01 & co" if sys.platform != "win32" else "01 & co"
    odd = sequence / name
    (sequence / "01").rename(odd)
    with open_video(odd) as movie:
        made = write_report(sequence / "01_RES", movie, sequence / "page.html").read_text("utf-8")
    assert "<script>alert" not in made
    assert "&lt;script&gt;alert(1)" in made
    assert "<b>01" not in made


def test_a_result_of_another_program_has_neither_record_nor_tracks(sequence) -> None:
    (sequence / "01_RES" / "run.json").unlink()
    (sequence / "01_RES" / "res_track.txt").unlink()
    page = page_of(sequence)
    assert "no run.json" in page.text
    assert "no res_track.txt" in page.text
    assert [track["label"] for track in page.data["page-data"]["tracks"]] == [1, 2, 3, 4, 9]


def test_some_frames_of_a_movie(sequence) -> None:
    for t in (0, 1, 7):
        (sequence / "01_RES" / f"mask{t:03d}.tif").unlink()
    page = page_of(sequence, ground_truth=sequence / "01_GT")
    assert page.data["page-data"]["numbers"] == [2, 3, 4, 5, 6]
    assert "false positive, cell 9" in page.text
    assert "missed" not in page.text


def test_a_frame_that_the_movie_lacks_is_named(sequence) -> None:
    (sequence / "01" / "t007.tif").unlink()
    with pytest.raises(CellsegError, match=r"mask007.tif: is of frame 7"):
        page_of(sequence)


def test_a_movie_of_another_size_is_refused(sequence) -> None:
    shutil.rmtree(sequence / "01")
    (sequence / "01").mkdir()
    for t in range(8):
        imwrite(sequence / "01" / f"t{t:03d}.tif", np.zeros((50, 50), np.uint8))
    with pytest.raises(CellsegError, match=r"the movie's frames are \(50, 50\)"):
        page_of(sequence)


def test_a_long_movie_is_thinned_out_evenly() -> None:
    shown, text = ShownFrames(limit=100), "x" * 8
    for n in range(40):
        if shown.wants_next():
            shown.add({"n": n, "t": text})
        else:
            shown.skip()
    numbers = [frame["n"] for frame in json.loads(shown.json())]
    assert len(shown.json()) <= 100 + len(numbers) + 1
    assert numbers == list(range(0, 40, shown.stride))
    assert len(numbers) > 1


@pytest.mark.parametrize("budget", [3_000, 30_000])
def test_pictures_keep_to_their_budget(tmp_path, budget: int) -> None:
    noise = np.random.default_rng(0).integers(0, 60_000, (300, 500)).astype(np.uint16)
    for t in range(3):
        imwrite(tmp_path / f"t{t:03d}.tif", noise)
    with open_video(tmp_path) as video:
        camera = Camera.for_video(video, budget)
        assert len(camera.encode(video.frame(1))) <= budget
    picture = jpeg8_decode(camera.encode(noise))
    assert picture.shape == (-(-300 // camera.factor), -(-500 // camera.factor))


def test_the_command_writes_the_page_beside_the_result_without_torch(sequence) -> None:
    script = (
        "import sys, atexit; from cellseg.cli import main;"
        "atexit.register(lambda: print('torch' in sys.modules));"
        "main()"
    )
    arguments = ["report", sequence / "01_RES", "--frames", sequence / "01"]
    command = [sys.executable, "-c", script, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "01_RES_report.html" in done.stdout
    assert done.stdout.splitlines()[-1] == "False"
    assert (sequence / "01_RES_report.html").is_file()


def test_a_result_without_any_cell_has_a_page(sequence) -> None:
    for t in range(8):
        imwrite(sequence / "01_RES" / f"mask{t:03d}.tif", np.zeros((100, 140), np.uint16))
    (sequence / "01_RES" / "res_track.txt").write_text("")
    page = page_of(sequence, ground_truth=sequence / "01_GT")
    assert page.data["page-data"]["plots"]["cells"] == [0] * 8
    assert "missed, true cell 1" in page.text
