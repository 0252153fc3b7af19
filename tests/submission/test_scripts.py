"""The scripts of a package: two systems, the same command, nothing absolute."""

import os
import re
import shutil
import subprocess

import pytest

from cellseg.submission import Entry
from cellseg.submission.scripts import write_install_scripts, write_sequence_scripts
from cellseg.training_configuration import TrainingConfiguration

ENTRIES = [
    Entry("Fluo-N2DH-SIM+"),
    Entry("DIC-C2DH-HeLa", TrainingConfiguration.ALL_GT_ALL_ST),
]


@pytest.fixture(params=ENTRIES, ids=lambda entry: entry.name)
def entry(request):
    return request.param


@pytest.fixture
def software(tmp_path, entry):
    write_install_scripts(tmp_path)
    write_sequence_scripts(tmp_path, entry, "02")
    return tmp_path


def command_of(path):
    (line,) = (line for line in path.read_text().splitlines() if " infer " in line)
    return line[line.index(" -I ") :]


def test_names_and_arguments(software, entry):
    name = {None: "Fluo-N2DH-SIM+-02"}.get(entry.configuration, "DIC-C2DH-HeLa-02-allGT+allST")
    assert {path.name for path in software.iterdir()} == {
        "install.sh", "install.bat", f"{name}.sh", f"{name}.bat",
    }  # fmt: skip
    command = command_of(software / f"{name}.sh")
    assert command == command_of(software / f"{name}.bat")
    configuration = f" --configuration {entry.configuration}" if entry.configuration else ""
    assert command == (
        f" -I -m cellseg infer --dataset settings/{entry.name}.yaml --model models/{entry.name}"
        f" --data .. --sequence 02 --overwrite{configuration}"
    )


def test_line_ends_and_permissions(software):
    for path in software.iterdir():
        content = path.read_bytes()
        assert content.endswith(b"\n") and content.isascii() and b"@@" not in content
        lines = content.count(b"\n")
        assert content.count(b"\r\n") == (lines if path.suffix == ".bat" else 0)
        if os.name != "nt":
            assert os.access(path, os.X_OK) == (path.suffix == ".sh")


def test_nothing_is_absolute_and_nothing_climbs_above_the_package(software):
    for path in software.iterdir():
        for line in path.read_text().splitlines():
            assert "://" not in line
            if not line.startswith(("#", "rem ")) and "echo " not in line:
                assert not re.search(r"(^|[\s\"=])(/\w\w|[A-Z]:)|\.\.[/\\]\.\.", line), line


@pytest.mark.skipif(shutil.which("sh") is None, reason="no sh")
def test_shell_scripts_parse(software):
    for path in software.glob("*.sh"):
        subprocess.run(["sh", "-n", str(path)], check=True)


@pytest.mark.skipif(os.name == "nt", reason="shell scripts are for other systems")
def test_a_sequence_before_the_installation(software, entry):
    script = software / f"{entry.script('02')}.sh"
    failed = subprocess.run([str(script)], capture_output=True, text=True, cwd="/")
    assert failed.returncode == 1
    assert "run install.sh first" in failed.stderr
