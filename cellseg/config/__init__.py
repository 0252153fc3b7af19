"""Validated settings: what belongs to a model, what belongs to a run, and what belongs to a dataset."""

from cellseg.config.dataset import Blocks, DatasetConfig, Published, load_dataset_config
from cellseg.config.meanings import meanings
from cellseg.config.model_card import (
    Architecture,
    Inference,
    ModelCard,
    Preparation,
    StartingModel,
    Training,
    Weights,
    load_model_card,
    save_model_card,
)
from cellseg.config.override import override
from cellseg.config.settings import Clustering, Instances, Linker, Settings

__all__ = [
    "Architecture",
    "Blocks",
    "Clustering",
    "DatasetConfig",
    "Inference",
    "Instances",
    "Linker",
    "ModelCard",
    "Preparation",
    "Published",
    "Settings",
    "StartingModel",
    "Training",
    "Weights",
    "load_dataset_config",
    "load_model_card",
    "meanings",
    "override",
    "save_model_card",
]
