"""The six ways to train a model for a generalizable submission to the Cell Tracking Challenge."""

from __future__ import annotations

from enum import StrEnum


class TrainingConfiguration(StrEnum):
    """What a model was trained on: gold truth, silver truth or both, of one dataset or of all."""

    GT = "GT"
    ST = "ST"
    GT_ST = "GT+ST"
    ALL_GT = "allGT"
    ALL_ST = "allST"
    ALL_GT_ALL_ST = "allGT+allST"


def configuration_suffix(configuration: TrainingConfiguration | None) -> str:
    """Say what results and scripts end in: `-allGT`, or nothing in a regular submission."""
    return "" if configuration is None else f"-{configuration}"
