"""Works on one movie; called in a process of its own, on this computer or another one."""

from __future__ import annotations

import platform
import threading
import time
import traceback
from functools import lru_cache
from typing import TYPE_CHECKING

from cellseg.batch.job import Job, Outcome
from cellseg.batch.pages import write_page
from cellseg.errors import CellsegError

if TYPE_CHECKING:
    from cellseg.rshn import Model

_ONE_AT_A_TIME = threading.Lock()
"""A movie has the threads and the device of its process to itself, whatever a scheduler thinks."""


def run_job(job: Job) -> Outcome:
    """Segment and track a movie, or do the part of it that the job is.

    Parameters
    ----------
    job : Job

    Returns
    -------
    Outcome
        A failure, too, is an outcome.
    """
    outcome = Outcome(job.name, "failed", str(job.result), where=platform.node())
    begin = time.monotonic()
    try:
        with _ONE_AT_A_TIME:
            _infer(job, outcome)
        outcome.status = "done"
    except KeyboardInterrupt:
        outcome.status = "interrupted"
    except Exception as error:
        outcome.error = describe_error(error)
        if job.traceback:
            outcome.error["traceback"] = traceback.format_exc()
    outcome.seconds = time.monotonic() - begin
    return outcome


def describe_error(error: BaseException) -> dict[str, str | None]:
    """Say what went wrong as the summary does.

    Parameters
    ----------
    error : BaseException

    Returns
    -------
    dict
        `file`, `reason`, `remedy`.
    """
    if isinstance(error, CellsegError):
        file = None if error.path is None else str(error.path)
        return {"file": file, "reason": error.reason, "remedy": error.remedy}
    if isinstance(error, OSError):
        return {
            "file": error.filename if isinstance(error.filename, str) else None,
            "reason": error.strerror or str(error),
            "remedy": "Check the path, the permissions and the free space there.",
        }
    reason = f"unexpected error: {type(error).__name__}: {error}"
    return {"file": None, "reason": reason, "remedy": "Run again with --debug."}


def _infer(job: Job, outcome: Outcome) -> None:
    from cellseg.config import Settings
    from cellseg.device import choose_device, usual_memory
    from cellseg.pipeline import infer
    from cellseg.scale import preparation_for
    from cellseg.video import open_video

    device = choose_device(job.device)
    outcome.where = f"{platform.node()} {device}"
    model = _model(job.model, str(device), job.precision)
    if model.card.weights.sha256 != job.request["model"]["sha256"]:
        raise CellsegError(
            f"{platform.node()} has another model of this name",
            path=job.model,
            remedy="Install the same version everywhere, or give the model's folder with --model.",
        )
    settings = Settings.model_validate(job.request["settings"])
    with open_video(job.movie, selection=job.selection) as video:
        outcome.frames = len(video)
        scale = job.request["scale"] if job.diameter is None else {"diameter": job.diameter}
        preparation = preparation_for(video, model, settings, **scale, say=outcome.notes.append)
        outcome.diameter = preparation.cell_diameter_px
        if job.only_scale:
            return
        tracks = infer(
            video,
            model,
            settings,
            job.result,
            preparation=preparation,
            overwrite=job.overwrite,
            max_memory=job.max_memory or usual_memory(device) / job.sharing,
            say=outcome.notes.append,
            request=job.request,
            pairs=job.pairs,
            chunks=job.chunks,
        )
        if job.pairs is not None:
            return
        outcome.tracks = len(tracks)
        if job.page and (failure := write_page(job.result, video)):
            outcome.notes.append(failure)


@lru_cache(maxsize=2)
def _model(name: str, device: str, precision: str) -> Model:
    """Load a model; the next movie of the same process most often needs the same one."""
    from cellseg.device import choose_device, choose_precision
    from cellseg.rshn import load_model

    where = choose_device(device)
    return load_model(name, where, choose_precision(precision, where))
