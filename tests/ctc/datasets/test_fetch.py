"""From the name of a dataset to its folder, over bad lines and from local archives."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from bad_site import NAME, dataset, zipped

from cellseg.ctc.datasets import CONDITIONS, DamagedArchive, archive_url, fetch
from cellseg.errors import CellsegError

CHECKOUT = Path(__file__).resolve().parents[3]


def assert_fetched(data, content, beside=()):
    """The dataset is there, whole, with the checksum of its archive and nothing left of the work."""
    for path, expected in dataset().items():
        assert (data / path).read_bytes() == expected
    assert {path.name for path in data.iterdir()} == {NAME, f"{NAME}.zip.sha256", *beside}
    record = (data / f"{NAME}.zip.sha256").read_text()
    assert record == f"{hashlib.sha256(content).hexdigest()}  {NAME}.zip\n"


def test_addresses():
    assert archive_url("Fluo-N2DH-SIM+") == (
        "http://data.celltrackingchallenge.net/training-datasets/Fluo-N2DH-SIM+.zip"
    )
    assert archive_url("A-B", test=True, site="https://here/") == "https://here/test-datasets/A-B.zip"


def test_fetched_and_left_alone_afterwards(site, archive, tmp_path):
    said = []
    data = tmp_path / "new" / "data"
    assert fetch(NAME, data, site=site.url, say=said.append) == data / NAME
    assert_fetched(data, archive)
    assert said == []
    assert fetch(NAME, data, site=site.url, say=said.append) == data / NAME
    assert len(site.requests) == 1
    assert "there already" in said[0]


def test_a_damaged_archive_is_fetched_once_more(site, archive, tmp_path):
    site.faults = [site.corrupted]
    said = []
    fetch(NAME, tmp_path, site=site.url, say=said.append)
    assert_fetched(tmp_path, archive)
    assert "fetching it anew" in said[0]


def test_twice_damaged_is_an_error_that_leaves_nothing(site, archive, tmp_path):
    site.faults = [site.corrupted, site.corrupted]
    with pytest.raises(DamagedArchive):
        fetch(NAME, tmp_path, site=site.url)
    assert list(tmp_path.iterdir()) == []
    assert len(site.requests) == 2


def test_a_line_that_truncates(site, archive, tmp_path):
    site.faults = [site.truncated]
    said = []
    fetch(NAME, tmp_path, site=site.url, say=said.append)
    assert_fetched(tmp_path, archive)
    assert len(said) == 1
    assert site.ranges_asked()[1].startswith("bytes=")


def test_interrupted_while_unpacking(site, archive, tmp_path):
    def interrupt(step):
        def progress(done, total):
            if step == "unpacking" and done > 50_000:
                raise KeyboardInterrupt

        return progress

    with pytest.raises(KeyboardInterrupt):
        fetch(NAME, tmp_path, site=site.url, progress=interrupt)
    assert not (tmp_path / NAME).exists()
    fetch(NAME, tmp_path, site=site.url)
    assert_fetched(tmp_path, archive)
    assert len(site.requests) == 1


def test_the_challenges_own_sequences(site, archive, tmp_path):
    site.files[f"/test-datasets/{NAME}.zip"] = archive
    fetch(NAME, tmp_path, site=site.url, test=True)
    assert (tmp_path / f"{NAME}-test.zip.sha256").exists()
    with pytest.raises(CellsegError, match="exists already"):
        fetch(NAME, tmp_path, site=site.url)


def test_a_local_archive(tmp_path):
    content = zipped(dataset().items())
    (tmp_path / "mine.zip").write_bytes(content)
    fetch(NAME, tmp_path, archive=tmp_path / "mine.zip")
    assert_fetched(tmp_path, content, ["mine.zip"])


@pytest.mark.parametrize("damage", ["missing", "no zip", "climbing"])
def test_a_local_archive_that_is_none(tmp_path, damage):
    mine = tmp_path / "mine.zip"
    if damage != "missing":
        mine.write_bytes(b"no zip" if damage == "no zip" else zipped([(f"{NAME}/../../evil", b"")]))
    with pytest.raises((CellsegError, FileNotFoundError)):
        fetch(NAME, tmp_path / "data", archive=mine)
    assert not list((tmp_path / "data").iterdir())
    assert mine.exists() == (damage != "missing")


def test_a_known_checksum_is_held_to(site, archive, tmp_path):
    record = tmp_path / f"{NAME}.zip.sha256"
    record.write_text(f"{hashlib.sha256(archive).hexdigest().upper()}  {NAME}.zip\n")
    fetch(NAME, tmp_path, site=site.url)
    assert_fetched(tmp_path, archive)


def test_another_checksum_is_an_error(site, archive, tmp_path):
    record = tmp_path / f"{NAME}.zip.sha256"
    record.write_text("0" * 64)
    with pytest.raises(CellsegError, match="not the checksum") as caught:
        fetch(NAME, tmp_path, site=site.url)
    assert str(record) in caught.value.remedy
    assert [path.name for path in tmp_path.iterdir()] == [record.name]
    assert record.read_text() == "0" * 64


def test_a_folder_from_elsewhere_is_not_touched(site, archive, tmp_path):
    (tmp_path / NAME).mkdir()
    with pytest.raises(CellsegError, match="exists already"):
        fetch(NAME, tmp_path, site=site.url)
    assert site.requests == []


@pytest.mark.parametrize("name", ["..", "a/b", "C:", "", "DIC", "DIC-C2DH-HeLa/../x", "-a-b", "a-b.zip"])
def test_what_is_no_name(tmp_path, name):
    with pytest.raises(CellsegError, match="not the name"):
        fetch(name, tmp_path)


def test_a_dataset_that_is_not_there(site, tmp_path):
    with pytest.raises(CellsegError, match="404"):
        fetch(NAME, tmp_path, site=site.url)


def run(*arguments, stdin=""):
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=100, input=stdin, encoding="utf-8")


def test_the_verb_shows_the_conditions_first(site, archive, tmp_path):
    asked = run("-m", "cellseg", "datasets", "fetch", NAME, "--data", tmp_path, "--site", site.url)
    assert asked.returncode == 1
    assert asked.stdout.startswith(CONDITIONS)
    assert "--accept-terms" in asked.stderr
    assert site.requests == []

    site.faults = [site.truncated]
    options = ("--data", tmp_path, "--site", site.url, "--accept-terms")
    done = run("-m", "cellseg", "datasets", "fetch", NAME, *options)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(CONDITIONS)
    assert done.stdout.endswith(f"{tmp_path / NAME / '01'}: 3 images\n")
    assert "trying again" in done.stderr
    assert_fetched(tmp_path, archive)


def test_the_verb_lists_names_and_sizes(site):
    site.files["/training-datasets/DIC-C2DH-HeLa.zip"] = b"\0" * 2_400_000
    listed = run("-m", "cellseg", "datasets", "list", "--site", site.url)
    assert listed.returncode == 0, listed.stderr
    assert listed.stdout.startswith(CONDITIONS)
    rows = listed.stdout.removeprefix(CONDITIONS).strip().splitlines()
    shown = {row.split()[0]: row for row in rows}
    assert set(shown) == {path.stem for path in (CHECKOUT / "configs").glob("*.yaml")}
    assert "  2 MB  512 x 512 " in shown["DIC-C2DH-HeLa"]
    assert "size unknown" in shown["Fluo-N2DL-HeLa"]


def test_the_script_fetches_several_and_goes_on_after_a_failure(site, archive, tmp_path):
    script = CHECKOUT / "data_scripts" / "fetch_ctc.py"
    asked = run(script, NAME, "--data", tmp_path, "--site", site.url)
    assert asked.returncode == 1
    assert asked.stdout.startswith(CONDITIONS)
    assert site.requests == []
    done = run(script, "DIC-Not-There", NAME, "--data", tmp_path, "--site", site.url, "--accept-terms")
    assert done.returncode == 1
    assert "404" in done.stderr
    assert_fetched(tmp_path, archive)
