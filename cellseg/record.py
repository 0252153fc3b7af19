"""`run.json`: what a result was made from, with what, how long it took, and what came out."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cellseg import __version__
from cellseg.read_record import read_record
from cellseg.result_folder import RECORD
from cellseg.whole_file import write_whole

if TYPE_CHECKING:
    import torch

_LIBRARIES = ("torch", "numpy", "scipy", "scikit-image", "tifffile", "imagecodecs", "tensorflow")


@dataclass
class RunRecord:
    """Everything that is written to `run.json`, format 1.

    Attributes
    ----------
    status : str
        `running`, `interrupted` or `done`.
    settings : dict
        The run's settings.
    model : dict
        Name, SHA-256 of the weights, precision, how its state lives, and the preparation used; empty where
        the masks came from elsewhere (`cellseg link`).
    input : dict
        Path as given, shape, type, frame numbers, and the files' fingerprint (relative path, size, mtime).
    device : str
    threads : int
        CPU threads of torch.
    flops_per_frame : int
        Of the network: per frame seen, and as published, where it is seen many times, per new frame.
    tile : int or None
        Side of the tiles the frames were embedded in, in network pixels; None for whole frames. Tiles change
        a few pixels of a result, but are no part of the key: a run may go on where there is less memory.
    seconds : dict of str to float
        Busy time of each stage, in threads that overlap, and `elapsed`: how long the run has taken.
    pairs : list of dict
        The seed policy's trace, a row per pair: frame, r, I, N_min, N, seeds, iterations; `chunk` where one
        begins (`cellseg.chunks`).
    peak_memory : dict of str to int
        Bytes: `process`, and on a GPU `cuda_allocator` and `nvml`.
    request : dict or None
        What was asked for, where that is more than settings and model: how a batch knows its results again
        without measuring the scale anew (`cellseg.batch`).
    selection : dict
        What was chosen from the recording (`Video.selection`), to open the same movie again.
    output : dict of str to str
        SHA-256 of every file of the result.
    tracks : int
    """

    settings: dict[str, Any]
    model: dict[str, Any]
    input: dict[str, Any]
    device: str = "cpu"
    threads: int = 1
    flops_per_frame: int = 0
    tile: int | None = None
    status: str = "running"
    seconds: dict[str, float] = field(default_factory=dict)
    pairs: list[dict[str, Any]] = field(default_factory=list)
    peak_memory: dict[str, int] = field(default_factory=dict)
    request: dict[str, Any] | None = None
    selection: dict[str, Any] = field(default_factory=dict)
    output: dict[str, str] = field(default_factory=dict)
    tracks: int = 0

    def key(self) -> dict[str, Any]:
        """Give what decides the result but for the contents of the frames, as JSON values."""
        # The files are compared by their names in the folder: it may have been moved, or be called by another
        # path.
        elsewhere = ("path", "masks", "files")
        source = {name: value for name, value in self.input.items() if name not in elsewhere}
        return {"settings": self.settings, "model": self.model, "input": source}

    def is_done_in(self, result: Path) -> bool:
        """Tell whether a folder holds the finished result of the same run.

        Parameters
        ----------
        result : Path

        Returns
        -------
        bool
        """
        found = read_record(result)
        if found is None:
            return False
        try:
            there = RunRecord(**{name: found[name] for name in ("settings", "model", "input")})
        except (KeyError, TypeError):
            return False
        same = there.key() == self.key() and there.input["files"] == self.input["files"]
        return same and found["status"] == "done"

    def write(self, folder: Path) -> None:
        """Write `run.json` into a folder."""
        text = json.dumps({"format": 1, "versions": _versions(), **asdict(self)}, indent=1)
        write_whole(folder / RECORD, text + "\n")


def file_sha256(path: Path) -> str:
    """Hash a file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    str
        SHA-256 in hexadecimal.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def peak_memory(device: torch.device | None = None) -> dict[str, int]:
    """Measure the most memory this process has held.

    Parameters
    ----------
    device : torch.device, optional
        Where a network ran.

    Returns
    -------
    dict of str to int
        Bytes. `process` is missing where the system does not tell.
    """
    peak: dict[str, int] = {}
    if sys.platform != "win32":
        import resource

        unit = 1 if sys.platform == "darwin" else 1024
        peak["process"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    if device is not None and device.type == "cuda":
        import torch

        peak["cuda_allocator"] = torch.cuda.max_memory_allocated(device)
        # What all programs together hold on the device now; without NVML the record does without it.
        # Its errors have no base class but Exception.
        with suppress(Exception):
            peak["nvml"] = torch.cuda.device_memory_used(device)
    return peak


def _versions() -> dict[str, str]:
    found = {"cellseg": __version__, "python": platform.python_version(), "platform": platform.platform()}
    for library in _LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            continue
    return found
