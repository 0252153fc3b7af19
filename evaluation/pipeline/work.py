"""One variant on one movie in a process of its own: time by stage, floor, memory, scores."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from cellseg.ctc import evaluate
from cellseg.device import choose_precision
from cellseg.pipeline import infer
from cellseg.rshn import Model
from cellseg.video import Video, network_shape, open_video, prepare

from .clusterers import CLUSTERERS
from .convolution import convolution_gflops
from .nvml import with_peak
from .subject import Subject
from .variants import Variant
from .walk import Walked, walk

WARM_UP_POINTS = 512
STAGES = ("reading", "network", "clustering", "instances", "linking", "writing")


@dataclass
class Ran:
    """What one run left behind.

    Attributes
    ----------
    video : Video
    model : Model
    folder : tempfile.TemporaryDirectory
        Holds `result`.
    walked : Walked or None
        None for `infer`.
    seconds : float
        Of the whole run.
    nvml : int or None
        Peak bytes on the GPU.
    """

    video: Video
    model: Model
    folder: tempfile.TemporaryDirectory[str]
    walked: Walked | None
    seconds: float
    nvml: int | None

    @property
    def result(self) -> Path:
        """Folder of masks and tracks."""
        return Path(self.folder.name) / "01_RES"


@dataclass(frozen=True)
class VariantOnMovie:
    """A row of a table (`clustering.process.Work`).

    Attributes
    ----------
    variant : Variant
    subject : Subject
    device : str
    start : int
        First pair of the published schedule, and for all schedules the first frame that counts.
    pairs, budget
        As `walk` takes them.
    """

    variant: Variant
    subject: Subject
    device: str
    start: int = 0
    pairs: int | None = None
    budget: float = float("inf")

    def prepare(self) -> Callable[[], Ran]:
        """Load the model, run its first step, and cluster a few points."""
        video = open_video(self.subject.movie, self.subject.frames)
        device = torch.device(self.device)
        model = self.subject.load(video, device, choose_precision(self.variant.precision, device))
        self._warm_up(video, model)
        return lambda: self._run(video, model)

    def describe(self, result: Ran) -> dict[str, Any]:
        """Give seconds a frame by stage, the floor of the network, and scores if its weights are trained."""
        video, model = result.video, result.model
        row = self._of_infer(result) if result.walked is None else self._of_walk(result.walked)
        shape = network_shape(video.shape[1:], model.card.preparation)
        flops = self.variant.flops(model.card.architecture, model.card.inference, shape)
        gflops = convolution_gflops(model.device, model.precision)
        row |= {
            "precision": str(model.precision).removeprefix("torch."),
            "flops": flops,
            "convolution_gflops": gflops,
            "floor": flops / gflops / 1e9,
            "nvml_mib": None if result.nvml is None else result.nvml / 2**20,
            "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        }
        if self.subject.untrained is None:
            block = (video.frame_numbers[self.start], video.frame_numbers[self.start + row["frames"] - 1] + 1)
            scores = evaluate(result.result, self.subject.truth, frames=block).scores.as_dict()
            row |= {"SEG": scores.get("SEG_silver", scores["SEG"]), "TRA": scores["TRA"]}
        result.folder.cleanup()
        return row

    def _run(self, video: Video, model: Model) -> Ran:
        folder = tempfile.TemporaryDirectory()
        ran = Ran(video, model, folder, None, 0.0, None)
        settings, cores = self.subject.settings(), torch.get_num_threads()

        def work() -> Walked | None:
            if self.variant.schedule == "infer":
                infer(video, model, settings, ran.result)
                return None
            # In a thread, as `infer` embeds: the cores wait for each other otherwise than in the main thread,
            # which matters as soon as another program is busy.
            with ThreadPoolExecutor(1, initializer=torch.set_num_threads, initargs=(cores,)) as threads:
                limits = {"start": self.start, "pairs": self.pairs, "budget": self.budget}
                walked = threads.submit(walk, self.variant, video, model, settings, ran.result, **limits)
                return walked.result()

        begin = time.perf_counter()
        ran.walked, ran.nvml = with_peak(work, model.device)
        ran.seconds = time.perf_counter() - begin
        return ran

    def _warm_up(self, video: Video, model: Model) -> None:
        frame = torch.from_numpy(prepare(video.frame(0), model.card.preparation)).to(model.device)
        variant = self.variant
        if variant.schedule == "infer":
            variant = replace(variant, schedule="whole")
        pairs = variant.pairs(
            model.network, model.card.inference, lambda t: frame, (frame.shape[0], frame.shape[1]), 1, 0
        )
        for pair in pairs:
            vectors = pair.first.vectors.flatten(1).T[:WARM_UP_POINTS].float().contiguous()
            CLUSTERERS[variant.clusterer](self.subject.settings().clustering, model.device)(vectors)

    def _of_walk(self, walked: Walked) -> dict[str, Any]:
        """Average over the pairs in steady state, where the walk came so far."""
        pairs = [
            seconds
            for t, seconds in enumerate(walked.pairs, start=walked.first)
            if t >= self.variant.steady_from
        ] or walked.pairs
        written = len(walked.pairs) + 1
        stages = {stage: float(np.mean([pair.get(stage, 0.0) for pair in pairs])) for stage in STAGES[:4]}
        stages |= {stage: walked.finishing[stage] / written for stage in STAGES[4:]}
        return {
            "frames": walked.first + written - self.start,
            "averaged": len(pairs),
            "stages": stages,
            "total": sum(stages.values()),
            "points": walked.points,
        }

    def _of_infer(self, result: Ran) -> dict[str, Any]:
        """Read the record of the run; what no stage accounts for is in the total."""
        record = json.loads((result.result / "run.json").read_text(encoding="utf-8"))
        length = len(result.video)
        stages = {stage: record["seconds"].get(stage, 0.0) / length for stage in STAGES}
        return {
            "frames": length - self.start,
            "averaged": length,
            "stages": stages,
            "total": result.seconds / length,
            "points": None,
        }
