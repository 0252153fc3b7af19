"""A movie in chunks, made anywhere and in any order, gives what it gives in one piece."""

from __future__ import annotations

import random
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from batch.test_nothing_lost import job_for, save_often_and_run
from batch.test_nothing_lost import long as long  # the movie of 16 frames
from hypothesis import given
from hypothesis import strategies as st

import cellseg.chunks
import cellseg.pipeline
from cellseg.batch.estimate import Size
from cellseg.batch.inputs import Movie
from cellseg.batch.plan import Planned, State
from cellseg.batch.shares import cut, share_out
from cellseg.batch.steps import steps_of
from cellseg.batch.worker import run_job
from cellseg.config import Settings
from cellseg.ctc import evaluate, read_tracks
from cellseg.pipeline import infer
from cellseg.resources import GENERALIST
from cellseg.result_folder import chunk_result, chunks_folder, partial_folder
from cellseg.rshn import load_model
from cellseg.simulate import preset, write_ctc
from cellseg.video import Selection, open_video

CHUNKS = cut(16, 5)


def masks(folder):
    return {
        path.name: path.read_bytes()
        for path in sorted(folder.iterdir())
        if path.name.startswith("mask") or path.name == "res_track.txt"
    }


def finished(job):
    torch.set_num_threads(1)
    outcome = run_job(job)
    assert outcome.status == "done", outcome.error
    return outcome


def whole_and_steps(movie, model, tmp_path):
    """The masks in one piece, and the jobs of the chunks and of the whole."""
    job = job_for(movie, model, tmp_path / "whole")
    finished(job)
    job = replace(job, result=tmp_path / "out" / "01_RES")
    chunks = [replace(job, pairs=pairs) for pairs in CHUNKS]
    return masks(tmp_path / "whole" / "01_RES"), chunks, replace(job, chunks=CHUNKS)


@given(frames=st.integers(1, 300), wanted=st.integers(2, 100))
def test_chunks_hold_every_pair_once(frames, wanted):
    chunks = cut(frames, wanted)
    assert [t for pairs in chunks for t in pairs] == list(range(frames - 1))
    lengths = {len(pairs) for pairs in chunks}
    assert max(lengths) - min(lengths) <= 1
    assert max(lengths) <= 1.5 * wanted


@given(
    frames=st.lists(st.integers(1, 40), min_size=1, max_size=6),
    parts=st.integers(1, 5),
    chunk_frames=st.none() | st.integers(2, 15),
    done=st.sets(st.integers(0, 5)),
)
def test_parts_do_everything_once_however_far_the_others_are(frames, parts, chunk_frames, done):
    def planned(done):
        return [
            Planned(
                Movie(Path(f"{i}.tif"), f"{i}.tif", Path(f"nowhere/{i}_RES")),
                *("m", {}, Selection(), State.DONE if i in done else State.NEW),
                record={"input": {"shape": [length, 8, 8]}},
            )
            for i, length in enumerate(frames)
        ]

    def dealt(done):
        sizes = [None if i in done else Size(length, 64) for i, length in enumerate(frames)]
        return [share_out(planned(done), sizes, chunk_frames, (part + 1, parts))[0] for part in range(parts)]

    names = [
        (entry.movie.name, pairs)
        for part in dealt(done)
        for entry in part
        for pairs in entry.chunks or [None]
    ]
    expected = [
        (f"{i}.tif", pairs)
        for i, length in enumerate(frames)
        for pairs in (
            [None]
            if chunk_frames is None or len(cut(length, chunk_frames)) == 1
            else cut(length, chunk_frames)
        )
    ]
    assert sorted(names, key=str) == sorted(expected, key=str)

    def owners(parts):
        return [[(entry.movie.name, entry.chunks, entry.whole) for entry in part] for part in parts]

    assert owners(dealt(done)) == owners(dealt(set()))


def test_any_order_gives_the_same(long, model, tmp_path):
    expected, chunks, whole = whole_and_steps(long, model, tmp_path)
    for job in random.Random(3).sample(chunks, len(chunks)):
        assert finished(job).tracks is None
    assert not (tmp_path / "out" / "01_RES").exists()
    assert finished(whole).tracks == len(expected["res_track.txt"].splitlines())
    assert masks(tmp_path / "out" / "01_RES") == expected
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["01_RES"]


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_chunks_whose_workers_are_killed(quick, long, model, tmp_path):
    expected, chunks, whole = whole_and_steps(long, model, tmp_path)
    result = whole.result
    folders = [chunk_result(result, pairs).with_suffix(".partial") for pairs in CHUNKS]
    killed = 0
    for job, folder in zip((*chunks, whole), (*folders, partial_folder(result)), strict=True):
        for frames in (1, 3, None):
            process = quick.Process(target=save_often_and_run, args=(job,))
            process.start()
            if frames is not None:
                while process.is_alive() and len(list(folder.glob("provisional/*"))) < frames:
                    time.sleep(0.001)
                process.kill()
            process.join()
            killed += process.exitcode == -signal.SIGKILL
        assert process.exitcode == 0
    assert killed >= 6
    assert masks(tmp_path / "out" / "01_RES") == expected


