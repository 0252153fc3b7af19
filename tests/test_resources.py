"""Finding models and configurations: the order of places, and what is no resource."""

from __future__ import annotations

import subprocess
import sys

import pytest

from cellseg import resources
from cellseg.errors import CellsegError


def make_model(root, name):
    folder = root / name
    folder.mkdir(parents=True)
    (folder / "model.yaml").write_text("format: 1\n", encoding="utf-8")
    return folder


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A package installed outside any checkout, with one model and one configuration."""
    package = tmp_path / "site-packages" / "cellseg"
    make_model(package / "_share" / "models", "packaged")
    (package / "_share" / "configs").mkdir()
    (package / "_share" / "configs" / "some.yaml").touch()
    monkeypatch.setattr(resources, "_PACKAGE", package)
    monkeypatch.delenv("CELLSEG_MODELS", raising=False)
    return package


def test_checkout_holds_the_configurations():
    path = resources.find("configs", "DIC-C2DH-HeLa")
    assert path.name == "DIC-C2DH-HeLa.yaml"
    assert path.is_file()


def test_packaged_copy(installed):
    assert resources.find("models", "packaged") == installed / "_share" / "models" / "packaged"
    assert resources.find("configs", "some") == installed / "_share" / "configs" / "some.yaml"
    assert resources.available("models") == ["packaged"]
    assert resources.available("configs") == ["some"]


def test_order_of_places(installed, tmp_path, monkeypatch):
    own = make_model(tmp_path / "own", "packaged")
    checkout = make_model(installed.parent / "models", "packaged")
    packaged = installed / "_share" / "models" / "packaged"
    # A folder beside an installed package is somebody else's, until the project file shows a checkout.
    assert resources.find("models", "packaged") == packaged
    (installed.parent / "pyproject.toml").touch()
    assert resources.find("models", "packaged") == checkout
    monkeypatch.setenv("CELLSEG_MODELS", str(tmp_path / "own"))
    assert resources.find("models", "packaged") == own
    assert resources.available("models") == ["packaged"]


def test_explicit_path_wins(installed, tmp_path, monkeypatch):
    model = make_model(tmp_path / "elsewhere", "packaged")
    assert resources.find("models", str(model)) == model
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert resources.find("models", "packaged").resolve() == model.resolve()


def test_folder_without_a_card_is_no_model(installed, tmp_path, monkeypatch):
    """A dataset folder may carry the name of the model, in the folder the program is run from."""
    (tmp_path / "run" / "packaged" / "01").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "run")
    assert resources.find("models", "packaged") == installed / "_share" / "models" / "packaged"


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("name", ["unknown", "", "..", "../models/packaged", "packaged/model.yaml"])
def test_unknown_name_lists_what_there_is(name):
    with pytest.raises(CellsegError, match="Available: packaged"):
        resources.find("models", name)


def test_models_folder_that_does_not_exist(installed, tmp_path, monkeypatch):
    monkeypatch.setenv("CELLSEG_MODELS", str(tmp_path / "nothing"))
    assert resources.available("models") == ["packaged"]


def test_loads_nothing_heavy():
    code = "import sys, cellseg.resources; print({'torch', 'pydantic', 'numpy'} & set(sys.modules) or 'none')"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "none"
