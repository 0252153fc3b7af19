"""The page in a browser: the system's Chromium, without a window and without a network."""

import shutil
from contextlib import contextmanager
from itertools import pairwise

import numpy as np
import pytest

from cellseg.batch.job import Outcome
from cellseg.batch.pages import Index
from cellseg.ctc import read_labels
from cellseg.embeddings import SavedEmbeddings, SavedFrame, SavedPair
from cellseg.report import write_report
from cellseg.result_folder import page_path
from cellseg.simulate import preset, write_ctc
from cellseg.video import open_video

sync_api = pytest.importorskip("playwright.sync_api")

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="there is no Chromium on this system")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
FRAMES = 6


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    """The page of a simulated movie whose result is its truth."""
    folder = tmp_path_factory.mktemp("report")
    movie = write_ctc(preset("Fluo-N2DH-SIM+"), folder, "01", FRAMES, 3, (160, 200))
    truth = movie.with_name("01_GT")
    result = folder / "01_RES"
    result.mkdir()
    for t in range(FRAMES):
        shutil.copy(truth / "TRA" / f"man_track{t:03d}.tif", result / f"mask{t:03d}.tif")
    shutil.copy(truth / "TRA" / "man_track.txt", result / "res_track.txt")
    keep_embeddings(result)
    with open_video(movie) as video:
        return write_report(result, video, page_path(result), truth)


def keep_embeddings(result):
    """Keep perfect embeddings of a result: every track its own direction, and a seed in every cell."""
    saved = SavedEmbeddings(result / "embeddings")
    masks = [read_labels(path) for path in sorted(result.glob("mask*.tif"))]
    directions = np.random.default_rng(0).normal(size=(1 + max(labels.max() for labels in masks), 8))
    directions[:, 0] = 0
    directions[0] = np.eye(8)[0]
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    for t, labels in enumerate(masks):
        saved.write_frame(t, 3, SavedFrame.of(np.moveaxis(directions[labels], -1, 0).astype(np.float32), 0.5))
    for t, pair in enumerate(pairwise(masks)):
        places = [
            (half, *np.argwhere(labels == n)[0])
            for half, labels in enumerate(pair)
            for n in np.unique(labels)[1:]
        ]
        own = np.array([pair[half][y, x] for half, y, x in places])
        modes = directions[np.unique(own)].astype(np.float16)
        seeds = directions[own].astype(np.float16)
        saved.write_pair(
            t, 3, SavedPair(np.array(places, np.int32), seeds, modes, np.bincount(own)[np.unique(own)])
        )


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def opened(browser, page_file, **options):
    """Open the page; nothing may go wrong in it, and nothing may be asked of a network."""
    wrong, asked = [], []
    context = browser.new_context(offline=True, **options)
    page = context.new_page()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page_file.as_uri())
    sync_api.expect(page.locator("#frame-label")).not_to_be_empty()
    yield page
    context.close()
    assert wrong == []
    assert [url for url in asked if not url.startswith(("data:", "file:"))] == []


@pytest.fixture(scope="module")
def page(browser, page_file):
    with opened(browser, page_file, viewport={"width": 1400, "height": 900}) as page:
        yield page


@pytest.fixture(autouse=True)
def from_the_beginning(request):
    if "page" in request.fixturenames:
        page = request.getfixturevalue("page")
        page.keyboard.press("Escape")
        page.locator("#canvas").focus()
        page.keyboard.press("Home")
        page.keyboard.press("0")


def frame(page):
    return page.locator("#frame-label").inner_text().split()[1]


def pixels(page):
    """What is drawn, once it is."""
    page.wait_for_timeout(150)
    return page.evaluate("document.getElementById('canvas').toDataURL()")


def test_the_slider_changes_the_frame_and_the_picture(page) -> None:
    before = pixels(page)
    page.locator("#slider").fill("3")
    assert frame(page) == "3"
    assert pixels(page) != before


def test_a_branch_of_the_tree_selects_its_cell(page) -> None:
    branch = page.locator("#tree .branch").first
    label = branch.get_attribute("data-label")
    before = pixels(page)
    branch.locator(".hit").click()
    assert branch.get_attribute("aria-selected") == "true"
    assert page.locator("#card h3").inner_text().strip() == f"Cell {label}"
    assert pixels(page) != before


