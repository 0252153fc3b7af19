"""The page in a browser: the system's Chromium, without a window and without a network."""

import shutil
from contextlib import contextmanager

import pytest

from cellseg.report import write_report
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
    with open_video(movie) as video:
        return write_report(result, video, folder / "page.html", truth)


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


def test_it_turns_dark_and_fits_a_telephone(browser, page_file) -> None:
    with opened(browser, page_file, viewport={"width": 390, "height": 800}, color_scheme="dark") as page:
        colour = "getComputedStyle(document.body).backgroundColor"
        dark = page.evaluate(colour)
        page.locator("#theme").click()
        assert page.evaluate(colour) != dark
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
