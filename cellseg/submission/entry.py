"""The names that one dataset, with one model, has in a package.

    SHA256SUMS
    SW/                                  the program, once for all datasets
        cellseg_rshn-VERSION-py3-none-any.whl, requirements.lock, install.sh, install.bat, README.md
        wheelhouse/                      if asked: wheels of all requirements
        DATASET-SEQUENCE.sh, .bat        each runs one sequence
        models/DATASET, settings/DATASET.yaml, parameters/DATASET.md
    DATASET/SEQUENCE_RES                 results, if asked; the frames are expected in DATASET/SEQUENCE

In a generalizable submission everything of a dataset carries the training configuration of its model:
DATASET-SEQUENCE-allGT.sh, models/DATASET-allGT, DATASET/SEQUENCE_RES-allGT.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cellseg.training_configuration import TrainingConfiguration, configuration_suffix

SOFTWARE = "SW"
CHECKSUMS = "SHA256SUMS"
LOCK = "requirements.lock"
README = "README.md"
WHEELHOUSE = "wheelhouse"
ENVIRONMENT = "environment"
"""Where install.sh puts the program; no part of the package."""


@dataclass(frozen=True)
class Entry:
    """One dataset with one model.

    Attributes
    ----------
    dataset : str
        Such as `DIC-C2DH-HeLa`.
    configuration : TrainingConfiguration or None
        None for a regular submission.
    """

    dataset: str
    configuration: TrainingConfiguration | None = None

    @property
    def suffix(self) -> str:
        """What scripts and results of the configuration end in."""
        return configuration_suffix(self.configuration)

    @property
    def name(self) -> str:
        """Dataset and configuration."""
        return self.dataset + self.suffix

    @property
    def model(self) -> Path:
        """Folder of the model, seen from SW; likewise below."""
        return Path("models", self.name)

    @property
    def settings(self) -> Path:
        """Settings of the dataset."""
        return Path("settings", f"{self.name}.yaml")

    @property
    def parameters(self) -> Path:
        """Parameter sheet."""
        return Path("parameters", f"{self.name}.md")

    def script(self, sequence: str) -> str:
        """Name, without its ending, of the script that runs a sequence."""
        return f"{self.dataset}-{sequence}{self.suffix}"

    def result(self, sequence: str) -> Path:
        """Folder of a result, seen from the package."""
        return Path(self.dataset, f"{sequence}_RES{self.suffix}")
