"""`configs/<dataset>.yaml`: settings for one dataset, the published parameters, and what is held out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator

from cellseg import resources
from cellseg.config.base import Section, read_yaml, validate
from cellseg.config.model_card import FrameNumber, Positive
from cellseg.config.settings import Settings

HELD_OUT_GAP = 8
"""Frames between what a model is chosen on and what it is judged on: as many as the published window."""


def _ascending(block: tuple[int, int]) -> tuple[int, int]:
    if block[0] >= block[1]:
        raise ValueError("must begin before it ends")
    return block


Size = tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]]
Block = Annotated[tuple[FrameNumber, FrameNumber], AfterValidator(_ascending)]


class Published(Section):
    """What the publications and their released programs used, kept for comparison; nothing here is run.

    Attributes
    ----------
    original_sizes : tuple of tuple of int
        Size (y, x) of the frames, one for every size among the sequences.
    network_size, training_size : tuple of int
        Size (y, x) the frames were resized to for inference and for training.
    input_px_per_network_px : tuple of float
        Scale (y, x) at inference that follows from the sizes and the zoom.
    zoom : float
        Share of the frame that was seen, along each axis.
    tile, stride, tiles, tile_inner_border : int
        Side of the square tiles, their distance, their number, and the rim where an object did not count.
    smoothing_sigma : float
        Standard deviation in original pixels.
    quantiles : tuple of float
        Shares of the sorted intensities mapped to -1 and 1.
    window, embedding_size : int
        Frames of a window, length of an embedding.
    coordinate_factor : float
        Weight of the tile coordinates that were appended to the embedding, per network pixel.
    bandwidth : float
        Of mean-shift, a cosine distance.
    min_label_size : int
        Smallest instance, in network pixels summed over two frames.
    min_overlap, min_track_length, border : float, int
        As in `Linker`.
    parent_min_overlap, parent_search_frames, parent_dilation : float, int
        Smallest intersection over union of the first mask of a track, repeated over that many frames before,
        dilated by a disc of that diameter, with its parent. `Linker` decides otherwise.
    false_split_max_life : int
        Longest life, in frames, of a track that was taken for a piece of its neighbour and merged into it.
    neighbour_factor : float
        Training: radius within which cells repel each other, as a share of the width at network scale.
    label_smoothing_sigma : float
        Training: standard deviation in network pixels; 0 for none.
    mirror_pad : bool
        Training: whether frames were continued by their mirror image.
    crop : int
        Training: original pixels cut from every side.
    checkpoint : bool
        Whether trained weights were released.
    """

    original_sizes: tuple[Size, ...]
    network_size: Size
    training_size: Size
    input_px_per_network_px: tuple[Positive, Positive]
    zoom: Positive
    tile: int
    stride: int
    tiles: int
    tile_inner_border: int
    smoothing_sigma: float
    quantiles: tuple[float, float]
    window: int
    embedding_size: int
    coordinate_factor: float
    bandwidth: float
    min_label_size: int
    min_overlap: float
    parent_min_overlap: float
    parent_dilation: int
    parent_search_frames: int
    false_split_max_life: int
    min_track_length: int
    border: int
    neighbour_factor: float
    label_smoothing_sigma: float
    mirror_pad: bool
    crop: int
    checkpoint: bool


class Blocks(Section):
    """Half-open blocks of frame numbers: train on one, choose on one, judge on the one held out.

    Attributes
    ----------
    training, validation : tuple of int
        Frames that weights are learnt from, and frames that choose among weights and settings.
    held_out : tuple of int
        Frames that are neither learnt from nor chosen on: the last third, after a gap of at least 8 frames.
    """

    training: Block
    validation: Block
    held_out: Block

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if self.training[1] > self.validation[0]:
            raise ValueError("training must end before validation")
        if self.validation[1] + HELD_OUT_GAP > self.held_out[0]:
            raise ValueError(f"held_out must begin {HELD_OUT_GAP} frames after validation")
        return self


class DatasetConfig(Settings):
    """A dataset, of the Cell Tracking Challenge or one's own, and the settings for it.

    Attributes
    ----------
    dataset : str
        Its name.
    description : str
        Modality and cells, in a sentence.
    model : str or None
        Name of the model that is used unless another is given.
    pixel_size_um : tuple of float or None
        Size (y, x) of an original pixel in micrometres.
    frame_interval_s : float or None
        Seconds between frames.
    published : Published or None
        Parameters of the publications.
    blocks : dict
        `Blocks` of the sequences that are trained on, by sequence name.
    """

    dataset: str
    description: str = ""
    model: str | None = None
    pixel_size_um: tuple[Positive, Positive] | None = None
    frame_interval_s: Positive | None = None
    published: Published | None = None
    blocks: dict[str, Blocks] = Field(default_factory=dict)

    def settings(self) -> Settings:
        """Return the settings alone, as they are recorded with a result."""
        sections: dict[str, Any] = {name: getattr(self, name) for name in Settings.model_fields}
        return Settings(**sections)


def load_dataset_config(name_or_path: str | Path) -> DatasetConfig:
    """Read and check the configuration of a dataset.

    Parameters
    ----------
    name_or_path : str or path
        Name of a dataset, or a YAML file of one's own.

    Returns
    -------
    DatasetConfig
        The configuration.

    Raises
    ------
    CellsegError
        There is none, a key is unknown or missing, or a value is impossible.
    """
    path = resources.find("configs", name_or_path)
    return validate(DatasetConfig, read_yaml(path), path)
