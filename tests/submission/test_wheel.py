"""Wheels made of what is installed: complete, equal every time, and installable."""

import base64
import csv
import hashlib
import io
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest

import cellseg
from cellseg.errors import CellsegError
from cellseg.submission import own_wheel, pack_wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return own_wheel(tmp_path_factory.mktemp("wheel"))


def test_name(wheel):
    assert wheel.name == f"cellseg_rshn-{cellseg.__version__}-py3-none-any.whl"


def test_every_module_model_and_setting_is_in_it(wheel):
    package = Path(cellseg.__file__).parent
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        for module in package.rglob("*.py"):
            place = f"cellseg/{module.relative_to(package).as_posix()}"
            assert archive.read(place) == module.read_bytes()
    assert "cellseg/submission/templates/install.sh" in names
    assert "cellseg/_share/models/DIC-C2DH-HeLa/weights.safetensors" in names
    assert "cellseg/_share/configs/training/small.yaml" in names
    assert not [name for name in names if "__pycache__" in name or "direct_url" in name]
    info = f"cellseg_rshn-{cellseg.__version__}.dist-info"
    assert {f"{info}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt")} <= names


def test_the_record_holds_every_file_with_its_checksum(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (record,) = (name for name in archive.namelist() if name.endswith(".dist-info/RECORD"))
        rows = {row[0]: row[1:] for row in csv.reader(io.StringIO(archive.read(record).decode()))}
        assert set(rows) == set(archive.namelist())
        assert rows.pop(record) == ["", ""]
        for name, (digest, size) in rows.items():
            content = archive.read(name)
            expected = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
            assert (digest, int(size)) == (f"sha256={expected}", len(content))


def test_equal_programs_give_equal_bytes(wheel, tmp_path):
    assert own_wheel(tmp_path).read_bytes() == wheel.read_bytes()


def test_tags_are_compressed(tmp_path):
    info = tmp_path / "WHEEL"
    info.write_text("Tag: cp311-cp311-manylinux_2_27_x86_64\nTag: cp311-cp311-manylinux_2_28_x86_64\n")
    path = pack_wheel(distribution("numpy"), {"numpy-1.0.dist-info/WHEEL": info}, tmp_path)
    assert path.name == "numpy-1.0-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl"


def test_another_version_than_the_one_that_runs_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(cellseg, "__version__", "0.0.0")
    with pytest.raises(CellsegError, match=r"0\.0\.0 is running") as caught:
        own_wheel(tmp_path)
    assert "--wheel" in caught.value.remedy
