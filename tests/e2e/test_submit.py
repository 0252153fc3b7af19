"""`cellseg submit`: what it packs, what it refuses, and that the package makes the same result elsewhere."""

import json
import os
import shutil
import stat
import sys
import sysconfig
import zipfile
from pathlib import Path, PurePosixPath

import pytest
import yaml
from e2e.commands import cellseg, command
from e2e.test_infer import files
from run_script import run_script

from cellseg.ctc import read_tracks, write_tracks
from cellseg.errors import CellsegError
from cellseg.submission import check_package, pack_wheel, write_package, zip_package
from cellseg.submission.files import package_files
from cellseg.submission.lock import required
from cellseg.training_configuration import TrainingConfiguration

DATASET = "DIC-C2DH-Discs"
WINDOWS = os.name == "nt"


@pytest.fixture
def data(movie):
    """The movie as sequences 01 and 02 of a dataset."""
    data = movie.parent
    (data / DATASET).mkdir()
    movie.rename(data / DATASET / "01")
    shutil.copytree(data / DATASET / "01", data / DATASET / "02")
    return data


@pytest.fixture
def config(tmp_path, model):
    path = tmp_path / "discs.yaml"
    settings = {"dataset": DATASET, "model": str(model), "instances": {"min_area": 20}}
    path.write_text(yaml.safe_dump({**settings, "description": "Discs that are bright"}), encoding="utf-8")
    return path


@pytest.fixture
def out(data, config, tmp_path):
    """Results of both sequences."""
    cellseg("infer", "--dataset", config, "--data", data, "--output", tmp_path / "out", "--device", "cpu")
    return tmp_path / "out"


def uploaded(result):
    """What the challenge wants of a result."""
    return {name: content for name, content in files(result).items() if name != "certainty.csv"}


def submit(config, data, output, *options):
    return ("submit", "--dataset", config, "--data", data, "--output", output, *options)


def findings(package, config, data, **options):
    found = check_package(package, config, ["01", "02"], data=data, **options)
    return [
        (finding.path.relative_to(package).as_posix(), finding.message)
        for finding in found
        if finding.is_missing
    ]


def test_what_is_in_a_package(data, config, out, model, tmp_path):
    package = tmp_path / "SUBMISSION"
    cellseg(*submit(config, data, package, "--results", out, "--zip"))
    results = {f"{DATASET}/{n}_RES/{name}" for n in ("01", "02") for name in uploaded(out / "01_RES")}
    (wheel,) = (package / "SW").glob("*.whl")
    assert set(package_files(package)) == {
        f"SW/{wheel.name}",
        "SW/requirements.lock",
        "SW/install.sh",
        "SW/install.bat",
        "SW/README.md",
        *(f"SW/{DATASET}-{n}.{ending}" for n in ("01", "02") for ending in ("sh", "bat")),
        *(f"SW/models/{DATASET}/{name}" for name in ("model.yaml", "weights.safetensors")),
        f"SW/settings/{DATASET}.yaml",
        f"SW/parameters/{DATASET}.md",
        *results,
    }
    for n in ("01", "02"):
        assert files(package / DATASET / f"{n}_RES") == uploaded(out / f"{n}_RES")
    sheet = (package / "SW" / "parameters" / f"{DATASET}.md").read_text("utf-8")
    assert "| min_area | `20` | Smallest instance in one frame" in sheet
    assert "| 01 | 8 | cpu |" in sheet
    assert findings(package, config, data) == []

    with zipfile.ZipFile(package.with_name("SUBMISSION.zip")) as archive:
        assert archive.testzip() is None
        entries = archive.infolist()
        assert {entry.filename for entry in entries} == {"SHA256SUMS", *package_files(package)}
        for entry in entries:
            path = PurePosixPath(entry.filename)
            assert not path.is_absolute() and ".." not in path.parts and "\\" not in entry.filename
            mode = entry.external_attr >> 16
            assert stat.S_ISREG(mode)
            assert bool(mode & 0o111) == path.name.endswith(".sh")
            assert archive.read(entry) == (package / entry.filename).read_bytes()


def test_nothing_in_a_package_names_a_place_on_this_machine(data, config, out, model, tmp_path):
    package = tmp_path / "SUBMISSION"
    write_package(package, config, ["01"], data=data, results=out)
    places = [str(place).encode() for place in (tmp_path, model.parent, Path(sys.prefix), Path.home())]
    for name in package_files(package):
        if not name.endswith(".whl") and not name.endswith(f"settings/{DATASET}.yaml"):
            content = (package / name).read_bytes()
            assert not [place for place in places if place in content], name
    assert b"://" not in (package / "SW" / "requirements.lock").read_bytes()


