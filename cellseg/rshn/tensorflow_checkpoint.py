"""Reads the checkpoints that the authors of the network released (TensorFlow 1; Payer et al. 2019)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cellseg.config import Architecture
from cellseg.config.base import validate
from cellseg.errors import CellsegError
from cellseg.rshn.network import RSHN
from cellseg.rshn.published_names import SCOPE, load_published_variables, published_variables
from cellseg.rshn.require_tensorflow import require_tensorflow

PAD_VALUE = -1.0
"""What the authors' program shows their network beyond a frame (Payer et al. 2019)."""

_VARIABLE = re.compile(rf"{SCOPE}/unet_\d+_cell/.*(kernel|bias)$")
"""A weight of the network. Names of optimiser slots go on after these: `.../kernel/Adam_1`."""
_SUFFIX = re.compile(r"\.(index|data-\d{5}-of-\d{5})$")
_REMEDY = "Copy the checkpoint's files again; what is wanted is one that Payer et al. released in 2019."

Shapes = Mapping[str, tuple[int, ...]]


def load_tensorflow_checkpoint(prefix: Path) -> tuple[Architecture, RSHN]:
    """Read the network of a checkpoint; its size follows from the shapes of the variables.

    Slots of the optimiser and the global step are left out.

    Parameters
    ----------
    prefix : Path
        What the names of the checkpoint's files have in common: `model` for `model.index` and
        `model.data-00000-of-00001`. Either of these is taken as well.

    Returns
    -------
    architecture : Architecture
    network : RSHN
        In float32 on the CPU.

    Raises
    ------
    CellsegError
        TensorFlow is not installed; a file is missing or damaged; a variable is missing, has another shape or
        has no place in the network; or the checkpoint is of the network of 2018.
    """
    tensorflow = require_tensorflow()
    prefix = prefix.with_name(_SUFFIX.sub("", prefix.name))
    index = prefix.with_name(f"{prefix.name}.index")
    _check_files(prefix, index)
    # A checkpoint that is cut short ends in an IndexError.
    damage = (tensorflow.errors.OpError, IndexError, ValueError)
    try:
        reader = tensorflow.train.load_checkpoint(str(prefix))
        shapes = {name: tuple(shape) for name, shape in reader.get_variable_to_shape_map().items()}
    except damage as error:
        raise _damaged(index, error) from error
    architecture = _architecture(index, shapes)
    network = RSHN(architecture.filters, architecture.levels, architecture.embedding_size, PAD_VALUE)
    wanted = {name: variable.shape for name, variable in published_variables(network).items()}
    _compare(index, shapes, wanted)
    try:
        variables: dict[str, Any] = {name: reader.get_tensor(name) for name in wanted}
    except damage as error:
        raise _damaged(prefix.with_name(f"{prefix.name}.data-*"), error) from error
    load_published_variables(network, variables)
    return architecture, network


def _check_files(prefix: Path, index: Path) -> None:
    """Refuse a checkpoint of which a file is missing."""
    if not index.is_file():
        raise CellsegError(
            "there is no such file",
            path=index,
            remedy="Give what the names of the checkpoint's files have in common: model for model.index.",
        )
    if not any(path.name.startswith(f"{prefix.name}.data-") for path in prefix.parent.iterdir()):
        raise CellsegError(
            f"the numbers that belong to it are missing ({prefix.name}.data-00000-of-00001)",
            path=index,
            remedy="Copy that file beside it: the index holds names and shapes only.",
        )


def _damaged(path: Path, error: Exception) -> CellsegError:
    return CellsegError(f"cannot be read ({error})", path=path, remedy=_REMEDY)


def _architecture(index: Path, shapes: Shapes) -> Architecture:
    """Tell the size of the network from what most of its variables say."""
    weights = {name: shape for name, shape in shapes.items() if _VARIABLE.match(name) and shape}
    if any("/conv/" in name for name in weights):
        raise CellsegError(
            "is of the network of MICCAI 2018, another architecture without an input convolution, whose "
            "variables are named .../conv/... where those of 2019 are .../conv0/...",
            path=index,
            remedy="Give a checkpoint of the network of 2019 (Medical Image Analysis 57).",
        )
    levels = [int(level) for name in weights for level in re.findall(r"/level(\d+)/", name)]
    outputs = [name for name in weights if "_cell/output/" in name]
    inner = [name for name in weights if name not in outputs]
    if not (levels and outputs and inner):
        raise CellsegError(
            f"holds no recurrent stacked hourglass network: of its {len(shapes)} variables too few are named "
            f"{SCOPE}/unet_0_cell/...",
            path=index,
            remedy=_REMEDY,
        )
    size = {
        "filters": _commonest(weights[name][-1] for name in inner),
        "levels": 1 + max(levels),
        "embedding_size": _commonest(weights[name][-1] for name in outputs),
    }
    return validate(Architecture, size, index)


def _commonest(values: Iterable[int]) -> int:
    return Counter(values).most_common(1)[0][0]


def _compare(index: Path, shapes: Shapes, wanted: Shapes) -> None:
    """Refuse a checkpoint that is not exactly the network, and name every variable concerned."""
    problems = [f"{name} {list(shape)} is missing" for name, shape in wanted.items() if name not in shapes]
    problems += [
        f"{name} is {list(shapes[name])} and must be {list(shape)}"
        for name, shape in wanted.items()
        if name in shapes and shapes[name] != shape
    ]
    problems += [
        f"{name} {list(shape)} has no place in the network"
        for name, shape in shapes.items()
        if _VARIABLE.match(name) and name not in wanted
    ]
    if problems:
        raise CellsegError("; ".join(problems), path=index, remedy=_REMEDY)
