"""What is said where TensorFlow is not installed, or a backend is unknown."""

import sys
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from cellseg.cli import app
from cellseg.cli.infer import Backend
from cellseg.errors import CellsegError
from cellseg.rshn import load_model
from cellseg.rshn.model import BACKENDS

CPU = torch.device("cpu")
INSTALL = 'pip install ".[tensorflow]"'


@pytest.fixture
def no_tensorflow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow", None)


@pytest.mark.usefixtures("no_tensorflow")
def test_a_missing_tensorflow_is_named_with_the_remedy() -> None:
    with pytest.raises(CellsegError, match="TensorFlow is not installed") as caught:
        load_model("DIC-C2DH-HeLa", CPU, backend="tensorflow")
    assert caught.value.remedy is not None
    assert INSTALL in caught.value.remedy
    assert "cellseg-rshn[tensorflow]" in caught.value.remedy


@pytest.mark.usefixtures("no_tensorflow")
def test_the_import_says_the_same_and_writes_nothing(tmp_path: Path) -> None:
    arguments = ["models", "import-tensorflow", "none", "--dataset", "DIC-C2DH-HeLa", "--output"]
    failed = CliRunner().invoke(app, [*arguments, str(tmp_path / "model")])
    assert isinstance(failed.exception, CellsegError)
    assert INSTALL in str(failed.exception)
    assert not list(tmp_path.iterdir())


def test_a_tensorflow_that_cannot_be_loaded_is_not_called_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tensorflow.py").write_text("import a_library_it_needs\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    with pytest.raises(CellsegError, match=r"cannot be loaded .*a_library_it_needs"):
        load_model("DIC-C2DH-HeLa", CPU, backend="tensorflow")


@pytest.mark.usefixtures("no_tensorflow")
def test_torch_needs_no_tensorflow() -> None:
    assert load_model("DIC-C2DH-HeLa", CPU).backend == "torch"


def test_an_unknown_backend_is_refused() -> None:
    with pytest.raises(CellsegError, match="no backend jax") as caught:
        load_model("DIC-C2DH-HeLa", CPU, backend="jax")
    assert caught.value.remedy == "Use --backend torch or tensorflow."


def test_the_command_line_knows_every_backend() -> None:
    assert tuple(Backend) == BACKENDS
