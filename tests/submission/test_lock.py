"""The lock file pins what runs here: all that is needed, nothing else, from no index in particular."""

from importlib.metadata import distribution, version

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from cellseg.errors import CellsegError
from cellseg.submission import lock


def pins():
    return dict(line.split("==") for line in lock.lock_text().splitlines() if not line.startswith("#"))


def test_pins_are_the_versions_here():
    pinned = pins()
    assert {"torch", "numpy", "imagecodecs", "pyyaml", "nvidia-ml-py"} <= set(pinned)
    assert "cellseg-rshn" not in pinned
    assert list(pinned) == sorted(pinned)
    for name, pin in pinned.items():
        assert pin == Version(version(name)).public
        assert "+" not in pin


def test_every_requirement_of_a_pin_is_pinned():
    pinned = pins()
    for name in ["cellseg-rshn", *pinned]:
        for line in distribution(name).requires or ():
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                assert canonicalize_name(requirement.name) in pinned


def test_tests_and_other_extras_are_not_pinned():
    assert not {"pytest", "mypy", "tensorflow", "mkdocs"} & set(pins())


def test_a_lock_file_reads_back_and_names_no_index(tmp_path):
    text = lock.lock_text()
    assert "://" not in text and "--" not in text
    (tmp_path / "lock").write_text(text)
    assert dict(pin.split("==") for pin in lock.read_pins(tmp_path / "lock")) == pins()
    assert lock.read_pins(tmp_path / "none") == []


def install(folder, name, *requires):
    info = folder / f"{name}-1.0+local.dist-info"
    info.mkdir()
    lines = [f"Name: {name}", "Version: 1.0+local", *(f"Requires-Dist: {line}" for line in requires)]
    (info / "METADATA").write_text("Metadata-Version: 2.1\n" + "\n".join(lines) + "\n")


def test_markers_extras_and_circles(tmp_path, monkeypatch):
    install(tmp_path, "Program", "a[fast]", "never; python_version < '3'", "tool; extra == 'test'")
    install(tmp_path, "a", "B_b; python_version > '3'", "c; extra == 'fast'", "d; extra == 'slow'")
    install(tmp_path, "b_b", "a")
    install(tmp_path, "c")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(lock, "DISTRIBUTION", "program")
    assert list(lock.required()) == ["a", "b-b", "c"]
    assert lock.lock_text().splitlines()[1:] == ["a==1.0", "b-b==1.0", "c==1.0"]


def test_what_is_not_installed_is_named(tmp_path, monkeypatch):
    install(tmp_path, "Program", "not-there")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(lock, "DISTRIBUTION", "program")
    with pytest.raises(CellsegError, match="not-there"):
        lock.required()