def test_equal_packages_have_equal_bytes(data, config, out, tmp_path):
    for name in ("a", "b"):
        write_package(tmp_path / name, config, ["01"], data=data, results=out)
        zip_package(tmp_path / name, tmp_path / f"{name}.zip")
    write_package(tmp_path / "a", config, ["01"], data=data, results=out)
    zip_package(tmp_path / "a", tmp_path / "again.zip")
    zips = [(tmp_path / f"{name}.zip").read_bytes() for name in ("a", "b", "again")]
    assert zips[0] == zips[1] == zips[2]


def test_check_says_what_is_missing_and_exits_with_1(data, config, tmp_path):
    package = tmp_path / "SUBMISSION"
    cellseg(*submit(config, data, package, "--sequence", "01"))
    said = command(*submit(config, data, package, "--check"), check=1).stdout.splitlines()
    assert said == [
        f"note: {package / 'SW' / 'wheelhouse'}: "
        "does not exist: installing will need the network (--wheelhouse)",
        f"missing: {package / DATASET / '01_RES'}: does not exist: no result (--results)",
        f"missing: {package / 'SW' / f'{DATASET}-02.sh'}: does not exist (--sequence 02)",
        f"missing: {package / 'SW' / f'{DATASET}-02.bat'}: does not exist (--sequence 02)",
        f"missing: {package / DATASET / '02_RES'}: does not exist: no result (--results)",
        f"{package}: 4 missing",
    ]


def test_check_of_nothing_writes_nothing(data, config, tmp_path):
    package = tmp_path / "SUBMISSION"
    cellseg(*submit(config, data, package, "--check"), check=1)
    assert not package.exists()
    missing = dict(findings(package, config, data))
    assert {"SW", "SW/requirements.lock", "SW/install.sh", "SW/README.md", "SHA256SUMS"} <= set(missing)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("SW/install.sh", "does not exist"),
        ("SW/README.md", "does not exist"),
        ("SW/requirements.lock", "does not exist"),
        (f"SW/parameters/{DATASET}.md", "does not exist"),
        (f"SW/models/{DATASET}/weights.safetensors", "the weights are missing"),
        (f"{DATASET}/01_RES/mask003.tif", "does not exist, but is in SHA256SUMS"),
        ("SHA256SUMS", "does not exist"),
    ],
)
def test_check_finds_what_was_lost(data, config, out, tmp_path, name, message):
    package = tmp_path / "SUBMISSION"
    write_package(package, config, ["01", "02"], data=data, results=out)
    (package / name).unlink()
    assert (name, message) in findings(package, config, data)


def test_check_finds_what_was_changed(data, config, out, tmp_path):
    package = tmp_path / "SUBMISSION"
    write_package(package, config, ["01", "02"], data=data, results=out)
    weights = package / "SW" / "models" / DATASET / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"?")
    tracks = package / DATASET / "01_RES" / "res_track.txt"
    write_tracks(tracks, read_tracks(tracks)[:-1])
    (package / "SW" / "models" / "extra").write_text("new")
    assert [(name, message.partition(" (")[0]) for name, message in findings(package, config, data)] == [
        (f"SW/models/{DATASET}/weights.safetensors", "the weights are not those that model.yaml names"),
        (f"{DATASET}/01_RES", "breaks 5 rules of the challenge"),
        (f"{DATASET}/01_RES/res_track.txt", "is not what SHA256SUMS says"),
        (f"SW/models/{DATASET}/weights.safetensors", "is not what SHA256SUMS says"),
        ("SW/models/extra", "is not in SHA256SUMS"),
    ]


@pytest.mark.skipif(WINDOWS, reason="no permission to run on Windows")
def test_check_finds_scripts_that_may_not_be_run(data, config, tmp_path):
    write_package(tmp_path / "S", config, ["01"], data=data)
    (tmp_path / "S" / "SW" / "install.sh").chmod(0o644)
    assert ("SW/install.sh", "may not be run (chmod +x)") in findings(tmp_path / "S", config, data)


def test_what_lies_beside_a_package_is_not_in_it(data, config, out, tmp_path):
    package = tmp_path / "SUBMISSION"
    write_package(package, config, ["01"], data=data, results=out)
    listed = package_files(package)
    shutil.copytree(data / DATASET / "01", package / DATASET / "01")
    shutil.copy(out / "01_RES" / "run.json", package / DATASET / "01_RES")
    (package / "SW" / "environment" / "bin").mkdir(parents=True)
    (package / "SW" / "environment" / "bin" / "python").write_text("")
    assert package_files(package) == listed


