"""What is chosen for a run, one section per stage. Areas and lengths are in original pixels.

References: Payer et al. 2019 (tracking) and Zhao et al. 2021 (Faster Mean-shift).
"""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from cellseg.config.base import Section
from cellseg.config.model_card import Inference, ModelCard


class Clustering(Section):
    """Faster Mean-shift and its Online Seed Optimisation Policy; symbols of Zhao et al. 2021.

    Attributes
    ----------
    bandwidth : float
        h, largest cosine distance inside the flat kernel; where it is not set, the model's.
    initial_seeds : int
        N0, seeds of the first pair of frames.
    probability : float
        P, wanted probability that every instance receives a seed.
    seed_surplus : float
        L = alpha / gamma: the number of seeds doubles until it is L times the necessary N_min.
    seed_excess : float
        H: beyond H times N_min, the next pair takes N_min fewer seeds.
    converged_share : float
        gamma: shifting stops when this share of the seeds has converged; the others are dropped.
    min_seeds, max_seeds : int
        Smallest number of seeds, and largest number of seeds in the foreground.
    sample : int or None
        Pixels that seeds climb on before the modes climb on all; None climbs on all at once.
    max_uncovered : int or None
        Residual rounds seek more modes until at most so many pixels of the pair are farther than h from every
        mode, or nothing new is found; None makes no such rounds.
    max_iterations : int
        Most shifts of a seed.
    border_step : float
        Pieces of clusters that touch are one cell where the embedding changes by less from one to the other:
        cosine distance of neighbouring network pixels, median over their border; 0 leaves all apart. Of no
        effect with `inference.schedule: published`.
    tolerance : float
        A seed has converged when it moves by less than this share of the bandwidth.
    """

    bandwidth: float = Field(default=0.1, gt=0, lt=1)
    initial_seeds: int = Field(default=128, ge=1)
    probability: float = Field(default=0.99, gt=0, lt=1)
    seed_surplus: float = Field(default=2.0, ge=1)
    seed_excess: float = Field(default=8.0, gt=1)
    converged_share: float = Field(default=0.9, gt=0, le=1)
    min_seeds: int = Field(default=32, ge=1)
    max_seeds: int = Field(default=4096, ge=1)
    sample: int | None = Field(default=4096, ge=1)
    max_uncovered: int | None = Field(default=0, ge=0)
    max_iterations: int = Field(default=300, ge=1)
    border_step: float = Field(default=0.005, ge=0, lt=1)
    tolerance: float = Field(default=1e-3, gt=0, lt=1)

    @model_validator(mode="after")
    def _bounds_ascend(self) -> Self:
        if self.min_seeds > self.max_seeds:
            raise ValueError("min_seeds must be at most max_seeds")
        if self.seed_surplus >= self.seed_excess:
            raise ValueError("seed_surplus must be below seed_excess")
        return self


class Instances(Section):
    """From clusters to instances.

    Attributes
    ----------
    min_area : int or None
        Smallest instance in one frame; None for a twentieth of the model's typical cell.
    fill_holes : bool
        Whether background enclosed by an instance becomes part of it.
    """

    min_area: int | None = Field(default=None, ge=0)
    fill_holes: bool = True


class Linker(Section):
    """From instances to tracks and divisions.

    Attributes
    ----------
    method : {"global", "published"}
        `global`: the likeliest of all lineages. `published`: chains of the largest overlaps and parents by
        overlap, for comparison (Payer et al. 2019).
    max_gap : int
        Most frames that a cell may be missing and still be known again.
    fill_gaps : bool
        Whether a cell is drawn where it was missing, so that its track goes on; if not, the track after the
        gap is the only child of the one before.
    max_repair : int
        Most frames in a row in which a cell in pieces is made whole, and merged cells are parted, where the
        frames before and after agree on it; 0 leaves all objects as they are.
    min_track_length : int
        Tracks of fewer frames are removed unless they have a parent or daughters, or the movie cuts them off.
    border : int
        E, width of the rim outside the field of interest; what lies in the rim alone is erased.
    min_overlap : float
        Of `published`: smallest intersection over union for two masks to be the same cell.
    """

    method: Literal["global", "published"] = "global"
    max_gap: int = Field(default=2, ge=0)
    fill_gaps: bool = True
    max_repair: int = Field(default=5, ge=0)
    min_track_length: int = Field(default=2, ge=1)
    border: int = Field(default=0, ge=0)
    min_overlap: float = Field(default=0.25, gt=0, le=1)


class Settings(Section):
    """Everything that is chosen for a run.

    Attributes
    ----------
    dataset : str or None
        The Cell Tracking Challenge dataset the settings were made for.
    inference : Inference or None
        Replaces what the model states.
    clustering, instances, linker : Clustering, Instances, Linker
        The stages.
    seed : int
        Seed of everything random.
    """

    dataset: str | None = None
    inference: Inference | None = None
    clustering: Clustering = Clustering()
    instances: Instances = Instances()
    linker: Linker = Linker()
    seed: int = Field(default=0, ge=0, lt=2**63)

    def for_model(self, card: ModelCard) -> Self:
        """Fill in what was left to the model: how its state lives, and the bandwidth.

        Parameters
        ----------
        card : ModelCard

        Returns
        -------
        Settings
        """
        clustering = self.clustering
        if "bandwidth" not in clustering.model_fields_set:
            clustering = clustering.model_copy(update={"bandwidth": card.bandwidth})
        return self.model_copy(
            update={"inference": self.inference or card.inference, "clustering": clustering}
        )

    @model_validator(mode="before")
    @classmethod
    def _preparation_belongs_to_the_model(cls, data: Any) -> Any:
        if isinstance(data, dict) and "preparation" in data:
            raise ValueError(
                "preparation cannot be set here: it belongs to the model, whose weights only know frames "
                "prepared as in training (see its model.yaml)"
            )
        return data
