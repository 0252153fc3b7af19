"""Draw the picture of the front page: what `cellseg report` makes of the demo's movie.

    python docs/draw_report.py

Needs a Chromium or Chrome. Writes `docs/images/report.png`.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

PICTURE = Path(__file__).parent / "images" / "report.png"
RESULT = "demo/simulated-30-frames/01_RES"
COMMANDS = (
    "demo",
    f"report {RESULT} --frames demo/simulated-30-frames/DIC-C2DH-HeLa/01 --output page.html",
)
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1460,955")
SIZE = (1168, 764)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main() -> None:
    """Simulate, track, make the page, and take its picture."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit(f"none of {', '.join(BROWSERS)} is installed")
    with tempfile.TemporaryDirectory() as folder:
        for command in COMMANDS:
            subprocess.run([sys.executable, "-m", "cellseg", *command.split()], cwd=folder, check=True)
        shot, page = Path(folder, "shot.png"), Path(folder, "page.html")
        options = [*OPTIONS, f"--screenshot={shot}"]
        subprocess.run([browser, *options, page.as_uri()], check=True, capture_output=True, timeout=120)
        PICTURE.parent.mkdir(exist_ok=True)
        with Image.open(shot) as picture:
            small = picture.convert("RGB").resize(SIZE, Image.Resampling.LANCZOS)
            small.quantize(255, kmeans=2, dither=Image.Dither.NONE).save(PICTURE, optimize=True)
    print(f"{PICTURE}: {PICTURE.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