def test_a_model_for_every_configuration(data, config, out, tmp_path):
    package = tmp_path / "SUBMISSION"
    write_package(package, config, ["01"], data=data)
    for configuration in ("GT", "allGT+allST"):
        options = ("--configuration", configuration, "--results", out)
        cellseg(*submit(config, data, package, *options))
    scripts = {path.stem for path in (package / "SW").glob("*.sh")}
    assert scripts == {"install", f"{DATASET}-01"} | {
        f"{DATASET}-{n}-{c}" for n in ("01", "02") for c in ("GT", "allGT+allST")
    }
    assert sorted(path.name for path in (package / DATASET).iterdir()) == [
        "01_RES-GT",
        "01_RES-allGT+allST",
        "02_RES-GT",
        "02_RES-allGT+allST",
    ]
    script = (package / "SW" / f"{DATASET}-01-GT.sh").read_text()
    assert f"--model models/{DATASET}-GT " in script
    assert "--configuration GT\n" in script
    readme = (package / "SW" / "README.md").read_text("utf-8")
    assert all(f"SW/{name}.sh" in readme for name in scripts)
    configuration = TrainingConfiguration.GT
    assert findings(package, config, data, configuration=configuration) == []
    noted = check_package(package, config, ["01"], data=data, configuration=configuration)
    assert [finding.path.name for finding in noted if "no model for" in finding.message] == [
        f"{DATASET}-{c}" for c in ("ST", "GT+ST", "allGT", "allST")
    ]


def test_infer_names_the_result_of_a_configuration(data, config, tmp_path):
    cellseg("infer", "--dataset", config, "--data", data, "--sequence", "01", "--configuration", "allST")
    assert (data / DATASET / "01_RES-allST" / "res_track.txt").exists()
    cellseg("infer", "--dataset", config, "--data", data, "--configuration", "mine", check=2)


def test_results_of_a_configuration_are_preferred(data, config, out, tmp_path):
    shutil.copytree(out / "01_RES", out / "01_RES-ST")
    options = {"data": data, "configuration": TrainingConfiguration.ST, "results": out}
    shutil.rmtree(out / "01_RES")
    write_package(tmp_path / "S", config, ["01"], **options)
    assert files(tmp_path / "S" / DATASET / "01_RES-ST") == uploaded(out / "01_RES-ST")


def refused(tmp_path, *arguments, **options):
    """Refuse to write a package, before anything is written."""
    with pytest.raises(CellsegError) as caught:
        write_package(tmp_path / "refused", *arguments, **options)
    assert not (tmp_path / "refused" / "SW").exists()
    return caught.value


def test_results_that_the_package_would_not_make_are_refused(data, config, out, model, tmp_path):
    other = tmp_path / "other.yaml"
    settings = {
        "dataset": DATASET,
        "model": str(model),
        "instances": {"min_area": 21},
        "linker": {"border": 1},
    }
    other.write_text(yaml.safe_dump(settings))
    error = refused(tmp_path, other, ["01"], data=data, results=out)
    assert "other settings" in error.reason
    assert error.reason.endswith("instances.min_area, linker.border")

    record = out / "01_RES" / "run.json"
    whole = json.loads(record.read_text())
    for change, message in (
        ({"status": "interrupted"}, "unfinished"),
        ({"model": {**whole["model"], "sha256": "0" * 64}}, "other weights"),
        ({"model": {**whole["model"], "preparation": {}}}, "the scale"),
    ):
        record.write_text(json.dumps({**whole, **change}))
        assert message in refused(tmp_path, config, ["01"], data=data, results=out).reason
    record.unlink()
    write_package(tmp_path / "S", config, ["01"], data=data, results=out)


def test_other_refusals(data, config, out, model, tmp_path):
    (out / "02_RES" / "mask000.tif").unlink()
    assert "not valid" in refused(tmp_path, config, ["02"], data=data, results=out).reason
    assert "holds no 03_RES" in refused(tmp_path, config, ["03"], data=data, results=out).reason
    (tmp_path / "wrong.whl").write_text("")
    assert "no wheel" in refused(tmp_path, config, ["01"], data=data, wheel=tmp_path / "wrong.whl").reason
    error = refused(tmp_path, config, ["01"], data=data, wheelhouse=out)
    assert "holds no wheels" in error.reason
    assert "requirements.lock" in error.remedy
    (tmp_path / "nameless.yaml").write_text(yaml.safe_dump({"dataset": DATASET}))
    assert "name no model" in refused(tmp_path, tmp_path / "nameless.yaml", ["01"], data=data).reason
    with pytest.raises(CellsegError, match="holds something, and no SW"):
        write_package(data, config, ["01"], data=data)


