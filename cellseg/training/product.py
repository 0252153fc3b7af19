"""What a training makes: a model folder, written and scored as a user would meet it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cellseg.config import (
    DatasetConfig,
    Inference,
    ModelCard,
    Preparation,
    Training,
    Weights,
    save_model_card,
)
from cellseg.ctc import evaluate
from cellseg.pipeline import infer
from cellseg.rshn import CARD, RSHN, WEIGHTS, Model, save_weights
from cellseg.training.movies import Movie
from cellseg.training.settings import TrainingSettings
from cellseg.video import open_video

_CHALLENGE_TERMS = "Trained on Cell Tracking Challenge data: see models/LICENSE."
_OWN_TERMS = "Not stated by whoever trained it."


@dataclass(frozen=True)
class TrainedSequence:
    """A sequence that is learnt from.

    Attributes
    ----------
    folder : Path
        Its frames.
    movies : list of Movie
        Its blocks of consecutive frames, in order; at least one.
    validation : tuple of int or None
        Frame numbers that are scored.
    config : DatasetConfig
        Of its dataset.
    preparation : Preparation
        How its frames are prepared.
    """

    folder: Path
    movies: list[Movie]
    validation: tuple[int, int] | None
    config: DatasetConfig
    preparation: Preparation

    @property
    def numbers(self) -> tuple[int, int]:
        """First frame number learnt from, and the one after the last."""
        last = self.movies[-1]
        return self.movies[0].begin, last.begin + len(last.images)


@dataclass(frozen=True)
class Product:
    """Writes and scores the model of a training.

    Attributes
    ----------
    settings : TrainingSettings
    sequences : sequence of TrainedSequence
    folder : Path
        The model folder.
    terms : str or None
        Of the model that the training began with: what was made of its weights is under them, too.
    """

    settings: TrainingSettings
    sequences: Sequence[TrainedSequence]
    folder: Path
    terms: str | None = None

    def validate(self, network: RSHN, step: int) -> dict[str, float]:
        """Write the model, and score it as a user would meet it: the mean over the validation blocks.

        Inference begins at the first frame of the sequence, so that a stream's state is as old as in use. SEG
        is against the silver truth where there is one.

        Parameters
        ----------
        network : RSHN
        step : int
            Steps done.

        Returns
        -------
        dict of str to float
            SEG, DET, TRA, LNK, as far as they are defined; of several sequences also those of each, such as
            `SEG DIC-C2DH-HeLa-01`.
        """
        parameter = next(network.parameters())
        model = Model(self.folder.name, self.write(network, step), network, parameter.device, parameter.dtype)
        each: dict[str, float] = {}
        scores: dict[str, list[float]] = {"SEG": [], "DET": [], "TRA": [], "LNK": []}
        for sequence in self.sequences:
            if sequence.validation is None:
                continue
            name = f"{sequence.config.dataset}-{sequence.folder.name}"
            result = self.folder / "validation" / f"{name}_RES"
            # A sequence with gaps is run from the last of them on.
            begin = next(m.begin for m in reversed(sequence.movies) if m.begin <= sequence.validation[0])
            with open_video(sequence.folder, (begin, sequence.validation[1])) as video:
                infer(
                    video,
                    model,
                    sequence.config.settings(),
                    result,
                    preparation=sequence.preparation
                    if self.settings.cell_diameter
                    else self.settings.preparation,
                    overwrite=True,
                )
            ground_truth = sequence.folder.with_name(sequence.folder.name + "_GT")
            found = evaluate(result, ground_truth, frames=sequence.validation).scores.as_dict()
            if found.get("SEG_silver") is not None:
                found["SEG"] = found["SEG_silver"]
            several = len(self.sequences) > 1
            for measure, values in scores.items():
                if found[measure] is not None:
                    values.append(float(found[measure]))
                    each |= {f"{measure} {name}": values[-1]} if several else {}
            shutil.rmtree(result)
        means = {measure: sum(values) / len(values) for measure, values in scores.items() if values}
        return means | each

    def write(self, network: RSHN, step: int) -> ModelCard:
        """Write weights and card: there is a model to try from the first validation on.

        Parameters
        ----------
        network : RSHN
        step : int
            Steps done.

        Returns
        -------
        ModelCard
        """
        sha256 = save_weights(network, self.folder / WEIGHTS)
        streams = self.settings.reset_probability < 1
        card = ModelCard(
            format=1,
            architecture=self.settings.architecture,
            preparation=self.settings.preparation,
            inference=Inference(state="stream" if streams else "window"),
            weights=Weights(sha256=sha256, dtype="float16"),
            training=Training(
                data=tuple(f"{s.folder.parent.name}/{s.folder.name}" for s in self.sequences),
                frames=tuple(sequence.numbers for sequence in self.sequences),
                seed=self.settings.seed,
                steps=step,
                commit=_commit(),
            ),
            terms=_CHALLENGE_TERMS
            if any(s.config.published for s in self.sequences)
            else self.terms or _OWN_TERMS,
        )
        save_model_card(card, self.folder / CARD)
        return card


def _commit() -> str:
    """Git commit of the code; `unknown` where the package does not lie in a checkout of its own."""
    checkout = Path(__file__).resolve().parents[2]
    if not (checkout / ".git").exists():
        return "unknown"
    try:
        run = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], cwd=checkout, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return run.stdout.strip()
