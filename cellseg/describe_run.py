"""What a run is made from, as its record says it."""

from __future__ import annotations

from dataclasses import asdict

import torch

from cellseg.config import Inference, Preparation, Settings
from cellseg.record import RunRecord
from cellseg.rshn import Model, flops_per_frame, published_flops_per_frame
from cellseg.video import Video, network_shape


def describe_run(
    video: Video, model: Model, settings: Settings, preparation: Preparation, inference: Inference
) -> RunRecord:
    """Begin the record of a run.

    Parameters
    ----------
    video : Video
    model : Model
    settings : Settings
        Complete, as of `Settings.for_model`.
    preparation : Preparation
        At the scale of the movie.
    inference : Inference

    Returns
    -------
    RunRecord
    """
    shape = network_shape(video.shape[1:], preparation)
    if inference.schedule == "published":
        flops = published_flops_per_frame(model.card.architecture, shape, inference.window)
    else:
        flops = inference.views * flops_per_frame(model.card.architecture, shape)
    return RunRecord(
        settings=settings.model_dump(mode="json"),
        model={
            "name": model.name,
            "sha256": model.card.weights.sha256,
            "precision": str(model.precision).removeprefix("torch."),
            "backend": model.backend,
            "inference": inference.model_dump(mode="json"),
            "preparation": preparation.model_dump(mode="json"),
        },
        input={
            "path": str(video.path),
            "shape": list(video.shape),
            "dtype": str(video.dtype),
            "frames": [video.frame_numbers[0], video.frame_numbers[-1] + 1],
            "files": video.fingerprint(),
        },
        selection=asdict(video.selection),
        device=str(model.device),
        threads=torch.get_num_threads(),
        flops_per_frame=flops,
    )
