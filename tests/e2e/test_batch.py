"""`cellseg batch`: many movies in processes of their own, whatever happens to them."""

import csv
import json
import signal
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest
from e2e.commands import RUN, here
from e2e.discs import draw
from tifffile import imwrite


def batch(*arguments, code=0):
    """Run the command in this process, which starts others for the movies; return what it printed."""
    said = here("batch", *arguments, check=code)
    return said.stdout + said.stderr


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in ("run.json", "batch.json", "batch.csv")
    }


def masks(folder):
    """Of what `files` gives, what does not tell how a movie was cut."""
    return {name: data for name, data in files(folder).items() if name.endswith((".tif", ".txt"))}


def stack(path, frames):
    path.parent.mkdir(parents=True, exist_ok=True)
    imwrite(path, np.stack([draw(t % 8)[0] for t in range(frames)]), photometric="minisblack")


@pytest.fixture
def lab(tmp_path):
    for name in ("a", "b", "plate/c"):
        stack(tmp_path / "lab" / f"{name}.tif", 6)
    return tmp_path / "lab"


@pytest.fixture
def options(model, tmp_path, quick_workers):
    # Of two workers each has one core of two: one thread.
    out = ("--output", tmp_path / "out")
    return (*out, "--model", model, "--set", "instances.min_area=20", "--workers", 2)


def statuses(tmp_path, name="batch"):
    rows = json.loads((tmp_path / "out" / f"{name}.json").read_text())["movies"]
    return {row["movie"]: row["status"] for row in rows}


def test_a_movie_fails_the_others_go_on_and_the_same_command_does_the_rest(lab, options, tmp_path):
    good = (lab / "b.tif").read_bytes()
    (lab / "b.tif").write_bytes(b"no movie")
    shown = batch(lab, *options, "--dry-run")
    assert "plate/c.tif       6 frames  new" in shown
    assert "b.tif        cannot be opened" in shown
    assert "3 movies: 0 done before, 2 to do with 12 frames" in shown
    assert " at once; about 1.1 kB of disk, of " in shown
    assert not (tmp_path / "out").exists()

    shown = batch(lab, *options, code=1)
    assert "3 movies: 2 done, 1 failed" in shown
    assert statuses(tmp_path) == {"a.tif": "done", "b.tif": "failed", "plate/c.tif": "done"}
    rows = list(csv.DictReader((tmp_path / "out" / "batch.csv").open()))
    assert [row["tracks"] for row in rows] == ["3", "", "3"]
    assert rows[1]["reason"] and rows[1]["remedy"]
    assert (
        tmp_path / "out" / "plate" / "c_RES" / "res_track.txt"
    ).read_text() == "1 0 5 0\n2 0 5 0\n3 3 5 0\n"

    (lab / "b.tif").write_bytes(good)
    assert "3 movies: 1 done, 2 done before" in batch(lab, *options)

    # All is done: nobody needs torch to see that.
    script = (
        "import sys, atexit; from cellseg.cli import main;"
        "atexit.register(lambda: print('torch' in sys.modules)); main()"
    )
    words = [sys.executable, "-c", script, "batch", *map(str, (lab, *options))]
    again = subprocess.run(words, capture_output=True, text=True, timeout=600)
    assert again.returncode == 0, again.stderr
    assert again.stdout == "3 movies: 3 done before\nFalse\n"


def test_what_failed_is_said_even_where_no_account_can_be_written(lab, options, tmp_path):
    (lab / "b.tif").write_bytes(b"no movie")
    (tmp_path / "out" / "batch.json").mkdir(parents=True)
    shown = batch(lab / "b.tif", *options, code=1)
    assert "b.tif failed: " in shown
    assert "1 movie: 1 failed" in shown
    assert f"cellseg: {tmp_path / 'out' / 'batch.json'}: " in shown


def test_the_output_is_a_folder(lab, options):
    assert "is a file" in batch(lab, *options, "--output", lab / "a.tif", code=2)


