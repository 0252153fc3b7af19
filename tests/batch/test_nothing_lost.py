"""Whatever stops a movie, the same job gives the same files afterwards, and goes on in the middle."""

import errno
import json
import os
import random
import shutil
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
import torch
from tifffile import imread, imwrite

import cellseg.finish
import cellseg.logbook
import cellseg.pipeline
import cellseg.unfinished
from cellseg.batch.inputs import find_movies
from cellseg.batch.job import Job
from cellseg.batch.options import Options
from cellseg.batch.plan import State, plan
from cellseg.batch.worker import run_job

SMALL = ("instances.min_area=20",)
FRAMES = 16


def files(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.name != "run.json"}


def look(movie, model, output, settings=SMALL, **options):
    (entry,) = plan(
        find_movies([str(movie)], output),
        [Options(model=str(model), settings=settings)],
        "float32",
        **options,
    )
    return entry


def job_for(movie, model, output, settings=SMALL):
    entry = look(movie, model, output, settings)
    return Job(
        movie=entry.movie.path,
        result=entry.movie.result,
        name=entry.movie.name,
        model=entry.model,
        request=entry.request,
        selection=entry.selection,
        overwrite=entry.may_replace,
        device="cpu",
        precision="float32",
    )


def run(movie, model, output, settings=SMALL):
    torch.set_num_threads(1)
    return run_job(job_for(movie, model, output, settings))


def save_often_and_run(job):
    """In a process of its own: with a checkpoint after every pair, for the movie is short."""
    cellseg.logbook._CHECKPOINT_SECONDS = 0
    torch.set_num_threads(1)
    assert run_job(job).status == "done"


@pytest.fixture
def long(movie):
    for t in range(8, FRAMES):
        shutil.copy(movie / f"t{t % 8:03d}.tif", movie / f"t{t:03d}.tif")
    return movie


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_killed_at_twenty_random_moments(quick, long, model, tmp_path):
    for name in ("first", "whole"):  # the first one starts the server of processes, too
        begin = time.monotonic()
        process = quick.Process(target=save_often_and_run, args=(job_for(long, model, tmp_path / name),))
        process.start()
        process.join()
        assert process.exitcode == 0
    whole = time.monotonic() - begin
    expected = files(tmp_path / "whole" / "01_RES")
    moments = random.Random(5)
    killed = movies = went_on = 0
    output = tmp_path / "killed0"
    while killed < 20 or (output / "01_RES.partial").exists():
        began_at = len(list((output / "01_RES.partial" / "provisional").glob("*.tif")))
        process = quick.Process(target=save_often_and_run, args=(job_for(long, model, output),))
        process.start()
        if killed < 20:
            process.join(moments.uniform(0, whole / 2))
            if process.is_alive():
                process.kill()
                killed += 1
        process.join()
        went_on += began_at > 1
        if (output / "01_RES").exists():
            assert run(long, model, output).status == "done"
            assert files(output / "01_RES") == expected
            assert [path.name for path in output.iterdir()] == ["01_RES"]
            movies += 1
            output = tmp_path / f"killed{movies}"
    assert went_on >= 3


@pytest.mark.parametrize(
    ("module", "function", "file"),
    [
        (cellseg.unfinished, "imwrite", "000011.tif"),
        (cellseg.unfinished.np, "savez", "000010.npz"),
        (cellseg.unfinished, "save_file", "checkpoint.new"),
        (cellseg.finish, "write_mask", "mask011.tif"),
    ],
)
def test_a_full_disk(long, model, tmp_path, monkeypatch, module, function, file):
    """A file, the tenth of its name, finds space for half of it only."""
    real = getattr(module, function)
    written = Counter()

    def write(*arguments, **more):
        path = next(argument for argument in arguments if isinstance(argument, Path))
        written[path.name] += 1
        if path.name == file and written[path.name] == (10 if file == "checkpoint.new" else 1):
            path.write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return real(*arguments, **more)

    with monkeypatch.context() as patch:
        patch.setattr(cellseg.logbook, "_CHECKPOINT_SECONDS", 0)
        patch.setattr(module, function, write)
        failed = run(long, model, tmp_path / "cut")
    assert failed.status == "failed"
    assert failed.error["reason"] == "No space left on device"
    assert "free space" in failed.error["remedy"]
    goes_on(long, model, tmp_path, at_least=9)


