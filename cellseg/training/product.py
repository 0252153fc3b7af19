"""What a training makes: a model folder, written and scored as a user would meet it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cellseg.config import (
    Inference,
    ModelCard,
    Preparation,
    StartingModel,
    Training,
    Weights,
    save_model_card,
)
from cellseg.rshn import CARD, RSHN, WEIGHTS, Model, save_weights
from cellseg.training.card_page import card_page
from cellseg.training.material import Material
from cellseg.training.settings import TrainingSettings
from cellseg.training.validation import Validation

PAGE = "README.md"

_CHALLENGE_TERMS = "Trained on Cell Tracking Challenge data: see models/LICENSE."
_OWN_TERMS = "Not stated by whoever trained it."


@dataclass(frozen=True)
class Product:
    """Writes and scores the model of a training.

    Attributes
    ----------
    settings : TrainingSettings
    preparation : Preparation
        Of a user's frames.
    materials : sequence of Material
    folder : Path
        The model folder.
    start : (str, ModelCard) or None
        Name and card of the model that the training began with: what was made of its weights is under its
        terms, too.
    """

    settings: TrainingSettings
    preparation: Preparation
    materials: Sequence[Material]
    folder: Path
    start: tuple[str, ModelCard] | None = None

    @property
    def validations(self) -> list[Validation]:
        """What is scored."""
        return [m.validation for m in self.materials if m.validation is not None]

    def validate(self, network: RSHN, step: int) -> dict[str, float]:
        """Score the model as a user would meet it: the mean over the validations.

        Pictures of some frames, with the outlines of the truth and of the result, go to `pictures`.

        Parameters
        ----------
        network : RSHN
        step : int
            Steps done.

        Returns
        -------
        dict of str to float
            SEG, DET, TRA, LNK, as far as they are defined; of several sources also those of each, such as
            `SEG DIC-C2DH-HeLa-01`.
        """
        folder = self.folder / "validation"
        folder.mkdir(exist_ok=True)
        parameter = next(network.parameters())
        card = self._card(save_weights(network, folder / WEIGHTS), step, {})
        model = Model(self.folder.name, card, network, parameter.device, parameter.dtype)
        each: dict[str, float] = {}
        scores: dict[str, list[float]] = {"SEG": [], "DET": [], "TRA": [], "LNK": []}
        for validation in self.validations:
            found = validation.score(
                model, folder, lambda frame: self.folder / "pictures" / f"step{step:06d}-{frame}.png"
            )
            for measure, value in found.items():
                scores[measure].append(value)
                if len(self.validations) > 1:
                    each[f"{measure} {validation.name.replace('/', '-')}"] = value
        shutil.rmtree(folder)
        return {measure: sum(values) / len(values) for measure, values in scores.items() if values} | each

    def write(self, network: RSHN, step: int, figures: Mapping[str, float]) -> None:
        """Write weights, card and its page.

        Parameters
        ----------
        network : RSHN
        step : int
            Steps done.
        figures : mapping of str to float
            What `validate` found.
        """
        card = self._card(save_weights(network, self.folder / WEIGHTS), step, figures)
        save_model_card(card, self.folder / CARD)
        page = card_page(self.folder.resolve().name, card, self.materials)
        (self.folder / PAGE).write_text(page, encoding="utf-8", newline="\n")

    def _card(self, sha256: str, step: int, figures: Mapping[str, float]) -> ModelCard:
        learnt = [material for material in self.materials if material.movies]
        state = Inference(state="stream" if self.settings.reset_probability < 1 else "window")
        if self.start is not None and self.start[1].inference.state == state.state:
            state = self.start[1].inference
        begun = None
        if self.start is not None:
            begun = StartingModel(name=self.start[0], sha256=self.start[1].weights.sha256)
        elsewhere = {"architecture", "preparation", "seed"}
        return ModelCard(
            format=1,
            architecture=self.settings.architecture,
            preparation=self.preparation,
            inference=state,
            weights=Weights(sha256=sha256, dtype="float16"),
            training=Training(
                data=tuple(material.name for material in learnt),
                frames=tuple((material.learnt[0], material.learnt[-1] + 1) for material in learnt),
                seed=self.settings.seed,
                steps=step,
                commit=_commit(),
                start=begun,
                settings=self.settings.model_dump(mode="json", exclude=elsewhere),
                validation=dict(figures),
                validated_on=tuple(validation.about for validation in self.validations),
            ),
            terms=self._terms(),
            **({} if self.start is None else {"bandwidth": self.start[1].bandwidth}),
        )

    def _terms(self) -> str:
        if any(material.challenge for material in self.materials):
            return _CHALLENGE_TERMS
        return _OWN_TERMS if self.start is None else self.start[1].terms


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
