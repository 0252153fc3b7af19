"""The training loop. Runs unchanged on a CPU and on a GPU, and goes on where it was stopped."""

from __future__ import annotations

import copy
import json
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor

from cellseg.device import autocast_dtype
from cellseg.rshn import RSHN, State
from cellseg.training.checkpoint import load_checkpoint, save_checkpoint
from cellseg.training.loss import Loss, clip_loss
from cellseg.training.movies import Movie
from cellseg.training.player import Player
from cellseg.training.settings import TrainingSettings

Validate = Callable[[RSHN], dict[str, float]]


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
        A network to start from instead of random weights.
    validate : callable, optional
        Scores the averaged network by real inference.
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
    ) -> None:
        if device.type == "cpu":
            torch.set_flush_denormal(True)
        torch.manual_seed(settings.seed)
        self.settings = settings
        self.device = device
        self.folder = folder
        self.validate = validate
        architecture = settings.architecture
        self.network = start or RSHN(
            architecture.filters,
            architecture.levels,
            architecture.embedding_size,
            settings.preparation.pad_value,
        )
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
        self.players = [Player(real, simulated, settings, crop, number) for number in range(settings.batch)]
        self.step = 0
        self.state: State | None = None
        self._checkpoint = folder / "checkpoint.safetensors"
        if self._checkpoint.exists():
            self.step, self.state = load_checkpoint(
                self._checkpoint, self.network, self.average, self.optimiser
            )

    def run(self, report: Callable[[dict[str, float]], None]) -> None:
        """Train to the last step; an interruption saves a checkpoint first.

        Parameters
        ----------
        report : callable
            Receives a dictionary after every step: step, loss, gradient (its norm before clipping), pull,
            push, background (of the second hourglass), seconds; and the figures of a validation.
        """
        try:
            while self.step < self.settings.steps:
                begin = time.perf_counter()
                figures = self._advance()
                figures["seconds"] = time.perf_counter() - begin
                last = self.step == self.settings.steps
                if self.validate and (last or self.step % self.settings.validate_every == 0):
                    figures |= self.validate(self.average)
                    self.save()
                elif last or self.step % self.settings.checkpoint_every == 0:
                    self.save()
                with (self.folder / "log.jsonl").open("a", encoding="utf-8") as log:
                    log.write(json.dumps(figures) + "\n")
                report(figures)
        except BaseException:
            self.save()
            raise

    def save(self) -> None:
        """Write the checkpoint."""
        save_checkpoint(self._checkpoint, self.step, self.network, self.average, self.optimiser, self.state)

    def _advance(self) -> dict[str, float]:
        """Make one optimiser step."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.settings.learning_rate * self._schedule(self.step)
        clips = [player.clip(self.step) for player in self.players]
        state = self._handed_on([clip.fresh for clip in clips])
        images = torch.stack([clip.images for clip in clips], 1).to(self.device)
        labels = torch.stack([clip.labels for clip in clips], 1).to(self.device)
        firsts, seconds = [], []
        with torch.autocast(
            self.device.type,
            autocast_dtype(self.device) or torch.bfloat16,
            enabled=autocast_dtype(self.device) is not None,
        ):
            for image in images:
                first, second, state = self.network(image[:, None], state)
                firsts.append(first)
                seconds.append(second)
        parts = self._losses(torch.stack(firsts).float(), labels) + self._losses(
            torch.stack(seconds).float(), labels
        )
        total = torch.stack([part.total for part in parts]).sum() / len(clips)
        self.optimiser.zero_grad(set_to_none=True)
        total.backward()  # type: ignore[no-untyped-call]
        gradient = torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.settings.gradient_clip)
        self.optimiser.step()
        assert state is not None
        self.state = [value.detach() for value in state]
        self.step += 1
        self._update_average()
        final = parts[len(clips) :]
        return {
            "step": self.step,
            "loss": float(total.detach()),
            "gradient": float(gradient),
            **{
                name: sum(float(getattr(part, name).detach()) for part in final) / len(final)
                for name in ("pull", "push", "background")
            },
        }

    def _losses(self, raw: Tensor, labels: Tensor) -> list[Loss]:
        return [clip_loss(raw[:, clip], labels[:, clip]) for clip in range(raw.shape[1])]

    def _handed_on(self, fresh: list[bool]) -> State | None:
        """Take over the state of the clips before, zero where a new pass begins."""
        if self.state is None or all(fresh):
            return None
        keep = torch.tensor([not new for new in fresh], device=self.device).reshape(-1, 1, 1, 1)
        return [value * keep for value in self.state]

    def _schedule(self, step: int) -> float:
        """Share of the learning rate: a linear rise, then half a cosine down to 0."""
        warmup = self.settings.warmup_steps
        if step < warmup:
            return (step + 1) / warmup
        return 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(self.settings.steps - warmup, 1)))

    @torch.no_grad()
    def _update_average(self) -> None:
        # A young average would remember the random start: it may only look back as far as training goes.
        decay = min(self.settings.ema, self.step / (self.step + 10))
        for mean, value in zip(self.average.parameters(), self.network.parameters(), strict=True):
            mean.lerp_(value, 1 - decay)