@pytest.mark.parametrize("at", range(1, 50, 8))
def test_a_death_while_chunks_are_joined_loses_nothing(long, model, tmp_path, monkeypatch, at):
    expected, chunks, whole = whole_and_steps(long, model, tmp_path)
    for job in chunks:
        finished(job)
    real, moves = Path.replace, iter(range(1000))

    def dies(self, target):
        if next(moves) == at:
            raise OSError("the power is gone")
        return real(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", dies)
        assert run_job(whole).status in ("failed", "done")
    for job in (*chunks, whole):
        finished(job)
    assert masks(tmp_path / "out" / "01_RES") == expected
    assert not chunks_folder(tmp_path / "out" / "01_RES").exists()


def test_what_chunks_lack_is_done_in_one_piece(long, model, tmp_path):
    """A chunk that nobody made, and one that was made with other settings, are not used."""
    expected, chunks, whole = whole_and_steps(long, model, tmp_path)
    settings = {**chunks[0].request["settings"], "seed": 7}
    other = replace(chunks[2], request={**chunks[2].request, "settings": settings})
    for job in (chunks[0], other):
        finished(job)
    finished(whole)
    assert masks(tmp_path / "out" / "01_RES") == expected


def test_a_mended_frame_costs_no_chunk_but_its_own(long, model, tmp_path):
    expected, chunks, whole = whole_and_steps(long, model, tmp_path)
    good = (long / "t001.tif").read_bytes()
    (long / "t001.tif").write_bytes(good[:100])
    monkey = pytest.MonkeyPatch()
    with monkey.context() as patch:
        patch.setattr(cellseg.pipeline, "LEAD", 3)
        patch.setattr(cellseg.chunks, "LEAD", 3)
        assert run_job(chunks[0]).status == "failed"
        finished(chunks[2])
        (long / "t001.tif").write_bytes(good)
        made = chunk_result(chunks[2].result, CHUNKS[2]).with_suffix(".partial") / "provisional"
        before = {path.name: path.stat().st_mtime_ns for path in made.iterdir()}
        for job in chunks:
            finished(job)
        assert {path.name: path.stat().st_mtime_ns for path in made.iterdir()} == before
        finished(whole)
    assert masks(tmp_path / "out" / "01_RES") == expected


def test_a_chunk_that_fails_at_its_first_pair_says_why_and_is_made_later(long, model, tmp_path):
    expected, chunks, whole = whole_and_steps(long, model, tmp_path)
    good = (long / "t006.tif").read_bytes()
    (long / "t006.tif").write_bytes(good[:100])
    assert run_job(chunks[1]).error["file"] == str(long / "t006.tif")
    (long / "t006.tif").write_bytes(good)
    for job in (*chunks, whole):
        finished(job)
    assert masks(tmp_path / "out" / "01_RES") == expected


def test_a_result_that_may_not_be_replaced_is_told_before_the_work(long, model, tmp_path):
    job = replace(job_for(long, model, tmp_path), overwrite=False, pairs=CHUNKS[0])
    job.result.mkdir()
    assert run_job(job).error["reason"] == "there is a result already"


def test_the_size_of_the_cells_is_estimated_once_for_all_chunks(long, model, tmp_path):
    job = job_for(long, model, tmp_path)
    entry = Planned(
        Movie(long, "01", job.result), job.model, job.request, Selection(), State.NEW, chunks=CHUNKS
    )
    assert [len(step) for step in steps_of(entry, job)] == [3, 1]
    preparation = {**job.request["model"]["preparation"], "any_size": True}
    request = {**job.request, "model": {**job.request["model"], "preparation": preparation}}
    steps = steps_of(entry, replace(job, request=request))
    assert [len(step) for step in steps] == [1, 3, 1]
    assert steps[0][0].only_scale
    request["scale"] = {"diameter": 12.0, "pixel_size": None}
    assert [len(step) for step in steps_of(entry, replace(job, request=request))] == [3, 1]


@pytest.mark.parametrize("state", ["window", "stream"])
def test_scores_of_a_trained_model_are_those_in_one_piece(tmp_path, state):
    """Chunks share neither the seeds of the clusterer nor, in a stream, all of the past."""
    frames, shape = 24, (200, 240)
    dense = replace(preset("Fluo-N2DH-GOWT1"), density=0.2)
    movie = write_ctc(dense, tmp_path, "01", frames, 4, shape)
    model = load_model(GENERALIST, torch.device("cpu"), torch.float32)
    settings = Settings().for_model(model.card)
    inference = settings.inference.model_copy(update={"state": state})
    settings = settings.model_copy(update={"inference": inference})
    factor = 60.4 / model.card.preparation.cell_diameter_px
    preparation = model.card.preparation.scaled((factor, factor))
    chunks = cut(frames, 6)
    with open_video(movie) as video:
        for pairs in chunks:
            infer(video, model, settings, tmp_path / "chunked_RES", preparation=preparation, pairs=pairs)
        for name, made in (("chunked", chunks), ("whole", ())):
            infer(video, model, settings, tmp_path / f"{name}_RES", preparation=preparation, chunks=made)
    truth = movie.with_name("01_GT")
    scores = {
        name: evaluate(tmp_path / f"{name}_RES", truth).scores.measures for name in ("whole", "chunked")
    }
    assert scores["whole"]["TRA"] > 0.7
    for measure in ("SEG", "DET", "TRA", "LNK"):
        assert scores["chunked"][measure] == pytest.approx(scores["whole"][measure], abs=0.005)
    # The same cells have the same numbers, on both sides of every seam.
    whole, chunked = (read_tracks(tmp_path / f"{name}_RES" / "res_track.txt") for name in scores)
    assert np.isclose(len(whole), len(chunked), rtol=0.1)
    seams = {pairs.start for pairs in chunks[1:]}
    assert sum(track.begin - 1 in seams for track in chunked) <= 1 + sum(
        track.begin - 1 in seams for track in whole
    )
