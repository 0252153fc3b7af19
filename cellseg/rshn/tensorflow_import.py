"""Makes a model folder of the weights that the authors of the network released."""

from __future__ import annotations

import shutil
from pathlib import Path

import torch

from cellseg.config import (
    DatasetConfig,
    Inference,
    ModelCard,
    Preparation,
    Training,
    Weights,
    save_model_card,
)
from cellseg.errors import CellsegError
from cellseg.rshn.model import CARD, WEIGHTS
from cellseg.rshn.tensorflow_checkpoint import PAD_VALUE, load_tensorflow_checkpoint
from cellseg.rshn.weights import save_weights

_TERMS = (
    "Weights of Payer et al. 2019, released by them: their terms apply, not those of cellseg, and the "
    "conditions of use of the Cell Tracking Challenge, whose data they were trained on."
)


def import_tensorflow_model(prefix: Path, config: DatasetConfig, folder: Path) -> ModelCard:
    """Write weights (float32), model.yaml and README.md for a checkpoint of the authors.

    Frames are prepared and inference runs as in their program, as the dataset's configuration has it under
    `published`.

    Parameters
    ----------
    prefix : Path
        Of the checkpoint, as `load_tensorflow_checkpoint` takes it.
    config : DatasetConfig
        The dataset that the weights were trained for.
    folder : Path
        The model folder, which must not exist yet.

    Returns
    -------
    ModelCard

    Raises
    ------
    CellsegError
        The folder exists, the configuration has nothing published, or the checkpoint cannot be taken.
    """
    if folder.exists():
        raise CellsegError("exists already", path=folder, remedy="Choose another --output.")
    published = config.published
    if published is None:
        raise CellsegError(
            f"the configuration of {config.dataset} does not say how the authors prepared frames",
            remedy="Name one of the datasets in configs/, or add the section `published` to your own.",
        )
    architecture, network = load_tensorflow_checkpoint(prefix)
    # Complete or not there at all.
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    card = ModelCard(
        format=1,
        architecture=architecture,
        preparation=Preparation(
            input_px_per_network_px=published.input_px_per_network_px,
            smoothing_sigma=published.smoothing_sigma,
            quantiles=published.quantiles,
            pixel_size_um=config.pixel_size_um,
            pad_value=PAD_VALUE,
        ),
        inference=Inference(state="window", window=published.window, schedule="published"),
        weights=Weights(sha256=save_weights(network, partial / WEIGHTS, torch.float32), dtype="float32"),
        training=Training(
            data=(f"unknown sequences of {config.dataset}, by the authors",),
            frames=None,
            seed=None,
            steps=None,
            commit="unknown",
        ),
        terms=_TERMS,
    )
    save_model_card(card, partial / CARD)
    (partial / "README.md").write_text(_readme(config, card), encoding="utf-8", newline="\n")
    partial.replace(folder)
    return card


def _readme(config: DatasetConfig, card: ModelCard) -> str:
    """Say in words what nobody should overlook."""
    y, x = card.preparation.input_px_per_network_px
    size = card.architecture
    return f"""# {config.dataset}, weights of the authors

Imported by `cellseg models import-tensorflow` from a checkpoint that Payer et al. released with their paper
of 2019 ([doi:10.1016/j.media.2019.06.015](https://doi.org/10.1016/j.media.2019.06.015)):
{size.filters} filters, {size.levels} levels, {size.embedding_size}-D embeddings, float32.

**What they were trained on is not known here.** The weights may have seen the very sequences you test them
on: all frames of the challenge's {config.dataset} that have a public ground truth. A score there says little
about other movies, and does not compare with that of a model that never saw the frames.

**Scale**: {y:g} x {x:g} original pixels (y x x) per network pixel, as the authors resized sequence 01; with
frames of another size they used another factor.

**Terms**: {card.terms}
"""
