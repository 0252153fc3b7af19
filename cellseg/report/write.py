"""Make the page: one walk through the movie, then everything else from the table of its objects."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from cellseg import __version__
from cellseg.certainty import read_certainty
from cellseg.ctc import RESULT_TRACKS, Result
from cellseg.embeddings import SavedEmbeddings
from cellseg.errors import CellsegError
from cellseg.export import Lineages, lineage_colour
from cellseg.read_record import read_record
from cellseg.report.doubtful import (
    KINDS,
    count_kinds,
    find_certainty_doubts,
    find_doubts,
    find_run_doubts,
    first_of_each_kind,
)
from cellseg.report.embedding import EmbeddingPictures
from cellseg.report.environment import environment
from cellseg.report.figures import cells_per_frame, cycles, divisions, speeds, spread_per_frame
from cellseg.report.outlines import outline
from cellseg.report.pictures import Camera
from cellseg.report.scores import Judgement, judge
from cellseg.report.shown import ShownFrames
from cellseg.report.summary import NAME, Summary
from cellseg.report.table import ROW, ObjectTable
from cellseg.result_folder import CERTAINTY, EMBEDDINGS
from cellseg.tracking import object_rows
from cellseg.video import Video
from cellseg.whole_file import write_whole

_LIMIT = 16_000_000
"""Bytes of all frames of a page, in base64 and with outlines: leaves room for the rest of 20 MB."""
_PICTURES = 9_000_000
"""Bytes of all pictures before base64, where outlines are as many as usual."""
_MOST, _LEAST = 250_000, 60_000
"""Bytes of all pictures of a frame."""
_FRAME_SHARE = 0.5
"""Of these bytes, where there are pictures of embeddings, too."""
_MOST_ROWS = 500
"""Of a list on the page: nobody reads on."""
_MOST_OF_A_KIND = 200


def write_report(
    result: Path,
    frames: Video,
    output: Path,
    ground_truth: Path | None = None,
    *,
    progress: Callable[[int], Any] = lambda frames: None,
) -> Path:
    """Write the page about one result.

    Parameters
    ----------
    result : Path
        Folder with `maskTTT.tif` and, if possible, `res_track.txt` and `run.json`.
    frames : Video
        The movie that the result was made from; it may have more frames.
    output : Path
        File to write, such as `01_RES_report.html`; one that is there is replaced.
    ground_truth : Path, optional
        Folder such as `01_GT`, for scores and errors.
    progress : callable
        Told the number of frames done since it was last told.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    CellsegError
        The result or the movie cannot be read, or they do not fit each other.
    """
    record = read_record(result) or {}
    shown, table, has_embeddings = _walk(result, frames, progress)
    units, shape, numbers = _units(frames), frames.shape[1:], table.frames
    doubts = [
        *find_doubts(table, border=record.get("settings", {}).get("linker", {}).get("border", 0)),
        *find_run_doubts(record),
        *find_certainty_doubts(read_certainty(result / CERTAINTY), table, _network_pixel(record)),
    ]
    judgement = None if ground_truth is None else judge(result, ground_truth, table)
    lineages = Lineages(table.tracks)
    tracks = [_track(table, lineages, label) for label in lineages.tracks]
    cells = cells_per_frame(table)
    summary = Summary(len(numbers), cells[0], cells[-1], len(tracks), len(divisions(table)), len(doubts))
    page = {
        "format": 1,
        "shape": shape,
        "numbers": numbers,
        "units": units,
        "tracks": tracks,
        "plots": _plots(table),
        "missed": _missed(judgement),
    }
    text = (
        environment()
        .get_template("report.html")
        .render(
            name=result.resolve().name,
            result=str(result),
            movie=str(frames.path),
            truth=None if ground_truth is None else str(ground_truth),
            version=__version__,
            facts=_facts(summary, judgement),
            summary_name=NAME,
            summary=summary.json(),
            has_embeddings=has_embeddings,
            shown=len(shown),
            stride=shown.stride,
            numbers=numbers,
            shape=shape,
            units=units,
            tracks=tracks[:_MOST_ROWS],
            track_count=len(tracks),
            without_tracks=not (result / RESULT_TRACKS).is_file(),
            doubts=first_of_each_kind(doubts, _MOST_OF_A_KIND),
            doubt_count=len(doubts),
            kinds=KINDS,
            counts=count_kinds(doubts),
            judgement=judgement,
            errors=[] if judgement is None else judgement.errors[:_MOST_ROWS],
            record=_described(record),
            data=_script_json(json.dumps(page, separators=(",", ":"), allow_nan=False)),
            frames=_script_json(shown.json()),
        )
    )
    output.parent.mkdir(parents=True, exist_ok=True)
    write_whole(output, text)
    return output


def _walk(
    result: Path, video: Video, progress: Callable[[int], Any]
) -> tuple[ShownFrames, ObjectTable, bool]:
    """Go through the movie once: one frame is held at a time, and what the page keeps of it."""
    found = Result(result)
    tracks = found.tracks if (result / RESULT_TRACKS).is_file() else []
    place = {number: t for t, number in enumerate(video.frame_numbers)}
    budget = min(_MOST, max(_LEAST, _PICTURES // len(found.masks)))
    saved = SavedEmbeddings(result / EMBEDDINGS)
    embeddings = EmbeddingPictures.of(saved, round((1 - _FRAME_SHARE) * budget))
    camera = Camera.for_video(video, budget if embeddings is None else round(_FRAME_SHARE * budget))
    shown, rows = ShownFrames(_LIMIT), []
    for number in found.masks:
        if number not in place:
            raise CellsegError(
                f"is of frame {number}, which the movie {video.path} does not have",
                path=found.masks.files[number],
                remedy="Give the movie that this result was made from.",
            )
        labels = found.masks[number]
        if labels.shape != video.shape[1:]:
            raise CellsegError(
                f"is {labels.shape} pixels, but the movie's frames are {video.shape[1:]}",
                path=found.masks.files[number],
                remedy="Give the movie that this result was made from.",
            )
        rows.append(_rows(labels, number))
        if shown.wants_next():
            rings, steps = outline(labels)
            picture = camera.data_uri(video.frame(place[number]))
            made = {"n": number, "scale": camera.factor, "picture": picture, "rings": rings, "steps": steps}
            if embeddings is not None:
                made["seen"] = embeddings.frame(number)
            shown.add(made)
        else:
            shown.skip()
        progress(1)
    return shown, ObjectTable.gather(found.masks, rows, tracks), embeddings is not None


def _rows(labels: NDArray[np.integer[Any]], frame: int) -> NDArray[np.void]:
    objects = object_rows(labels, frame)
    rows = np.zeros(len(objects), ROW)
    rows["label"], rows["frame"] = objects["id"], frame
    rows["area"], rows["centroid"] = objects["area"], objects["centroid"]
    if len(objects):
        top, left, bottom, right = objects["bbox"].T
        rows["edge"] = np.min([top, left, labels.shape[0] - bottom, labels.shape[1] - right], axis=0)
    return rows


def _track(table: ObjectTable, lineages: Lineages, label: int) -> dict[str, Any]:
    track, rows = lineages.tracks[label], table.of(label)
    root = lineages.root[label]
    return {
        "label": label,
        "begin": track.begin,
        "end": track.end,
        "parent": track.parent if track.parent in lineages.tracks else 0,
        "daughters": lineages.daughters[label],
        "root": root,
        "colour": "#{:02x}{:02x}{:02x}".format(*lineage_colour(root)),
        "frames": rows["frame"].tolist(),
        "areas": rows["area"].tolist(),
        "y": rows["centroid"][:, 0].round(1).astype(float).round(1).tolist(),
        "x": rows["centroid"][:, 1].round(1).astype(float).round(1).tolist(),
    }


def _plots(table: ObjectTable) -> dict[str, Any]:
    divided = divisions(table)
    return {
        "cells": cells_per_frame(table),
        "areas": spread_per_frame(table, table.rows["frame"], table.rows["area"].astype(float)),
        "speeds": spread_per_frame(table, *speeds(table)),
        "divisions": [divided.count(frame) for frame in table.frames],
        "cycles": cycles(table),
    }


def _facts(summary: Summary, judgement: Judgement | None) -> list[tuple[str, str]]:
    """Name the figures at the top of the page, each with its value."""
    facts = [
        ("frames", f"{summary.frames:,}"),
        ("cells, first to last frame", f"{summary.cells_first:,} to {summary.cells_last:,}"),
        ("tracks", f"{summary.tracks:,}"),
        ("divisions", f"{summary.divisions:,}"),
        ("places to check", f"{summary.doubts:,}"),
    ]
    if judgement is not None:
        facts += [(name, judgement.measures[name]) for name in ("SEG", "TRA")]
    return facts


def _missed(judgement: Judgement | None) -> list[dict[str, Any]]:
    """Cells of the ground truth that the result lacks: they are marked in the movie."""
    errors = [] if judgement is None else judgement.errors
    return [error for error in errors if error["kind"] == "missed"]


def _units(video: Video) -> dict[str, Any]:
    """Factors from pixels and frames to what the plots show, and the names of it."""
    pixel, interval = video.pixel_size_um, video.frame_interval_s
    known = pixel is not None and math.isclose(*pixel, rel_tol=0.01)
    return {
        "length": pixel[0] if known and pixel else 1,
        "length_name": "µm" if known else "px",
        "time": interval / 60 if interval else 1,
        "time_name": "min" if interval else "frame",
    }


def _network_pixel(record: dict[str, Any]) -> float:
    """Area of a pixel of the network, in pixels of the movie; 1 where nobody says it."""
    factors = record.get("model", {}).get("preparation", {}).get("input_px_per_network_px", ())
    area: float = math.prod(factors)
    return area


def _described(record: dict[str, Any]) -> list[tuple[str, str]]:
    """Spell the run record out, a line a value; longer lists are left to run.json."""
    lines: list[tuple[str, str]] = []

    def add(name: str, value: Any) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                add(f"{name}: {key}" if name else key, inner)
        elif isinstance(value, float):
            lines.append((name, f"{value:.6g}"))
        elif value is not None:
            lines.append((name, str(value)))

    left_out = ("pairs", "output", "format", "request")
    add("", {key: value for key, value in record.items() if key not in left_out})
    return [line for line in lines if line[0] != "input: files"]


def _script_json(text: str) -> Markup:
    """JSON that cannot end the script element it stands in."""
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)
