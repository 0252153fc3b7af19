"""The installed command, from frames to a scored result."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from e2e.commands import RUN, cellseg, command
from e2e.discs import draw
from tifffile import imread, imwrite

from cellseg.cli import main
from cellseg.pipeline import _Run
from cellseg.unfinished import Unfinished

SMALL = ("--set", "instances.min_area=20")


def files(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.name != "run.json"}


def test_frames_in_scores_out(movie, model, tmp_path):
    command("infer", movie, "--model", model, "--output", tmp_path, *SMALL)
    result = tmp_path / "01_RES"
    assert [path.name for path in sorted(tmp_path.glob("01_RES*"))] == ["01_RES"]
    assert (result / "res_track.txt").read_text() == "1 0 7 0\n2 0 7 0\n3 3 7 0\n"
    masks = imread(sorted(result.glob("mask*.tif")))
    assert masks.shape == (8, 48, 64)
    assert masks.dtype == np.uint16
    cellseg("validate", result, "--frames", movie)
    cellseg("evaluate", result, movie.with_name("01_GT"), "--json", tmp_path / "scores.json")
    scores = json.loads((tmp_path / "scores.json").read_text())
    assert scores["TRA"] == scores["DET"] == scores["LNK"] == 1
    assert scores["SEG"] > 0.9

    record = json.loads((result / "run.json").read_text())
    assert record["status"] == "done"
    assert [row["frame"] for row in record["pairs"]] == list(range(7))
    assert {"r", "I", "N_min", "N", "iterations"} <= set(record["pairs"][0])
    assert record["pairs"][3]["I"] == 3
    assert record["input"]["files"][0]["path"] == "t000.tif"
    assert set(record["output"]) == set(files(result))
    assert record["flops_per_frame"] > 0


def test_without_a_model_the_generalist_looks_how_large_the_cells_are(movie, tmp_path):
    said = cellseg("infer", movie, "--output", tmp_path)
    assert "--diameter says it better" in said
    record = json.loads((tmp_path / "01_RES" / "run.json").read_text())
    assert record["model"]["name"] == "generalist"
    told = cellseg("infer", movie, "--output", tmp_path / "told", "--diameter", 14)
    assert "for cells about 14 pixels across" in told
    assert "says it better" not in told


def test_the_same_run_gives_the_same_bytes_in_any_number_of_threads(movie, model, tmp_path):
    before = torch.get_num_threads()
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            cellseg("infer", movie, "--model", model, "--output", tmp_path / str(threads), *SMALL)
            record = json.loads((tmp_path / str(threads) / "01_RES" / "run.json").read_text())
            assert record["threads"] == torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    assert files(tmp_path / "1" / "01_RES") == files(tmp_path / "2" / "01_RES")


@pytest.mark.parametrize("frames", [1, 2, 5])
def test_a_stack_of_any_length(model, tmp_path, frames, movie):
    stack = np.stack([imread(movie / f"t{t:03d}.tif") for t in range(frames)])
    imwrite(tmp_path / "stack.tif", stack, photometric="minisblack")
    cellseg("infer", tmp_path / "stack.tif", "--model", model, *SMALL)
    result = tmp_path / "stack_RES"
    assert len(list(result.glob("mask*.tif"))) == frames
    cellseg("validate", result)


def test_frames_without_cells(model, tmp_path):
    imwrite(tmp_path / "empty.tif", np.zeros((3, 20, 30), np.uint16), photometric="minisblack")
    cellseg("infer", tmp_path / "empty.tif", "--model", model)
    result = tmp_path / "empty_RES"
    assert (result / "res_track.txt").read_text() == ""
    assert not any(imread(path).any() for path in result.glob("mask*.tif"))


def test_a_block_keeps_the_numbers_of_its_frames(movie, model, tmp_path):
    cellseg("infer", movie, "--model", model, "--output", tmp_path, "--frames", "4:7", *SMALL)
    result = tmp_path / "01_RES"
    assert [path.name for path in sorted(result.glob("mask*"))] == [f"mask00{t}.tif" for t in (4, 5, 6)]
    assert (result / "res_track.txt").read_text() == "1 4 6 0\n2 4 6 0\n3 4 6 0\n"
    cellseg("evaluate", result, movie.with_name("01_GT"), "--frames", "4:7")


def test_windows_and_streams_agree_where_the_past_is_forgotten(movie, model, tmp_path):
    window = ("--set", "inference.state=window", "--set", "inference.window=3")
    cellseg("infer", movie, "--model", model, "--output", tmp_path / "stream", *SMALL)
    cellseg("infer", movie, "--model", model, "--output", tmp_path / "window", *SMALL, *window)
    assert files(tmp_path / "stream" / "01_RES") == files(tmp_path / "window" / "01_RES")


def test_twice_the_size_with_the_diameter_said(movie, model, tmp_path):
    for path in movie.iterdir():
        imwrite(path, np.kron(imread(path), np.ones((2, 2), np.uint8)))
    cellseg("infer", movie, "--model", model, "--output", tmp_path, "--diameter", 20, *SMALL)
    record = json.loads((tmp_path / "01_RES" / "run.json").read_text())
    assert record["model"]["preparation"]["input_px_per_network_px"] == [2, 2]
    assert record["tracks"] == 3
    assert imread(tmp_path / "01_RES" / "mask000.tif").shape == (96, 128)


def test_a_large_frame_in_little_memory(movie, model, tmp_path):
    for t in range(8):
        path = movie / f"t{t:03d}.tif"
        path.unlink() if t > 1 else imwrite(path, np.tile(imread(path), (22, 20)))
    whole = cellseg("infer", movie, "--model", model, "--output", tmp_path / "whole", *SMALL)
    tiled = cellseg(
        *("infer", movie, "--model", model, "--output", tmp_path / "tiled", *SMALL, "--max-memory", 0.1)
    )
    assert "frames of 1056 x 1280 network pixels are embedded in tiles of" in tiled
    assert "tiles" not in whole
    assert files(tmp_path / "tiled" / "01_RES") == files(tmp_path / "whole" / "01_RES")


def test_the_bandwidth_is_the_models_unless_somebody_says_another(movie, model, tmp_path):
    own = shutil.copytree(model, tmp_path / "own")
    card = (own / "model.yaml").read_text()
    (own / "model.yaml").write_text(card.replace("bandwidth: 0.1", "bandwidth: 0.4"))
    for name, changes in (("own", ()), ("said", ("--set", "clustering.bandwidth=0.2"))):
        cellseg("infer", movie, "--model", own, "--output", tmp_path / name, *SMALL, *changes)
    used = {}
    for name in ("own", "said"):
        record = json.loads((tmp_path / name / "01_RES" / "run.json").read_text())
        used[name] = record["settings"]["clustering"]["bandwidth"]
    assert used == {"own": 0.4, "said": 0.2}


def test_the_published_schedule(movie, model, tmp_path):
    published = ("--set", "inference.schedule=published")
    cellseg("infer", movie, "--model", model, "--output", tmp_path / "ours", *SMALL)
    cellseg("infer", movie, "--model", model, "--output", tmp_path / "theirs", *SMALL, *published)
    # Discs that far apart are the same in either.
    assert files(tmp_path / "ours" / "01_RES") == files(tmp_path / "theirs" / "01_RES")


def test_the_scale_follows_from_the_pixel_size_in_the_file(movie, model, tmp_path):
    large = np.stack([np.kron(imread(movie / f"t{t:03d}.tif"), np.ones((2, 2), np.uint8)) for t in range(3)])
    imwrite(
        tmp_path / "stack.tif", large, imagej=True, resolution=(4, 4), metadata={"axes": "TYX", "unit": "um"}
    )
    cellseg("infer", tmp_path / "stack.tif", "--model", model, *SMALL)
    record = json.loads((tmp_path / "stack_RES" / "run.json").read_text())
    assert record["model"]["preparation"]["input_px_per_network_px"] == [2, 2]  # 0.5 um against 0.25 um
    assert record["tracks"] == 2


def test_a_result_is_not_overwritten_unasked(movie, model, tmp_path):
    cellseg("infer", movie, "--model", model, "--output", tmp_path, *SMALL)
    before = files(tmp_path / "01_RES")
    refused = cellseg("infer", movie, "--model", model, "--output", tmp_path, check=1)
    assert "--overwrite" in refused
    assert files(tmp_path / "01_RES") == before
    cellseg(
        "infer",
        movie,
        "--model",
        model,
        "--output",
        tmp_path,
        "--overwrite",
        "--set",
        "instances.min_area=130",
    )
    assert (tmp_path / "01_RES" / "res_track.txt").read_text() == "1 0 7 0\n"
    assert [path.name for path in tmp_path.glob("01_RES*")] == ["01_RES"]


def test_a_broken_frame_keeps_what_was_done_and_is_resumed(movie, model, tmp_path):
    good = (movie / "t005.tif").read_bytes()
    (movie / "t005.tif").write_bytes(good[: len(good) // 2])
    failed = cellseg("infer", movie, "--model", model, "--output", tmp_path / "cut", *SMALL, check=1)
    assert "t005.tif" in failed
    partial = tmp_path / "cut" / "01_RES.partial"
    assert json.loads((partial / "run.json").read_text())["status"] == "interrupted"
    done = {path: path.stat().st_mtime_ns for path in (partial / "provisional").iterdir()}
    assert len(done) == 5
    # A frame that was read before is another one now: going on would mix two movies.
    first = (movie / "t001.tif").read_bytes()
    status = (movie / "t001.tif").stat()
    (movie / "t001.tif").write_bytes(first + b"x")
    refused = cellseg("infer", movie, "--model", model, "--output", tmp_path / "cut", *SMALL, check=1)
    assert "begun with other frames" in refused
    (movie / "t001.tif").write_bytes(first)
    os.utime(movie / "t001.tif", ns=(status.st_atime_ns, status.st_mtime_ns))
    # The broken frame may be mended.
    (movie / "t005.tif").write_bytes(good)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Unfinished, "finish", lambda self: None)
        cellseg("infer", movie, "--model", model, "--output", tmp_path / "cut", *SMALL)
    assert {path: path.stat().st_mtime_ns for path in done} == done
    cellseg("infer", movie, "--model", model, "--output", tmp_path / "cut", *SMALL)
    cellseg("infer", movie, "--model", model, "--output", tmp_path / "whole", *SMALL)
    assert files(tmp_path / "cut" / "01_RES") == files(tmp_path / "whole" / "01_RES")


def test_only_what_is_ours_is_replaced(movie, model, tmp_path):
    command = ("infer", movie, "--model", model, "--output", tmp_path, *SMALL)
    cellseg(*command)
    mine = tmp_path / "01_RES.old" / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("kept")
    cellseg(*command, "--set", "instances.min_area=130", "--overwrite")
    assert mine.read_text() == "kept"
    assert not (tmp_path / "01_RES" / "replaced").exists()
    foreign = tmp_path / "01_RES.partial" / "notes.txt"
    foreign.parent.mkdir()
    foreign.write_text("kept")
    refused = cellseg(*command, "--overwrite", check=1)
    assert "is no unfinished result" in refused
    assert foreign.read_text() == "kept"


def test_a_key_that_says_nothing_is_another_run(movie, model, tmp_path):
    partial = tmp_path / "01_RES.partial"
    partial.mkdir()
    (partial / "key.json").write_text("{}")
    command = ("infer", movie, "--model", model, "--output", tmp_path, *SMALL)
    assert "begun with other frames" in cellseg(*command, check=1)
    cellseg(*command, "--overwrite")


def test_the_published_schedule_has_windows_as_long_as_asked(movie, model, tmp_path):
    flops = {}
    for window in (4, 8):
        published = ("--set", "inference.schedule=published", "--set", f"inference.window={window}")
        cellseg("infer", movie, "--model", model, "--output", tmp_path / str(window), *published)
        record = json.loads((tmp_path / str(window) / "01_RES" / "run.json").read_text())
        flops[window] = record["flops_per_frame"]
    assert flops[8] == 2 * flops[4]


@pytest.mark.parametrize("damaged", ["provisional/000002.tif", "tables/000002.npz"])
def test_what_an_unfinished_run_wrote_is_named_when_it_is_damaged(movie, model, tmp_path, damaged):
    good = (movie / "t005.tif").read_bytes()
    (movie / "t005.tif").write_bytes(good[: len(good) // 2])
    command = ("infer", movie, "--model", model, "--output", tmp_path, *SMALL)
    cellseg(*command, check=1)
    (movie / "t005.tif").write_bytes(good)
    file = tmp_path / "01_RES.partial" / damaged
    file.write_bytes(file.read_bytes()[:100])
    failed = cellseg(*command, check=1)
    assert Path(damaged).name in failed
    assert "is damaged" in failed
    assert "Remove the unfinished result" in failed
    shutil.rmtree(tmp_path / "01_RES.partial")
    cellseg(*command)
    assert len(list((tmp_path / "01_RES").glob("mask*.tif"))) == 8


@pytest.mark.parametrize("moment", range(6))
@pytest.mark.parametrize("over", [False, True])
def test_a_death_while_finishing_loses_nothing(movie, model, tmp_path, moment, over):
    """Die before the n-th change of the disk that `finish` makes; the same command then gives the result."""

    class Death(BaseException):
        pass

    arguments = ("infer", movie, "--model", model, "--output", tmp_path, *SMALL, "--overwrite")
    cellseg(*arguments)
    expected = files(tmp_path / "01_RES")
    if not over:
        shutil.rmtree(tmp_path / "01_RES")
    left = moment

    def or_die(action):
        def act(*args, **kwargs):
            nonlocal left
            left -= 1
            if left < 0:
                raise Death
            return action(*args, **kwargs)

        return act

    real = Unfinished.finish

    def finish(self):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(shutil, "rmtree", or_die(shutil.rmtree))
            patch.setattr(Path, "replace", or_die(Path.replace))
            patch.setattr(Path, "unlink", or_die(Path.unlink))
            real(self)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Death):
        patch.setattr(Unfinished, "finish", finish)
        patch.setattr(_Run, "save", lambda self, status: None)  # a dead process saves nothing
        patch.setattr(sys, "argv", ["cellseg", *map(str, arguments)])
        main()
    cellseg(*arguments)
    assert files(tmp_path / "01_RES") == expected
    assert [path.name for path in tmp_path.glob("01_RES*")] == ["01_RES"]
    assert not (tmp_path / "01_RES" / "provisional").exists()


def test_more_pairs_than_a_process_may_open_files(movie, model, tmp_path):
    resource = pytest.importorskip("resource")
    for t in range(8, 100):
        shutil.copy(movie / f"t{t % 8:03d}.tif", movie / f"t{t:03d}.tif")
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    opened = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 64
    resource.setrlimit(resource.RLIMIT_NOFILE, (opened + 50, limits[1]))
    try:
        cellseg("infer", movie, "--model", model, "--output", tmp_path, *SMALL)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_several_sequences_go_on_where_they_stopped(movie, model, tmp_path):
    dataset = tmp_path / "sets" / "Lab"
    for name in ("01", "02"):
        shutil.copytree(movie, dataset / name)
    good = (dataset / "02" / "t003.tif").read_bytes()
    (dataset / "02" / "t003.tif").write_bytes(b"")
    (tmp_path / "lab.yaml").write_text("dataset: Lab\n")
    command = ("infer", "--dataset", tmp_path / "lab.yaml", "--data", tmp_path / "sets", "--model", model)
    cellseg(*command, check=1)
    before = (dataset / "01_RES" / "run.json").stat().st_mtime_ns
    (dataset / "02" / "t003.tif").write_bytes(good)
    cellseg(*command)
    assert (dataset / "01_RES" / "run.json").stat().st_mtime_ns == before
    assert (dataset / "02_RES" / "run.json").exists()


def test_digits_that_grow_within_a_movie(movie, model, tmp_path):
    for t in range(8):
        (movie / f"t{t:03d}.tif").rename(movie / f"t{996 + t}.tif")
    cellseg("infer", movie, "--model", model, "--output", tmp_path, *SMALL)
    names = sorted(path.name for path in (tmp_path / "01_RES").glob("mask*"))
    assert names[0] == "mask0996.tif"
    assert names[-1] == "mask1003.tif"


@pytest.mark.parametrize("state", ["stream", "window"])
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGTERM")
def test_sigterm_in_the_middle_costs_nothing(movie, model, tmp_path, state):
    for t in range(8, 70):
        shutil.copy(movie / f"t{t % 8:03d}.tif", movie / f"t{t:03d}.tif")
    arguments = [*map(str, ("infer", movie, "--model", model, *SMALL)), "--set", f"inference.state={state}"]
    with subprocess.Popen(
        [*RUN, *arguments, "--output", str(tmp_path / "cut")], stderr=subprocess.PIPE, text=True
    ) as process:
        provisional = tmp_path / "cut" / "01_RES.partial" / "provisional"
        while process.poll() is None and not (provisional.exists() and len(list(provisional.iterdir())) > 20):
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        _, error = process.communicate(timeout=60)
    assert process.returncode == 130, error
    assert "Traceback" not in error
    assert "stopping as soon as it is safe" in error
    assert not (tmp_path / "cut" / "01_RES").exists()
    partial = tmp_path / "cut" / "01_RES.partial"
    assert json.loads((partial / "run.json").read_text())["status"] == "interrupted"
    frames_done = len(json.loads((partial / "run.json").read_text())["pairs"])
    assert frames_done >= 18
    cellseg(*arguments, "--output", tmp_path / "cut")
    cellseg(*arguments, "--output", tmp_path / "whole")
    assert files(tmp_path / "cut" / "01_RES") == files(tmp_path / "whole" / "01_RES")


@pytest.mark.skipif(sys.platform == "win32", reason="no resource usage")
def test_memory_does_not_grow_with_the_number_of_frames(movie, model, tmp_path):
    for t in range(160):
        image = draw(t % 8)[0].repeat(2, 0).repeat(2, 1)
        imwrite(movie / f"t{t:03d}.tif", image)
    peaks = []
    for block in ("0:20", "0:160"):
        output = tmp_path / block.replace(":", "-")
        command("infer", movie, "--model", model, "--output", output, "--frames", block, *SMALL)
        record = json.loads((output / "01_RES" / "run.json").read_text())
        peaks.append(record["peak_memory"]["process"])
    assert peaks[1] - peaks[0] < 32 * 2**20


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["nowhere.tif", "--model", "MODEL"], 1, "does not exist"),
        (["--dataset", "DIC-C2DH-HeLa", "--data", "nowhere"], 1, "no such dataset folder"),
        (["--dataset", "No-Such-Set"], 1, "DIC-C2DH-HeLa"),
        (["MOVIE", "--model", "no-such-model"], 1, "no model named no-such-model"),
        (["MOVIE", "--model", "MODEL", "--set", "linker.min_overlapp=1"], 2, "linker.min_overlap"),
        (["MOVIE", "--model", "MODEL", "--device", "abacus"], 2, "abacus"),
        (["MOVIE", "--model", "MODEL", "--frames", "5:99"], 1, "0:8"),
        (["MOVIE", "--model", "MODEL", "--set", "linker.border=1000"], 1, "linker.border=0"),
        (["MOVIE", "--model", "MODEL", "--pixel-size", "0"], 2, "--pixel-size"),
        (["MOVIE", "--model", "MODEL", "--diameter", "0.001"], 2, "--diameter"),
        (["MOVIE", "--model", "MODEL", "--output", "MOVIE/t000.tif"], 2, "t000.tif"),
        ([], 2, "MOVIE"),
        (["MOVIE", "--model", "MODEL", "--frames", "x"], 2, "A:B"),
    ],
)
def test_errors_say_what_to_do(movie, model, tmp_path, monkeypatch, arguments, code, words):
    arguments = [word.replace("MOVIE", str(movie)).replace("MODEL", str(model)) for word in arguments]
    monkeypatch.chdir(tmp_path)
    failed = cellseg("infer", *arguments, check=code)
    assert words in failed
