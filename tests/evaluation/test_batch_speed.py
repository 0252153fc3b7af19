"""What `batch_speed.py` measures on little, and that the page says what its record says."""

from __future__ import annotations

import json
import sys

import pytest

from evaluation.batch_speed import PAGE, RESULT
from evaluation.scale.finished import measure_finished
from evaluation.scale.render import BEGIN, END, efficiency, into, render, serial_seconds
from evaluation.scale.workers import Load, Row, measure_workers

MACHINE = {"processor": "a processor", "device": "cpu", "cores": 2, "gflops": 100.0, "load_average": [0.1]}
FIGURES = {
    "load": {"movies": 2, "frames": 10, "side": 256},
    "frames": 20,
    "network_pixels": 32768,
    "bytes_in": 131072.0,
    "bytes_out": 2000.0,
    "files_out": 1.1,
    "bytes_partial": 6000.0,
    "files_partial": 3.0,
    "rows": {
        name: {
            "seconds": seconds,
            "frames_per_second": 20 / seconds,
            "stages": {"linking": 0.1, "writing": 0.3, "elapsed": seconds},
        }
        for name, seconds in {
            "1 worker, 1 core": 20.0,
            "1 worker, 2 cores": 12.0,
            "2 workers, 2 cores": 12.5,
            "one movie, 1 worker, 1 core": 20.0,
            "one movie in chunks, 2 workers, 2 cores": 13.0,
        }.items()
    },
}
FINISHED = {"movies": 1000, "frames": 20, "seconds": [1.0], "median_seconds": 1.0, "torch_imported": False}
RECORD = {"machine": MACHINE, "workers": FIGURES, "finished": {**FINISHED, "summary_seconds": 0.02}}


def test_what_follows_from_figures_made_up():
    assert efficiency(FIGURES) == pytest.approx(0.8)
    assert serial_seconds(FIGURES) == pytest.approx(0.02)
    said = render(RECORD)
    # 1e12 bytes a day are 1.3797 frames/s of 2048 x 2048 pixels of two bytes.
    assert "1.38 frames/s: 11.6 MB/s to read" in said
    # At 28 pixels across the camera's pixels are the network's, of which a core does 32,768 a second.
    assert "| 28 pixels | 4.19 million | 0.0078 | 221 |" in said
    assert "80 % efficient" in said
    assert "at most 50 times" in said
    page = f"# Page\n\n{BEGIN}\nold\n{END}\n"
    assert into(into(page, "x"), said) == into(page, said)
    assert "old" not in into(page, said)


def test_the_page_says_what_was_measured():
    page = PAGE.read_text(encoding="utf-8")
    if RESULT.exists():
        assert into(page, render(json.loads(RESULT.read_text(encoding="utf-8")))) == page
    else:
        assert page.partition(BEGIN)[2].partition(END)[0].isspace()


def test_a_few_finished_movies(tmp_path):
    record = measure_finished(tmp_path, 3)
    assert record["movies"] == 3
    assert not record["torch_imported"]


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGTERM")
def test_little_work_by_one_worker(tmp_path):
    rows = (Row("1 worker, 1 core", 1, 1), Row("one movie, 1 worker, 1 core", 1, 1, chunked=True))
    record = measure_workers(tmp_path, Load(2, 6, 96), rows)
    assert record["frames"] == 12
    assert 1000 < record["bytes_in"] < 4 * 96 * 96
    assert 1 < record["files_out"] < 2
    assert record["files_partial"] > 2
    assert all(row["stages"]["network"] > 0 for row in record["rows"].values())