def test_a_share_that_vanishes(long, model, tmp_path, monkeypatch):
    prepare = cellseg.pipeline.prepare
    count = iter(range(1000))

    def vanish(frame, preparation):
        if next(count) == 12:
            long.rename(tmp_path / "elsewhere")
        return prepare(frame, preparation)

    with monkeypatch.context() as patch:
        patch.setattr(cellseg.pipeline, "prepare", vanish)
        failed = run(long, model, tmp_path / "cut")
    assert failed.status == "failed"
    assert "t013.tif" in failed.error["file"]
    (tmp_path / "elsewhere").rename(long)
    goes_on(long, model, tmp_path, at_least=9)


def test_a_corrupt_frame_in_the_middle(long, model, tmp_path):
    good = (long / "t012.tif").read_bytes()
    (long / "t012.tif").write_bytes(good[: len(good) // 2])
    failed = run(long, model, tmp_path / "cut")
    assert failed.status == "failed"
    assert failed.error["file"] == str(long / "t012.tif")
    (long / "t012.tif").write_bytes(good)
    goes_on(long, model, tmp_path, at_least=11)


def goes_on(movie, model, tmp_path, at_least):
    """The same job again goes on behind the frames that are saved, and gives what nothing disturbed gives."""
    saved = json.loads((tmp_path / "cut" / "01_RES.partial" / "run.json").read_text())
    assert len(saved["pairs"]) >= at_least
    assert look(movie, model, tmp_path / "cut").state is State.UNFINISHED
    provisional = tmp_path / "cut" / "01_RES.partial" / "provisional"
    done = {path.name: path.stat().st_mtime_ns for path in sorted(provisional.iterdir())[:at_least]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cellseg.unfinished.Unfinished, "finish", lambda self: None)
        assert run(movie, model, tmp_path / "cut").status == "done"
    assert {name: (provisional / name).stat().st_mtime_ns for name in done} == done
    assert run(movie, model, tmp_path / "cut").status == "done"
    assert run(movie, model, tmp_path / "whole").status == "done"
    assert files(tmp_path / "cut" / "01_RES") == files(tmp_path / "whole" / "01_RES")
    assert look(movie, model, tmp_path / "cut").state is State.DONE


def test_what_changed_is_done_anew_and_only_that(movie, model, tmp_path):
    def state(**options):
        entry = look(movie, model, tmp_path / "out", **options)
        return entry.state, entry.reason

    result = tmp_path / "out" / "01_RES"
    assert state() == (State.NEW, "")
    assert run(movie, model, tmp_path / "out").status == "done"
    assert state() == (State.DONE, "")
    assert state(settings=("instances.min_area=30",)) == (State.CHANGED, "changed: settings")
    # Another frame.
    status = (movie / "t003.tif").stat()
    imwrite(movie / "t003.tif", imread(movie / "t002.tif"))
    assert state() == (State.CHANGED, "changed: the movie")
    assert run(movie, model, tmp_path / "out").status == "done"
    assert state() == (State.DONE, "")
    os.utime(movie / "t003.tif", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert state()[0] is State.CHANGED
    assert run(movie, model, tmp_path / "out").status == "done"
    # Another model of the same name.
    other = shutil.copytree(model, tmp_path / "other" / "bright")
    card = (other / "model.yaml").read_text()
    (other / "model.yaml").write_text(card.replace("pad_value: null", "pad_value: -1.0"))
    assert look(movie, other, tmp_path / "out").reason == "changed: model"
    # A result that was altered is seen at once where a file is gone, and on demand where it only differs.
    imwrite(result / "mask002.tif", imread(result / "mask002.tif") * 0)
    assert state() == (State.DONE, "")
    assert state(verify=True) == (State.CHANGED, "mask002.tif is not what was written")
    (result / "mask002.tif").unlink()
    assert state() == (State.CHANGED, "mask002.tif is missing in the result")
    assert run(movie, model, tmp_path / "out").status == "done"
    assert state(verify=True) == (State.DONE, "")


def test_a_result_that_no_batch_made_is_not_replaced_unasked(movie, model, tmp_path):
    result = tmp_path / "out" / "01_RES"
    result.mkdir(parents=True)
    (result / "mask000.tif").write_bytes(b"by hand")
    failed = run(movie, model, tmp_path / "out")
    assert (failed.status, failed.error["reason"]) == ("failed", "there is a result already")
    assert (result / "mask000.tif").read_bytes() == b"by hand"


def test_a_movie_that_is_gone_is_planned_as_a_failure(movie, model, tmp_path):
    movies = find_movies([str(movie)], tmp_path / "out")
    shutil.rmtree(movie)
    (entry,) = plan(movies, [Options(model=str(model))], "auto")
    assert entry.error is not None
    assert "share" in entry.error.remedy
