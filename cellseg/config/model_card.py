"""`model.yaml`: what belongs to trained weights and cannot be chosen at run time, and their origin."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import Field, field_validator, model_validator

from cellseg.config.base import Section, read_yaml, validate

Positive = Annotated[float, Field(gt=0)]
Fraction = Annotated[float, Field(ge=0, le=1)]
FrameNumber = Annotated[int, Field(ge=0)]


class Architecture(Section):
    """Size of the recurrent stacked hourglass network; the published one by default (4,136,608 parameters).

    Attributes
    ----------
    filters : int
        Channels of every convolution, on every level (Payer et al. 2019: 64).
    levels : int
        Resolutions of each hourglass, the full one included (Payer et al. 2019: 7).
    embedding_size : int
        Length D of the embedding of a pixel (Payer et al. 2019: 16).
    """

    filters: int = Field(default=64, ge=1)
    levels: int = Field(default=7, ge=1, le=12)
    embedding_size: int = Field(default=16, ge=2)


class Preparation(Section):
    """How a frame becomes the input of the network; read by `cellseg.video.prepare`.

    Attributes
    ----------
    input_px_per_network_px : tuple of float
        Scale (y, x): original pixels along one network pixel, the factor by which a frame shrinks.
    smoothing_sigma : float
        Standard deviation of the Gaussian, in original pixels; 0 for none (Payer et al. 2019: 1).
    quantiles : tuple of float
        Lower and upper share of the sorted intensities that are mapped to -1 and 1
        (Payer et al. 2019: 0.05 % of the pixels lie outside on each side).
    intensity : {"linear", "asinh"}
        What follows that map. `asinh`, the inverse hyperbolic sine, hardly changes -1 to 1 and grows like a
        logarithm beyond: with the median as the upper share the noise is the unit, and cells a hundred times
        as bright as others do not dwarf them.
    pixel_size_um : tuple of float or None
        Size (y, x) of an original pixel of the training movies, in micrometres.
    cell_diameter_px : float or None
        Typical diameter of the cells the model was trained on, in original pixels.
    any_size : bool
        Whether every training movie was brought to a scale of its own, at which its cells have
        `cell_diameter_px`: the size of a movie's cells must be told, or is estimated.
    pad_value : float or None
        What the network sees beyond a frame whose size it cannot divide; None mirrors the frame, as training
        does. (Payer et al. 2019: -1, the dark end of the range; it draws cells at the edge too large.)
    """

    input_px_per_network_px: tuple[Positive, Positive]
    smoothing_sigma: float = Field(default=1.0, ge=0)
    quantiles: tuple[Fraction, Fraction] = (0.0005, 0.9995)
    intensity: Literal["linear", "asinh"] = "linear"
    pixel_size_um: tuple[Positive, Positive] | None = None
    cell_diameter_px: Positive | None = None
    any_size: bool = False
    pad_value: float | None = None

    @field_validator("quantiles")
    @classmethod
    def _quantiles_ascend(cls, quantiles: tuple[float, float]) -> tuple[float, float]:
        if quantiles[0] >= quantiles[1]:
            raise ValueError("must be two ascending shares")
        return quantiles

    @model_validator(mode="after")
    def _any_size_of_what(self) -> Self:
        if self.any_size and self.cell_diameter_px is None:
            raise ValueError("any_size needs a cell_diameter_px")
        return self

    def scaled(self, factor: tuple[float, float]) -> Preparation:
        """Prepare frames in which everything is larger, so that the network sees cells of the trained size.

        Parameters
        ----------
        factor : tuple of float
            (y, x): size of things in these frames over their size in the training movies, in original pixels.

        Returns
        -------
        Preparation
        """
        y, x = self.input_px_per_network_px
        mean = (factor[0] * factor[1]) ** 0.5
        return self.model_copy(
            update={
                "input_px_per_network_px": (y * factor[0], x * factor[1]),
                "smoothing_sigma": self.smoothing_sigma * mean,
                "pixel_size_um": None,
                "any_size": False,
                "cell_diameter_px": None if self.cell_diameter_px is None else self.cell_diameter_px * mean,
            }
        )


class Inference(Section):
    """How the recurrent state lives through a movie.

    Attributes
    ----------
    state : {"stream", "window"}
        `stream`: one unbroken state, every frame seen once. `window`: a fresh state for every window, so
        that frames are seen (window + warmup) / (window - 1) times on average.
    window : int
        Frames W of a window; neighbouring windows share one frame (Payer et al. 2019: 8).
    warmup : int
        Frames before a window that only build up its state.
    schedule : {"single-pass", "published"}
        `published` is that of Payer et al. 2019, for comparison and for their weights: the last pair of every
        window of W frames, on overlapping tiles, with the pixel coordinates appended to the embeddings, and
        the tiles' labels merged. There, `state`, `warmup` and `views` mean nothing.
    foreground_threshold : float
        Pixels belong to cells where the squared e0 component of their embedding is below it (Payer et al.
        2019: 0.5). A lower one draws cells smaller.
    views : {1, 2, 4, 8}
        Views of every frame (test-time augmentation), whose embeddings are concatenated: the frame itself;
        turned by 180 degrees; mirrored along either axis; all these transposed. With more of them fewer
        touching cells become one; network and clustering take so many times as long, embeddings as much
        memory. e0 is the mean of that of the views: a lower `foreground_threshold` may suit better.
    """

    state: Literal["stream", "window"]
    schedule: Literal["single-pass", "published"] = "single-pass"
    foreground_threshold: float = Field(default=0.5, gt=0, lt=1)
    window: int = Field(default=8, ge=2)
    warmup: int = Field(default=0, ge=0)
    views: Literal[1, 2, 4, 8] = 1


class Weights(Section):
    """Identity of the weight file.

    Attributes
    ----------
    sha256 : str
        SHA-256 of the file, in hexadecimal.
    dtype : {"float16", "float32"}
        Type its numbers are stored in.
    """

    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    dtype: Literal["float16", "float32"]


class StartingModel(Section):
    """The model whose weights a training began with.

    Attributes
    ----------
    name : str
        Its name.
    sha256 : str
        SHA-256 of its weight file, in hexadecimal.
    """

    name: str
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class Training(Section):
    """Record of how the weights came about; None is what is not known of weights made elsewhere.

    Attributes
    ----------
    data : tuple of str
        Sequences trained on, such as `DIC-C2DH-HeLa/01`.
    frames : tuple of tuple of int, or None
        Half-open block of frame numbers, one for every entry of `data`.
    seed : int or None
        Seed of everything random.
    steps : int or None
        Optimisation steps.
    commit : str
        Git commit of the training code.
    start : StartingModel or None
        None for random weights.
    settings : dict
        Of the training, as far as they stand nowhere else in the card.
    validation : dict of str to float
        Scores of these very weights during training, and of the frames that chose them.
    validated_on : tuple of str
        Those frames, in words.
    """

    data: tuple[str, ...] = Field(min_length=1)
    frames: tuple[tuple[FrameNumber, FrameNumber], ...] | None
    seed: int | None = Field(ge=0)
    steps: int | None = Field(ge=0)
    commit: str
    start: StartingModel | None = None
    settings: dict[str, Any] = Field(default_factory=dict)
    validation: dict[str, float] = Field(default_factory=dict)
    validated_on: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_block_per_sequence(self) -> Self:
        if self.frames is not None and len(self.frames) != len(self.data):
            raise ValueError("frames must be one block for every entry of data")
        return self


class ModelCard(Section):
    """Everything in `model.yaml`.

    Attributes
    ----------
    format : int
        Version of the format of `model.yaml`.
    architecture, preparation, inference, weights, training
        What the weights are of, what they see and how, which they are, and how they came about.
    terms : str
        Conditions of use of the weights.
    bandwidth : float
        h, the cosine distance that suits the embeddings, for movies of no dataset; the configuration of a
        dataset states its own.
    """

    format: Literal[1]
    architecture: Architecture
    preparation: Preparation
    inference: Inference
    weights: Weights
    training: Training
    terms: str
    bandwidth: float = Field(default=0.1, gt=0, lt=1)


def load_model_card(path: Path) -> ModelCard:
    """Read and check a model card.

    Parameters
    ----------
    path : Path
        A `model.yaml`.

    Returns
    -------
    ModelCard
        The card.

    Raises
    ------
    CellsegError
        The file cannot be read, a key is unknown or missing, or a value is impossible.
    """
    return validate(ModelCard, read_yaml(path), path)


def save_model_card(card: ModelCard, path: Path) -> None:
    """Write a model card as YAML, keys in the order of the class.

    Parameters
    ----------
    card : ModelCard
        The card.
    path : Path
        The `model.yaml` to write.
    """
    text = yaml.safe_dump(card.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
    path.write_text(text, encoding="utf-8", newline="\n")
