"""The tiny model and movie of the end-to-end tests, and processes that start at once."""

import multiprocessing
import sys

import pytest
from e2e.conftest import model, movie  # noqa: F401


@pytest.fixture(scope="session")
def quick():
    """A way to start processes that have loaded torch already."""
    if sys.platform == "win32":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["cellseg.pipeline", "cellseg.scale", "cellseg.batch.worker"])
    return context
