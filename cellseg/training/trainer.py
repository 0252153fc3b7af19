"""The training loop. Runs unchanged on a CPU and on a GPU, and goes on where it was stopped."""

from __future__ import annotations

import copy
import json
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from cellseg.cores import usable_cores
from cellseg.device import autocast_dtype
from cellseg.rshn import RSHN, State, build_network
from cellseg.training.checkpoint import load_checkpoint, save_checkpoint
from cellseg.training.clips import Batch, Clips
from cellseg.training.history import SCORES, History
from cellseg.training.loss import Loss, Targets, clip_loss
from cellseg.training.movies import Movie
from cellseg.training.player import Player
from cellseg.training.settings import TrainingSettings

_MAY_CHANGE = ("steps", "minutes", "validate_every", "checkpoint_every", "patience")
"""Settings that a training may be continued with other values of."""

Validate = Callable[[RSHN, int], dict[str, float]]
Keep = Callable[[RSHN, int, Mapping[str, float]], None]


class Trainer:
    """Trains one network on movies.

    Parameters
    ----------
    settings : TrainingSettings
    real, simulated : sequence of Movie
        What to learn from.
    folder : Path
        Receives `checkpoint.safetensors` and `log.jsonl`; a checkpoint found there is continued.
    device : torch.device
    start : RSHN, optional
        A network to start from instead of random weights; it is validated, too.
    validate : callable, optional
        Scores the averaged network, after so many steps, by real inference.
    keep : callable
        Receives what `validate` scored, with the figures, when nothing before was better.
    say : callable
        Told what a user should know.
    origin : mapping, optional
        What is trained on and started from, as JSON values; a checkpoint of another origin is refused.
    """

    def __init__(
        self,
        settings: TrainingSettings,
        real: Sequence[Movie],
        simulated: Sequence[Movie],
        folder: Path,
        device: torch.device,
        *,
        start: RSHN | None = None,
        validate: Validate | None = None,
        keep: Keep = lambda network, step, figures: None,
        say: Callable[[str], Any] = lambda message: None,
        origin: Mapping[str, Any] | None = None,
    ) -> None:
        torch.manual_seed(settings.seed)
        self.settings = settings
        self.device = device
        self.folder = folder
        self.validate = validate
        self._keep = keep
        self._say = say
        self._starts_trained = start is not None
        architecture = settings.architecture
        self.network = start or build_network(architecture, settings.preparation.pad_value)
        self.network.pad_value = settings.preparation.pad_value
        self.network.to(device)
        self.average = copy.deepcopy(self.network).requires_grad_(False)
        kernels = [p for p in self.network.parameters() if p.ndim > 1]
        biases = [p for p in self.network.parameters() if p.ndim == 1]
        self.optimiser = torch.optim.AdamW(
            [
                {"params": kernels, "weight_decay": settings.weight_decay},
                {"params": biases, "weight_decay": 0},
            ],
            lr=settings.learning_rate,
        )
        crop = settings.crop or (real or simulated)[0].images.shape[1:]
        multiple = 2 ** (architecture.levels - 1)
        crop = tuple(-(-size // multiple) * multiple for size in crop)
        players = [Player(real, simulated, settings, crop, number) for number in range(settings.batch)]
        self._clips = Clips(players)
        # On a CPU every clip of the batch has a core of its own, which beats sharing out each convolution.
        self._cores = min(settings.batch, usable_cores()) if device.type == "cpu" else 1
        self.step = 0
        self.state: list[State] | None = None
        self._origin = {
            "settings": settings.model_dump(mode="json", exclude=set(_MAY_CHANGE)),
            **json.loads(json.dumps(origin or {})),
        }
        self._checkpoint = folder / "checkpoint.safetensors"
        self._log = folder / "log.jsonl"
        self._updating = False
        self._seconds = 0.0
        self._history = History(settings.patience)
        if self._checkpoint.exists():
            self.step, self.state = load_checkpoint(
                self._checkpoint, self._origin, self.network, self.average, self.optimiser
            )
            for step, figures in sorted(self._logged().items()):
                if step <= self.step:
                    self._seconds += figures.get("seconds", 0.0)
                    if any(name in figures for name in SCORES):
                        self._history.add(step, figures)
        else:
            self._log.unlink(missing_ok=True)  # of another training, which somebody does not want any more

    def run(self, report: Callable[[dict[str, float]], None]) -> None:
        """Train to the last step, or until more steps are in vain; an interruption saves a checkpoint first.

        Parameters
        ----------
        report : callable
            Receives a dictionary after every step: step, loss, gradient (its norm before clipping), pull,
            push, background (of the second hourglass), seconds; and the figures of a validation. Weights
            that training starts from are validated as step 0.
        """
        with _fastest(self.device, self._cores), ThreadPoolExecutor(self._cores) as self._workers:
            self._run(report)

    def _run(self, report: Callable[[dict[str, float]], None]) -> None:
        try:
            begun = self.step > 0 or (self._starts_trained and self.validate is not None)
            if begun and self.step not in self._logged():
                # Weights to start from; or stopped between a step and its line, most likely in a validation.
                self._conclude({"step": self.step}, report)
            batches = self._clips.play(range(self.step, self.settings.steps), self.device)
            while self.step < self._end:
                begin = time.perf_counter()
                figures = self._advance(next(batches))
                figures["seconds"] = time.perf_counter() - begin
                self._seconds += figures["seconds"]
                self._conclude(figures, report)
        except BaseException:
            # What stopped the training matters more than whether its last steps could be saved.
            with suppress(OSError):
                if not self._updating:
                    self.save()
            raise

    def _conclude(self, figures: dict[str, float], report: Callable[[dict[str, float]], None]) -> None:
        """Save, validate and log, as far as it is time to."""
        settings, last = self.settings, self.step == self._end
        due = self.validate is not None and (last or self.step % settings.validate_every == 0)
        if due or last or self.step % settings.checkpoint_every == 0:
            self.save()
        if due and self.validate is not None:
            scores = self.validate(self.average, self.step)
            figures |= scores
            going_on = self._history.stalled is None
            if self._history.add(self.step, scores):
                self._keep(self.average, self.step, scores)
            if going_on and self._history.stalled is not None and self.step < self._end:
                self._say(
                    f"no better score in {settings.patience} validations: "
                    f"the learning rate falls to zero until step {self._end}, the last"
                )
        with self._log.open("a", encoding="utf-8") as log:
            log.write(json.dumps(figures) + "\n")
        report(figures)

    def _logged(self) -> dict[int, dict[str, float]]:
        """Read the log: what it says of every step, the last word where it speaks twice."""
        if not self._log.exists():
            return {}
        rows = {}
        for line in self._log.read_text(encoding="utf-8").splitlines():
            with suppress(ValueError):  # a line that was cut off
                figures = json.loads(line)
                rows[int(figures["step"])] = figures
        return rows

    @property
    def _end(self) -> int:
        """The last step: that of the settings or of their time, or the validation after training stalled."""
        stalled = self._history.stalled
        if self._share_of_time >= 1:
            return self.step
        if stalled is None:
            return self.settings.steps
        return min(self.settings.steps, stalled + self.settings.validate_every)

    @property
    def _share_of_time(self) -> float:
        """How much of the time that training may take is over."""
        return self._seconds / (60 * self.settings.minutes) if self.settings.minutes else 0.0

    def save(self) -> None:
        """Write the checkpoint."""
        save_checkpoint(
            self._checkpoint,
            self._origin,
            self.step,
            self.network,
            self.average,
            self.optimiser,
            self.state,
        )

    def _advance(self, batch: Batch) -> dict[str, float]:
        """Make one optimiser step."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.settings.learning_rate * self._schedule(self.step)
        clips = self.settings.batch
        share = 1 if self.device.type == "cpu" else clips
        shares = [slice(start, start + share) for start in range(0, clips, share)]
        # A state that was shared out otherwise, on another kind of device, is let go.
        fits = self.state is not None and len(self.state) == len(shares)
        before = self.state if self.state is not None and fits else [[] for _ in shares]
        images, labels, fresh = batch
        parts = [(images[:, part], labels[:, part], fresh[part]) for part in shares]
        results = list(self._workers.map(self._learn, parts, before))
        for parameter, *gradients in zip(
            self.network.parameters(), *(result.gradients for result in results), strict=True
        ):
            parameter.grad = torch.stack(gradients).sum(0) / clips
        gradient = torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.settings.gradient_clip)
        self._updating = True
        self.optimiser.step()
        self.state = [result.state for result in results]
        self.step += 1
        self._update_average()
        self._updating = False
        return {
            "step": self.step,
            "loss": sum(result.total for result in results) / clips,
            "gradient": float(gradient),
            **{
                name: sum(float(getattr(result.final, name).detach().sum()) for result in results) / clips
                for name in ("pull", "push", "background")
            },
        }

    def _learn(self, batch: Batch, before: State) -> _Learnt:
        """Forward and backward through the next clips of some players, played side by side."""
        images, labels, fresh = batch
        state = _handed_on(before, fresh)
        images = images.to(self.device, non_blocking=True)
        targets = Targets.of(labels.to(self.device, non_blocking=True), self.settings.repulsion_radius)
        firsts, seconds = [], []
        precision = autocast_dtype(self.device)
        # The cache of rounded weights is one for all threads: with it, gradients of the clips that are learnt
        # side by side would be summed in an order, and rounded, by chance.
        with torch.autocast(
            self.device.type,
            precision or torch.bfloat16,
            enabled=precision is not None,
            cache_enabled=self._cores == 1,
        ):
            for image in images:
                frame = image[:, None].contiguous(memory_format=torch.channels_last)
                first, second, state = self.network(frame, state)
                firsts.append(first)
                seconds.append(second)
        early, final = (
            clip_loss(torch.stack(raw).float(), targets, squared_pull=self.settings.squared_pull)
            for raw in (firsts, seconds)
        )
        total = (
            early.total(self.settings.instance_weight) + final.total(self.settings.instance_weight)
        ).sum()
        gradients = torch.autograd.grad(total, list(self.network.parameters()))
        assert state is not None
        return _Learnt(gradients, float(total.detach()), final, [value.detach() for value in state])

    def _schedule(self, step: int) -> float:
        """Share of the learning rate: a linear rise, then half a cosine down to 0, at once when stalled."""
        stalled, warmup = self._history.stalled, self.settings.warmup_steps
        if stalled is not None and step > stalled:
            return self._schedule(stalled) * _falling((step - stalled) / (self._end - stalled))
        if step < warmup:
            return (step + 1) / warmup
        return _falling(
            max((step - warmup) / max(self.settings.steps - warmup, 1), min(self._share_of_time, 1))
        )

    @torch.no_grad()
    def _update_average(self) -> None:
        # A young average would remember the random start: it may only look back as far as training goes.
        decay = min(self.settings.ema, self.step / (self.step + 10))
        for mean, value in zip(self.average.parameters(), self.network.parameters(), strict=True):
            mean.lerp_(value, 1 - decay)


def _falling(share: float) -> float:
    """Half a cosine, from 1 at the beginning to 0 at the end."""
    return 0.5 * (1 + math.cos(math.pi * share))


@contextmanager
def _fastest(device: torch.device, workers: int) -> Iterator[None]:
    """Set torch up for this training, for a while.

    On a CPU its threads are shared out among the workers, and tiny numbers are zero; on a GPU the ways to
    convolve are timed once, as sizes stay the same.
    """
    threads, benchmark = torch.get_num_threads(), torch.backends.cudnn.benchmark
    torch.backends.cudnn.benchmark = True
    if device.type == "cpu":
        torch.set_num_threads(max(1, threads // workers))
        torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.backends.cudnn.benchmark = benchmark
        if device.type == "cpu":
            torch.set_num_threads(threads)
            torch.set_flush_denormal(False)


@dataclass(frozen=True)
class _Learnt:
    """What one share of the batch came to: gradients, summed loss, the final hourglass's part, state."""

    gradients: tuple[Tensor, ...]
    total: float
    final: Loss
    state: State


def _handed_on(state: State, fresh: Tensor) -> State | None:
    """Take over the state of the clips before, zero where a new pass begins."""
    if not state or fresh.all():
        return None
    keep = ~fresh.to(state[0].device).reshape(-1, 1, 1, 1)
    return [value * keep for value in state]