def test_parts_are_the_whole_and_a_sheet_speaks_of_single_movies(lab, options, tmp_path):
    (tmp_path / "sheet.csv").write_text("movie,frames\nplate/*,0:4\n")
    sheet = ("--config", tmp_path / "sheet.csv")
    for part in ("1/2", "2/2"):
        batch(lab, *options, *sheet, "--part", part)
    assert statuses(tmp_path, "batch-1-of-2") == {"a.tif": "done", "plate/c.tif": "done"}
    assert statuses(tmp_path, "batch-2-of-2") == {"b.tif": "done"}
    assert len(list((tmp_path / "out" / "plate" / "c_RES").glob("mask*"))) == 4
    assert batch(lab, *options, *sheet).startswith("3 movies: 3 done before")


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_long_movie_in_chunks_of_which_a_worker_is_killed(options, tmp_path):
    stack(tmp_path / "lab" / "long.tif", 120)
    stack(tmp_path / "lab" / "short.tif", 6)
    chunks = ("--chunk-frames", 30)
    shown = batch(tmp_path / "lab", *options, *chunks, "--dry-run")
    assert "120 frames  new, 4 chunks" in shown
    words = [*RUN, "batch", *map(str, (tmp_path / "lab", *options, *chunks))]
    made = tmp_path / "out" / "long_RES.chunks"
    with subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        while process.poll() is None and len(list(made.glob("*/provisional/*"))) < 20:
            time.sleep(0.02)
        worker = next(
            child
            for child in psutil.Process(process.pid).children()
            if "spawn_main" in " ".join(child.cmdline())
        )
        worker.kill()
        shown, error = process.communicate(timeout=600)
    assert process.returncode == 0, error
    assert "2 movies: 2 done" in shown
    rows = json.loads((tmp_path / "out" / "batch.json").read_text())["movies"]
    assert [(row["frames"], row["tracks"]) for row in rows] == [(120, rows[0]["tracks"]), (6, 3)]
    record = json.loads((tmp_path / "out" / "long_RES" / "run.json").read_text())
    assert [pair["frame"] for pair in record["pairs"]] == list(range(119))
    assert [pair["frame"] for pair in record["pairs"] if pair.get("chunk")] == [29, 59, 89]
    assert "2 done before" in batch(tmp_path / "lab", *options, *chunks)
    assert "2 done before" in batch(tmp_path / "lab", *options)
    batch(tmp_path / "lab", "--output", tmp_path / "whole", *options[2:])
    assert masks(tmp_path / "out") == masks(tmp_path / "whole")


def test_chunks_in_a_job_array(options, tmp_path):
    stack(tmp_path / "lab" / "long.tif", 30)
    stack(tmp_path / "lab" / "short.tif", 6)
    chunks = ("--chunk-frames", 10)
    assert "1 movie: 1 in part" in batch(tmp_path / "lab", *options, *chunks, "--part", "1/2")
    assert not (tmp_path / "out" / "long_RES").exists()
    assert "2 movies: 1 done, 1 in part" in batch(tmp_path / "lab", *options, *chunks, "--part", "2/2")
    assert sorted(path.name for path in (tmp_path / "out" / "long_RES.chunks").iterdir()) == [
        *("000000-000009.partial", "000009-000019.partial", "000019-000029.partial"),
    ]
    shown = batch(tmp_path / "lab", *options, *chunks)
    assert "2 movies: 1 done, 1 done before" in shown
    batch(tmp_path / "lab", "--output", tmp_path / "whole", *options[2:])
    assert masks(tmp_path / "out") == masks(tmp_path / "whole")


