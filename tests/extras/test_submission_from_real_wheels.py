"""A package with its wheelhouse, unpacked where nothing but Python is, makes the result it came with.

Like the quick test in tests/e2e, but nothing is borrowed: the wheels hold every file of every requirement.
They are made of what is installed here, so no index is asked. Takes a minute and 4 GB of disk.
"""

import os
import subprocess
import sys
from pathlib import Path

from run_script import run_script

from cellseg.submission import pack_wheel
from cellseg.submission.lock import required

DATASET = "DIC-C2DH-HeLa"


def cellseg(*arguments):
    command = [sys.executable, "-m", "cellseg", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, encoding="utf-8")
    assert done.returncode == 0, done.stderr + done.stdout


def make_wheelhouse(folder):
    folder.mkdir()
    for distribution in required().values():
        contents = {
            file.as_posix(): Path(file.locate())
            for file in distribution.files
            if ".." not in file.parts
            and file.suffix != ".pyc"
            and file.name not in ("RECORD", "direct_url.json")
        }
        pack_wheel(distribution, contents, folder)
    return folder


def result(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "run.json"}


def test_nothing_but_the_package_is_needed(tmp_path):
    data, package = tmp_path / "data", tmp_path / "SUBMISSION"
    cellseg("simulate", "--preset", DATASET, "--output", data, "--frames", 3, "--size", 256, 256)
    cellseg("infer", "--dataset", DATASET, "--data", data, "--output", tmp_path / "out")
    assert len((tmp_path / "out" / "01_RES" / "res_track.txt").read_text().splitlines()) > 2
    wheels = make_wheelhouse(tmp_path / "wheels")
    cellseg("submit", "--dataset", DATASET, "--data", data, "--output", package, "--wheelhouse", wheels)
    (data / DATASET).rename(package / DATASET)

    ending = "bat" if os.name == "nt" else "sh"
    installed = run_script(package / "SW" / f"install.{ending}")
    assert installed.returncode == 0, installed.stderr + installed.stdout
    done = run_script(package / "SW" / f"{DATASET}-01.{ending}")
    assert done.returncode == 0, done.stderr
    assert result(package / DATASET / "01_RES") == result(tmp_path / "out" / "01_RES")