def test_a_wheel_that_is_named_replaces_the_one_there(data, config, tmp_path):
    package = tmp_path / "SUBMISSION"
    write_package(package, config, ["01"], data=data)
    (made,) = (package / "SW").glob("*.whl")
    mine = tmp_path / "cellseg_rshn-9.9-py3-none-any.whl"
    shutil.copy(made, mine)
    write_package(package, config, ["01"], data=data, wheel=mine)
    assert [path.name for path in (package / "SW").glob("*.whl")] == [mine.name]
    write_package(package, config, ["01"], data=data, wheel=package / "SW" / mine.name)
    assert [path.name for path in (package / "SW").glob("*.whl")] == [mine.name]


def borrowing_wheelhouse(folder):
    """Wheels with the metadata of everything that is needed, and a path to where the files are here.

    Pip resolves and installs them as it would the real ones; the files are too large for a quick test.
    A .pth line adds that folder alone and not what the .pth files in it name: an editable install of the
    checkout stays hidden.
    """
    folder.mkdir()
    (folder / "WHEEL").write_text(
        "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    (folder / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
    for name, distribution in required().items():
        info = f"{name.replace('-', '_')}-{distribution.version}.dist-info"
        contents = {f"{info}/WHEEL": folder / "WHEEL"}
        metadata = next(
            file for file in distribution.files if file.name == "METADATA" and len(file.parts) == 2
        )
        contents[f"{info}/METADATA"] = Path(metadata.locate())
        if name == "torch":
            contents["borrowed.pth"] = folder / "borrowed.pth"
        pack_wheel(distribution, contents, folder)
    return folder


def test_a_package_makes_the_same_result_in_an_empty_environment(data, config, out, tmp_path):
    package = tmp_path / "SUBMISSION"
    write_package(
        package, config, ["01", "02"], data=data, wheelhouse=borrowing_wheelhouse(tmp_path / "wheels")
    )
    zip_package(package, tmp_path / "upload.zip")
    assert not [finding for finding in findings(package, config, data) if "RES" not in finding[0]]

    elsewhere = tmp_path / "the evaluator's folder"
    elsewhere.mkdir()
    shutil.unpack_archive(tmp_path / "upload.zip", elsewhere)
    shutil.rmtree(package)
    shutil.copytree(data / DATASET, elsewhere / DATASET, dirs_exist_ok=True)
    shutil.rmtree(data)
    for n in ("01", "02"):
        (elsewhere / DATASET / f"{n}_RES").mkdir()
        (elsewhere / DATASET / f"{n}_RES" / "res_track.txt").write_bytes(b"in the way")
    ending = "bat" if WINDOWS else "sh"
    for script in () if WINDOWS else (elsewhere / "SW").glob("*.sh"):
        script.chmod(0o755)  # which shutil forgets, and unzip does not

    early = run_script(elsewhere / "SW" / f"{DATASET}-01.{ending}")
    assert early.returncode == 1
    assert "run install" in early.stderr

    installed = run_script(elsewhere / "SW" / f"install.{ending}")
    assert installed.returncode == 0, installed.stderr + installed.stdout
    assert "Successfully installed" in installed.stdout
    done = run_script(elsewhere / "SW" / f"{DATASET}-01.{ending}")
    assert done.returncode == 0, done.stderr
    assert files(elsewhere / DATASET / "01_RES") == files(out / "01_RES")
    assert files(elsewhere / DATASET / "02_RES") == {"res_track.txt": b"in the way"}


@pytest.mark.skipif(WINDOWS, reason="the test stands in for an old Python with a shell script")
def test_an_old_python_is_refused(data, config, tmp_path):
    write_package(tmp_path / "S", config, ["01"], data=data)
    old = tmp_path / "old"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    failed = run_script(tmp_path / "S" / "SW" / "install.sh", PYTHON=str(old))
    assert failed.returncode == 1
    assert f"{old} is not Python 3.11 or newer" in failed.stderr
    assert not (tmp_path / "S" / "SW" / "environment").exists()