def test_positions_of_a_recording_and_frames_by_pattern(options, tmp_path):
    """What `infer` makes of them: a result for every position, of the channel and planes that are chosen."""
    from e2e.test_formats_and_preview import record

    (tmp_path / "lab").mkdir()
    record(tmp_path / "lab" / "well.ome.tif")
    for t in range(6):
        for channel in ("cells", "empty"):
            image = draw(t)[0] if channel == "cells" else np.full((48, 64), 20, np.uint8)
            imwrite(tmp_path / "lab" / f"img_t{t:02d}_{channel}.tif", image)
    pattern = tmp_path / "lab" / "img_t{t}_{c}.tif"
    inputs = (tmp_path / "lab" / "well.ome.tif", pattern)
    shown = batch(*inputs, *options, code=1)
    assert shown.count("0 (empty), 1 (cells)") == 2
    (tmp_path / "sheet.csv").write_text("movie,z\nwell.ome.tif,max\n")
    chosen = ("--channel", "cells", "--config", tmp_path / "sheet.csv")
    assert "3 movies: 3 done" in batch(*inputs, *options, *chosen)
    for name in ("well_left", "well_right"):
        assert (
            tmp_path / "out" / f"{name}_RES" / "res_track.txt"
        ).read_text() == "1 0 7 0\n2 0 7 0\n3 3 7 0\n"
    assert (tmp_path / "out" / "img_t_RES" / "res_track.txt").read_text() == "1 0 5 0\n2 0 5 0\n3 3 5 0\n"
    assert batch(*inputs, *options, *chosen).startswith("3 movies: 3 done before")
    # Another part of the image is another result.
    shown = batch(inputs[0], *options, *chosen, "--scene", "left", "--crop", "0:40,:", "--dry-run")
    assert "1 movie: 0 done before, 1 to do with" in shown
    assert "changed: what was chosen from the recording" in shown
    said = batch(tmp_path / "lab" / "well.ome.tif", *options, "--scene", "middle", code=1)
    assert "0 (left), 1 (right)" in said


FRAMES = 80


@pytest.fixture(scope="module")
def undisturbed(model, tmp_path_factory):
    """What comes of a movie of that many frames."""
    folder = tmp_path_factory.mktemp("undisturbed")
    stack(folder / "long.tif", FRAMES)
    here("infer", folder / "long.tif", "--model", model, "--set", "instances.min_area=20")
    return files(folder / "long_RES")


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGTERM")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_stopped_by_a_scheduler_and_started_again(undisturbed, options, tmp_path, how):
    """SIGTERM (a time limit, a requeue) to the first process alone, or its death: its workers end, too."""
    stack(tmp_path / "lab" / "long.tif", FRAMES)
    words = [*RUN, "batch", *map(str, (tmp_path / "lab", *options))]
    partial = tmp_path / "out" / "long_RES.partial"
    with subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        while process.poll() is None and len(list((partial / "provisional").glob("*"))) < 20:
            time.sleep(0.02)
        process.send_signal(how)
        _, error = process.communicate(timeout=600)
    if how is signal.SIGTERM:
        assert process.returncode == 130, error
        assert "Traceback" not in error
        assert statuses(tmp_path) == {"long.tif": "interrupted"}
        assert len(json.loads((partial / "run.json").read_text())["pairs"]) >= 18
    else:
        assert process.returncode == -how
    count = len(list((partial / "provisional").iterdir()))
    time.sleep(0.5)
    assert len(list((partial / "provisional").iterdir())) == count < FRAMES
    batch(tmp_path / "lab", *options)
    assert [path.name for path in (tmp_path / "out").glob("long_RES*")] == ["long_RES"]
    assert files(tmp_path / "out" / "long_RES") == undisturbed


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["nowhere.tif"], 1, "does not exist"),
        (["LAB", "--part", "3/2"], 2, "--part"),
        (["LAB", "--workers", "2", "--scheduler", "tcp://x:1"], 2, "--scheduler"),
        (["LAB", "--model", "no-such-model"], 1, "no model named no-such-model"),
        (["LAB", "--set", "linker.min_overlapp=1"], 2, "linker.min_overlap"),
        (["LAB/a.tif", "LAB/a.ome.tif"], 1, "same result"),
    ],
)
def test_wrong_commands_fail_before_any_work(lab, options, tmp_path, arguments, code, words):
    stack(lab / "a.ome.tif", 2)
    arguments = [word.replace("LAB", str(lab)) for word in arguments]
    if "same" not in words:
        (lab / "a.ome.tif").unlink()
    assert words in batch(*options, *arguments, code=code)
    assert not (tmp_path / "out").exists()