def test_a_click_on_a_cell_selects_it(page) -> None:
    place = page.evaluate(
        """() => {
          const track = JSON.parse(document.getElementById('page-data').textContent).tracks[0];
          const canvas = document.getElementById('canvas'), [height, width] = [160, 200];
          const scale = Math.min(canvas.clientWidth / width, canvas.clientHeight / height);
          return {
            label: track.label,
            x: (canvas.clientWidth - width * scale) / 2 + (track.x[0] + 0.5) * scale,
            y: (canvas.clientHeight - height * scale) / 2 + (track.y[0] + 0.5) * scale,
          };
        }"""
    )
    page.locator("#canvas").click(position={"x": place["x"], "y": place["y"]})
    assert page.locator("#card h3").inner_text().strip() == f"Cell {place['label']}"


def test_the_keyboard_goes_through_the_movie(page) -> None:
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert frame(page) == "2"
    page.keyboard.press("ArrowLeft")
    assert frame(page) == "1"
    page.keyboard.press("End")
    assert frame(page) == str(FRAMES - 1)
    page.keyboard.press("Home")
    page.keyboard.press(" ")
    sync_api.expect(page.locator("#frame-label")).not_to_contain_text("frame 0")
    assert page.locator("#play").get_attribute("aria-label") == "Pause"
    page.keyboard.press(" ")
    assert page.locator("#play").get_attribute("aria-label") == "Play"


def test_the_keyboard_zooms_and_fits_again(page) -> None:
    whole = pixels(page)
    page.keyboard.press("+")
    assert pixels(page) != whole
    page.keyboard.press("0")
    assert pixels(page) == whole


def test_the_keyboard_walks_through_the_lineages(page) -> None:
    page.locator("#tree").focus()
    page.keyboard.press("ArrowDown")
    first = page.locator("#card h3").inner_text()
    page.keyboard.press("ArrowDown")
    assert page.locator("#card h3").inner_text() != first
    active = page.locator("#tree").get_attribute("aria-activedescendant")
    assert page.locator(f"#{active}").get_attribute("aria-label").startswith("Cell ")


def test_everything_that_is_drawn_has_a_text(page) -> None:
    assert "frame 0" in page.locator("#canvas").get_attribute("aria-label")
    assert page.locator("#movie-text").inner_text().startswith("Frame 0: ")
    plots = page.locator("#plots svg")
    assert plots.count() >= 4
    for index in range(plots.count()):
        assert plots.nth(index).get_attribute("aria-label")
    for button in page.locator("button").all():
        assert button.get_attribute("aria-label") or button.inner_text().strip()


def test_the_embedding_and_the_foreground_are_shown(page) -> None:
    seen = {}
    for _ in range(3):
        seen[page.locator("#view").input_value()] = pixels(page)
        page.keyboard.press("v")
    assert set(seen) == {"picture", "embedding", "foreground"}
    assert len(set(seen.values())) == 3
    assert page.locator("#view").input_value() == "picture"


def test_seeds_and_modes_are_shown_and_told(page) -> None:
    plain = pixels(page)
    for key, box in (("s", "#show-seeds"), ("m", "#show-modes")):
        page.keyboard.press(key)
        assert page.locator(box).is_checked()
        assert pixels(page) != plain
        page.keyboard.press(key)
        assert pixels(page) == plain
    cells = page.locator("#movie-text").inner_text().split()[2]
    said = page.locator("#space-summary").inner_text()
    assert f"{cells} of them with pixels in this frame; {cells} cells" in said
    assert page.locator("#space").get_attribute("aria-label") == said


def test_the_index_of_a_batch_sorts_and_leads_to_the_pages(browser, page_file) -> None:
    folder = page_file.parent
    done = Outcome("01", "done", str(folder / "01_RES"), frames=FRAMES, tracks=3)
    error = {"file": "02.tif", "reason": "is damaged", "remedy": "Copy it again."}
    index = Index(folder, "batch").write(
        [done, Outcome("02.tif", "failed", str(folder / "02_RES"), error=error)]
    )
    context = browser.new_context(offline=True)
    page, wrong = context.new_page(), []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text))
    page.goto(index.as_uri())
    movies = page.locator("#movies tbody tr td:first-child")
    assert movies.all_inner_texts() == ["01", "02.tif"]
    page.get_by_role("button", name="movie").click()
    page.get_by_role("button", name="movie").click()
    assert movies.all_inner_texts() == ["02.tif", "01"]
    assert page.locator("th[aria-sort=descending]").inner_text() == "movie"
    page.get_by_role("link", name="01").click()
    sync_api.expect(page.locator("#frame-label")).not_to_be_empty()
    assert wrong == []
    context.close()


def test_it_turns_dark_and_fits_a_telephone(browser, page_file) -> None:
    with opened(browser, page_file, viewport={"width": 390, "height": 800}, color_scheme="dark") as page:
        colour = "getComputedStyle(document.body).backgroundColor"
        dark = page.evaluate(colour)
        page.locator("#theme").click()
        assert page.evaluate(colour) != dark
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
