"""TensorFlow, imported when first needed: it is an optional extra and takes seconds to load."""

from __future__ import annotations

import os
from typing import Any

from cellseg.errors import CellsegError


def require_tensorflow() -> Any:
    """Import TensorFlow.

    Returns
    -------
    module

    Raises
    ------
    CellsegError
        It is not installed, or cannot be loaded.
    """
    # Its C++ side reports every GPU it does not find; what fails is raised in Python as well.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        import tensorflow
    except ImportError as error:
        absent = isinstance(error, ModuleNotFoundError) and error.name == "tensorflow"
        raise CellsegError(
            "TensorFlow is not installed" if absent else f"TensorFlow cannot be loaded ({error})",
            remedy='Install the extra "cellseg-rshn[tensorflow]": in the clone, pip install ".[tensorflow]".',
        ) from error
    return tensorflow
