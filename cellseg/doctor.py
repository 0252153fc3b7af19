"""What `cellseg doctor` looks at: Python, torch, device, memory, extras, models, write access.

Every check stands alone: what is broken on this computer is told of, and the others go on.
"""

from __future__ import annotations

import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution, requires, version
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from packaging.requirements import Requirement

if TYPE_CHECKING:
    import torch

State = Literal["good", "note", "bad"]

DISTRIBUTION = "cellseg-rshn"
_OTHER = "cellseg"
"""Another project's distribution, whose package has the same name."""
_NOT_FOR_USERS = {"test", "dev", "docs", "browser", "interop", "qt"}
_CUDA_BUILDS = ((13, 0), (12, 8), (12, 6))
"""Versions of CUDA that there are builds of torch for, newest first; a driver runs those up to its own."""
_OLDEST_CUDA = (12, 0)
"""A driver of any 12.x runs builds for CUDA 12.6 (NVIDIA's minor version compatibility)."""
_LITTLE_SPACE = 2 * 2**30


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes
    ----------
    check : str
        What was looked at.
    state : {"good", "note", "bad"}
        All is well; worth knowing; the work will fail, or is slower than it need be.
    message : str
    remedy : tuple of str
        Lines: what to do, or the commands to type.
    """

    check: str
    state: State
    message: str
    remedy: tuple[str, ...] = ()


def examine(folder: Path) -> list[Finding]:
    """Look at everything that a run depends on.

    Parameters
    ----------
    folder : Path
        Where results would be written.

    Returns
    -------
    list of Finding
        In the order in which one would mend them.
    """
    checks: list[tuple[str, Callable[[], list[Finding]]]] = [
        ("python", _python),
        ("cellseg", _same_name),
        ("torch", _torch),
        ("device", _device),
        ("extras", _extras),
        ("models", _models),
        ("writing", lambda: _writing(folder)),
    ]
    found: list[Finding] = []
    for name, check in checks:
        try:
            found += check()
        except Exception as error:  # a broken library fails in any way, and is what we are looking for
            found.append(Finding(name, "bad", f"{type(error).__name__}: {error}"))
    return found


def cuda_remedy(driver_cuda: tuple[int, int], python: str) -> tuple[str, ...]:
    """Give the commands that bring a torch that uses an NVIDIA GPU.

    Parameters
    ----------
    driver_cuda : (int, int)
        Newest CUDA that the driver runs, major and minor.
    python : str
        The Python to install into.

    Returns
    -------
    tuple of str
        Lines to type, or what to do first.
    """
    if driver_cuda < _OLDEST_CUDA:
        return (
            f"The driver runs CUDA {driver_cuda[0]}.{driver_cuda[1]} at most: "
            "install a newer one from NVIDIA, then run this again.",
        )
    major, minor = next((build for build in _CUDA_BUILDS if build <= driver_cuda), _CUDA_BUILDS[-1])
    index = f"https://download.pytorch.org/whl/cu{major}{minor}"
    return (
        f"{python} -m pip uninstall --yes torch",
        f"{python} -m pip install torch --index-url {index}",
    )


def missing_of_extras(declared: list[str], is_there: Callable[[Requirement], bool]) -> dict[str, list[str]]:
    """Find what the optional extras lack.

    Parameters
    ----------
    declared : list of str
        Requirements of the distribution, as its metadata spell them.
    is_there : callable
        Tells whether a requirement is fulfilled.

    Returns
    -------
    dict of str to list of str
        By extra, those for developers left out: requirements that are missing, as pip takes them.
    """
    missing: dict[str, list[str]] = {}
    for requirement in map(Requirement, declared):
        marker = requirement.marker
        if marker is None or marker.evaluate({"extra": ""}):
            continue
        extras = {part.strip(" '\")") for part in str(marker).split("extra ==")[1:]}
        for extra in sorted(extras - _NOT_FOR_USERS):
            if marker.evaluate({"extra": extra}):
                lacking = missing.setdefault(extra, [])
                if not is_there(requirement):
                    lacking.append(f"{requirement.name}{requirement.specifier}")
    return missing


def _python() -> list[Finding]:
    message = f"{platform.python_version()} at {sys.executable}; {platform.platform()}"
    return [Finding("python", "good", message)]


def _same_name() -> list[Finding]:
    """Tell of the other project whose package is called cellseg, too."""
    import cellseg

    here = Path(cellseg.__file__).parent
    found = [Finding("cellseg", "good", f"{cellseg.__version__} at {here}")]
    with suppress(PackageNotFoundError):
        other = distribution(_OTHER)
        found.append(
            Finding(
                "cellseg",
                "bad",
                f"the distribution {_OTHER} {other.version}, another project, is installed, too: "
                "its files and ours have the same names",
                (
                    f"{_command()} -m pip uninstall --yes {_OTHER}",
                    f"Then install {DISTRIBUTION} again: uninstalling takes shared files away.",
                ),
            )
        )
    return found


def _torch() -> list[Finding]:
    import torch

    build = f"CUDA {torch.version.cuda}" if torch.version.cuda else "without CUDA"
    threads = torch.get_num_threads()
    return [Finding("torch", "good", f"{torch.__version__} ({build}); {threads} CPU threads")]


def _device() -> list[Finding]:
    import torch

    from cellseg.device import choose_device, choose_precision, usual_memory

    device = choose_device()
    found = []
    gpus, driver_cuda = _nvidia()
    if gpus and device.type != "cuda":
        reason = "cannot use it" if torch.version.cuda is None else "finds no usable driver"
        remedy = cuda_remedy(driver_cuda, _command())
        found.append(Finding("device", "bad", f"{', '.join(gpus)}: is here, but torch {reason}", remedy))
    precision = choose_precision("auto", device)
    _convolve(device, precision)
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.processor() or "CPU"
    found.append(Finding("device", "good", f"{device.type} ({name})"))
    found.append(Finding("precision", "good", str(precision).removeprefix("torch.")))
    gib = usual_memory(device) / 2**30
    message = f"{2 * gib:.1f} GiB; the network may take {gib:.1f} GiB of it (--max-memory changes it)"
    found.append(Finding("memory", "good", message))
    return found


def _convolve(device: torch.device, precision: torch.dtype) -> None:
    """Compute something: a device that is listed may still not work."""
    import torch

    image = torch.ones(1, 1, 8, 8, device=device, dtype=precision)
    kernel = torch.ones(1, 1, 3, 3, device=device, dtype=precision)
    if torch.nn.functional.conv2d(image, kernel)[0, 0, 0, 0].item() != 9:
        raise RuntimeError(f"{device} computes wrong convolutions")


def _nvidia() -> tuple[list[str], tuple[int, int]]:
    """Names of the NVIDIA GPUs that the driver knows, and the newest CUDA it runs."""
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return [], (0, 0)
    try:
        handles = map(pynvml.nvmlDeviceGetHandleByIndex, range(pynvml.nvmlDeviceGetCount()))
        names = [str(pynvml.nvmlDeviceGetName(handle)) for handle in handles]
        cuda = pynvml.nvmlSystemGetCudaDriverVersion()
    finally:
        pynvml.nvmlShutdown()
    return names, (cuda // 1000, cuda % 1000 // 10)


def _extras() -> list[Finding]:
    try:
        declared = requires(DISTRIBUTION) or []
    except PackageNotFoundError:
        return [
            Finding(
                "extras", "note", f"{DISTRIBUTION} is not installed: run from a folder", ("pip install .",)
            )
        ]
    found = []
    for extra, missing in sorted(missing_of_extras(declared, _is_installed).items()):
        if missing:
            wanted = " ".join(f'"{requirement}"' for requirement in missing)
            remedy = (f"{_command()} -m pip install {wanted}",)
            found.append(Finding(f"extra {extra}", "note", "is not installed", remedy))
        else:
            found.append(Finding(f"extra {extra}", "good", "is installed"))
    return found


def _is_installed(requirement: Requirement) -> bool:
    try:
        return requirement.specifier.contains(version(requirement.name), prereleases=True)
    except PackageNotFoundError:
        return False


def _models() -> list[Finding]:
    from cellseg.config import load_model_card
    from cellseg.errors import CellsegError
    from cellseg.record import file_sha256
    from cellseg.resources import available, find
    from cellseg.rshn import CARD, WEIGHTS
    from cellseg.scale_range import diameter_range

    found = []
    for name in available("models"):
        folder = find("models", name)
        try:
            card = load_model_card(folder / CARD)
            whole = file_sha256(folder / WEIGHTS) == card.weights.sha256
            problem = None if whole else f"{folder / WEIGHTS} is not the file that its card describes"
            sizes = diameter_range(card.preparation)
            good = str(folder)
            if sizes is not None:
                good += f"; for cells of {sizes[0]:.0f} to {sizes[1]:.0f} pixels across"
        except (CellsegError, OSError) as error:
            problem = str(error)
        remedy = () if problem is None else ("Copy the model's folder again.",)
        found.append(Finding(f"model {name}", "bad" if problem else "good", problem or good, remedy))
    if not found:
        remedy = ("Set CELLSEG_MODELS to a folder that holds some, or install cellseg again.",)
        found.append(Finding("models", "bad", "there is none", remedy))
    return found


def _writing(folder: Path) -> list[Finding]:
    found = []
    for check, place in (("writing", folder), ("temporary files", Path(tempfile.gettempdir()))):
        try:
            with tempfile.TemporaryFile(dir=place):
                pass
        except OSError as error:
            remedy = ("Write results elsewhere with --output, or change the folder's permissions.",)
            found.append(Finding(check, "bad", f"{place}: {error.strerror or error}", remedy))
            continue
        free = shutil.disk_usage(place).free
        message = f"{place}: {free / 2**30:.1f} GiB free"
        found.append(Finding(check, "good" if free > _LITTLE_SPACE else "note", message))
    return found


def _command() -> str:
    """Spell the Python that runs this as it is typed."""
    return f'"{sys.executable}"' if " " in sys.executable else sys.executable
