"""`cellseg infer --report`: the page beside the result."""

import subprocess
import sys


def test_infer_writes_the_page_beside_the_result(model, movie, tmp_path) -> None:
    arguments = ["infer", movie, "--model", model, "--output", tmp_path / "out", "--report"]
    command = [sys.executable, "-m", "cellseg", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "out" / "01_RES_report.html").read_text("utf-8")
    assert "01_RES_report.html" in done.stdout
    # What run.json says is on it.
    assert "model: name" in page
