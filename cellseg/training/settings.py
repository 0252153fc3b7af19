"""Everything that decides a training run; recipes are YAML files in `configs/training/`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from cellseg import resources
from cellseg.config import Architecture, ModelCard, Preparation
from cellseg.config.base import Section, read_yaml, validate
from cellseg.errors import CellsegError

_STREAM_RESETS = 0.3
"""`reset_probability` with which a network of a model that streams goes on."""

Side = Annotated[int, Field(ge=1)]


class TrainingSettings(Section):
    """Settings of one training run.

    Attributes
    ----------
    architecture, preparation
        What the model will be, and what it will see.
    cell_diameter : float or None
        Where stated, every dataset is brought to the scale at which its typical cell is so many network
        pixels across, for a model of many kinds of cells; `preparation` must then have a scale of 1.
    crop : tuple of int or None
        Size (Y, X) of the training frames in network pixels; None takes the size of the first movie.
    clip_frames : int
        Frames back-propagated through together.
    batch : int
        Movies played side by side.
    steps, warmup_steps : int
        Optimiser steps in all, and those over which the learning rate rises.
    minutes : float or None
        Time for all steps, validations not counted: when it is up training ends, and the rate has fallen to
        zero, if the last step was not reached before. None has no such end.
    learning_rate, weight_decay : float
        AdamW (decay on convolution kernels only); the rate falls to zero along a cosine.
    ema : float
        Decay of the exponential moving average of the weights that is saved and validated.
    gradient_clip : float
        Largest Euclidean norm of the gradient.
    reset_probability : float
        Chance that a clip starts a new pass from a zero state instead of taking over the state of the clip
        before it. 1 trains the `window` schedule, less trains `stream`.
    simulated_share : float
        Share of the passes that play a simulated movie, when there are any.
    focus : float
        Share of the passes whose crop lies around a cell; the others may lie anywhere.
    rotation : float
        Largest rotation, in degrees to either side.
    scale : float
        Largest relative change of size; another half of it per axis.
    elastic_px : float
        Standard deviation of the control points' displacement, per 256 pixels of the crop.
    motion_px : float
        Farthest that a still moves to either side as it is played, in network pixels.
    intensity : float
        Strength of the intensity changes; 1 is that of Payer et al. 2019.
    rescaled_share : float
        Share of the passes whose frames are scaled by the intensities of the crop alone, as those of a movie
        of so small a field would be: where no cell is bright, or none is there at all, noise is larger.
    crowded_share : float
        Chance that the cells of another place are added to a pass of a movie with bright cells, as far as
        there is room between those that are there; and then again with the same chance, and so on. Every clip
        must then start a pass.
    squared_pull : bool
        Pull an instance's pixels to their mean by 1 - cos^2, as Payer et al. 2019, instead of by 1 - cos.
    repulsion_radius : float
        Instances whose bounding boxes come closer than this, in network pixels, are pushed apart.
    instance_weight : float
        Weight of pull and push against the background's part of the loss.
    validate_every, checkpoint_every : int
        Steps from one validation to the next, and from one checkpoint to the next.
    patience : int or None
        Validations in a row without a better score after which the learning rate falls to zero until the
        next one, which is the last; None goes on to the last step.
    seed : int
        Of all randomness.
    """

    architecture: Architecture = Architecture()
    preparation: Preparation
    cell_diameter: float | None = Field(None, gt=0)
    crop: tuple[Side, Side] | None = None
    clip_frames: int = Field(6, ge=2)
    batch: int = Field(1, ge=1)
    steps: int = Field(3000, ge=1)
    warmup_steps: int = Field(100, ge=0)
    minutes: float | None = Field(None, gt=0)
    learning_rate: float = Field(5e-4, gt=0)
    weight_decay: float = Field(1e-5, ge=0)
    ema: float = Field(0.99, ge=0, lt=1)
    gradient_clip: float = Field(1.0, gt=0)
    reset_probability: float = Field(1.0, ge=0, le=1)
    simulated_share: float = Field(0.3, ge=0, le=1)
    focus: float = Field(0.7, ge=0, le=1)
    rotation: float = Field(180.0, ge=0, le=180)
    scale: float = Field(0.25, ge=0, lt=1)
    elastic_px: float = Field(5.0, ge=0)
    motion_px: float = Field(5.0, ge=0)
    intensity: float = Field(0.5, ge=0, le=1)
    rescaled_share: float = Field(0.0, ge=0, le=1)
    crowded_share: float = Field(0.0, ge=0, lt=1)
    squared_pull: bool = False
    repulsion_radius: float = Field(10.0, ge=0)
    instance_weight: float = Field(2.0, gt=0)
    validate_every: int = Field(250, ge=1)
    checkpoint_every: int = Field(100, ge=1)
    patience: int | None = Field(10, ge=1)
    seed: int = Field(0, ge=0, lt=2**63)

    @model_validator(mode="after")
    def _one_scale(self) -> Self:
        if self.cell_diameter is not None and self.preparation.input_px_per_network_px != (1, 1):
            raise ValueError("with a cell_diameter, preparation.input_px_per_network_px must be [1, 1]")
        return self

    @model_validator(mode="after")
    def _crowds_of_one_clip(self) -> Self:
        if self.crowded_share > 0 and self.reset_probability < 1:
            raise ValueError("with a crowded_share above 0, reset_probability must be 1: set one of them")
        return self


def suited_to(settings: TrainingSettings, card: ModelCard, *, own: bool = True) -> TrainingSettings:
    """Take over from a model what its weights are used to.

    Parameters
    ----------
    settings : TrainingSettings
    card : ModelCard
        Of the model to start from.
    own : bool
        Whether movies or images of one's own are learnt from: they are brought to the size of cells that the
        model learnt. A dataset's are, too, where that is known; else they keep the model's scale.

    Returns
    -------
    TrainingSettings
        With the architecture and preparation of the model, its cells' size in network pixels, and clips whose
        state lives as it does in the model's inference; crowds are left out where it lives on.

    Raises
    ------
    CellsegError
        The model does not say how large the cells were that it learnt, and must.
    """
    resets = 1.0 if card.inference.state == "window" else min(settings.reset_probability, _STREAM_RESETS)
    settings = settings.model_copy(
        update={
            "architecture": card.architecture,
            "reset_probability": resets,
            "crowded_share": settings.crowded_share if resets == 1 else 0.0,
        }
    )
    y, x = card.preparation.input_px_per_network_px
    preparation = card.preparation.scaled((1 / y, 1 / x))
    if preparation.cell_diameter_px is None:
        if own:
            raise CellsegError(
                "the model to start from does not say how large the cells were that it learnt",
                remedy="Start from another, or describe the movies in a configuration (--dataset FILE).",
            )
        return settings.model_copy(update={"preparation": card.preparation, "cell_diameter": None})
    return settings.model_copy(
        update={
            "preparation": preparation.model_copy(
                update={"input_px_per_network_px": (1.0, 1.0), "cell_diameter_px": None}  # not 0.99999
            ),
            "cell_diameter": preparation.cell_diameter_px,
        }
    )


def load_recipe(name_or_path: str | Path) -> TrainingSettings:
    """Read and check a training recipe.

    Parameters
    ----------
    name_or_path : str or path
        Name of a file in `configs/training`, or a YAML file of one's own.

    Returns
    -------
    TrainingSettings

    Raises
    ------
    CellsegError
        There is none, a key is unknown or missing, or a value is impossible.
    """
    path = resources.find("recipes", name_or_path)
    return validate(TrainingSettings, read_yaml(path), path)
