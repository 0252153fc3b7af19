"""A movie, and the model that embeds it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import torch

from cellseg.config import Architecture, Settings, load_dataset_config, override
from cellseg.rshn import Model
from cellseg.video import Video

from ..blind import load_blind_model
from .painted import painted_model


@dataclass(frozen=True)
class Subject:
    """What the variants are compared on.

    Attributes
    ----------
    dataset : str
        Whose settings are used.
    movie : Path
        Folder of frames, `<sequence>_GT` beside it.
    frames : tuple of int or None
        Block of its frames; None for all.
    simulated : bool
        Whether it is a simulated movie, whose truth is complete up to the border of the image.
    untrained : Architecture or None
        Of a network without trained weights (`painted`); None takes the dataset's trained model.
    """

    dataset: str
    movie: Path
    frames: tuple[int, int] | None
    simulated: bool
    untrained: Architecture | None = None

    @property
    def truth(self) -> Path:
        """Folder of the ground truth."""
        return self.movie.with_name(f"{self.movie.name}_GT")

    def settings(self) -> Settings:
        """Give the dataset's settings."""
        settings = load_dataset_config(self.dataset).settings()
        return override(settings, ["linker.border=0"]) if self.simulated else settings

    def load(self, video: Video, device: torch.device, precision: torch.dtype) -> Model:
        """Load the model for one view of every frame, or build the untrained one.

        Parameters
        ----------
        video : Video
            The movie, opened.
        device : torch.device
        precision : torch.dtype

        Returns
        -------
        Model
        """
        config = load_dataset_config(self.dataset)
        if self.untrained is None:
            assert config.model is not None
            model = load_blind_model(config.model, device, precision)
            inference = model.card.inference.model_copy(update={"views": 1})
            return replace(model, card=model.card.model_copy(update={"inference": inference}))
        assert config.published is not None
        return painted_model(config.published, self.untrained, video, self.truth, device, precision)
