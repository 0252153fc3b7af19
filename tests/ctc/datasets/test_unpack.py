"""Archives from elsewhere: what is honest is unpacked, what is not leaves nothing behind."""

import shutil
import stat
import struct
import zipfile
from contextlib import suppress

import pytest
from bad_site import zipped

from cellseg.ctc.datasets import DamagedArchive, unpack
from cellseg.errors import CellsegError


@pytest.fixture
def attempt(tmp_path):
    """Unpack entries into tmp_path/data/TOP; whatever happens, nothing may appear anywhere else."""

    def attempt(entries):
        archive = tmp_path / "archive.zip"
        archive.write_bytes(entries if isinstance(entries, bytes) else zipped(entries))
        (tmp_path / "data").mkdir(exist_ok=True)
        try:
            unpack(archive, "TOP", tmp_path / "data" / "TOP")
        finally:
            assert {path.name for path in tmp_path.iterdir()} == {"archive.zip", "data"}
            assert {path.name for path in (tmp_path / "data").iterdir()} <= {"TOP"}
        return tmp_path / "data" / "TOP"

    return attempt


def tree(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_an_honest_archive(attempt):
    folder = attempt(
        [
            ("TOP/", b""),
            ("TOP/01/t000.tif", b"a"),
            ("TOP/01_GT/TRA/man_track.txt", b""),
            ("__MACOSX/TOP/._01", b"x"),
            ("TOP/.DS_Store", b"x"),
        ]
    )
    assert tree(folder) == {"01/t000.tif": b"a", "01_GT/TRA/man_track.txt": b""}


def test_progress_counts_bytes(tmp_path):
    (tmp_path / "archive.zip").write_bytes(zipped([("TOP/a", b"12"), ("TOP/b", b"345")]))
    told = []
    unpack(tmp_path / "archive.zip", "TOP", tmp_path / "TOP", progress=lambda *now: told.append(now))
    assert told == [(2, 5), (5, 5)]


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "TOP/../../evil",
        "TOP/01/../../../evil",
        "/evil",
        "/TOP/evil",
        "TOP\\..\\evil",
        "C:/evil",
        "TOP/C:evil",
        "other/evil",
        "evil",
        "..",
    ],
)
def test_entries_that_would_land_elsewhere(attempt, name, tmp_path):
    with pytest.raises(CellsegError, match="entry") as caught:
        attempt([("TOP/good", b""), (name, b"x")])
    assert not isinstance(caught.value, DamagedArchive)
    assert not (tmp_path / "data" / "TOP").exists()
    assert not list(tmp_path.parent.glob("evil*"))


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices(attempt, kind):
    link = zipfile.ZipInfo("TOP/link")
    link.create_system = 3
    link.external_attr = (kind | 0o777) << 16
    with pytest.raises(CellsegError, match="link or a device"):
        attempt([(link, b"/etc/passwd"), ("TOP/link/evil", b"x")])


def test_names_that_differ_in_case(attempt):
    with pytest.raises(CellsegError, match="twice"):
        attempt([("TOP/a", b"1"), ("TOP/A", b"2")])


def test_a_file_and_a_folder_of_one_name(attempt, tmp_path):
    with pytest.raises(OSError):
        attempt([("TOP/a", b"1"), ("TOP/a/b", b"2")])
    assert not (tmp_path / "data" / "TOP").exists()


@pytest.mark.parametrize("content", [b"", b"no zip file", b"<html>Please sign in</html>"])
def test_what_is_no_archive(attempt, content):
    with pytest.raises(DamagedArchive):
        attempt(content)


def test_no_folder_of_that_name(attempt):
    with pytest.raises(CellsegError, match="holds no folder TOP"):
        attempt([("TOP/", b""), ("__MACOSX/x", b"")])


def test_every_damaged_byte_of_a_file_is_noticed(attempt, tmp_path):
    content = bytes(range(200))
    whole = zipped([("TOP/a", content)])
    start = whole.index(b"TOP/a") + len(b"TOP/a")
    noticed = 0
    for position in range(start, start + 100, 7):
        damaged = bytearray(whole)
        damaged[position] ^= 0x10
        with suppress(DamagedArchive):
            # Some bits of a deflate stream mean nothing.
            assert tree(attempt(bytes(damaged))) == {"a": content}
            shutil.rmtree(tmp_path / "data" / "TOP")
            continue
        assert not (tmp_path / "data" / "TOP").exists()
        noticed += 1
    assert noticed > 10


def test_more_than_declared_is_not_unpacked(attempt):
    """A bomb that says it holds 10 bytes does not get to write its million."""
    content = b"\0" * 1_000_000
    bomb = zipped([("TOP/a", content)]).replace(struct.pack("<L", len(content)), struct.pack("<L", 10))
    with pytest.raises(DamagedArchive):
        attempt(bomb)


def test_overlapping_entries(attempt):
    """One compressed stream that several entries of the directory point at."""
    one = zipped([("TOP/a", bytes(range(256)) * 40)])
    end = one.rindex(b"PK\5\6")
    begin = one.rindex(b"PK\1\2")
    entry = one[begin:end]
    others = b"".join(entry.replace(b"TOP/a", b"TOP/" + bytes([letter])) for letter in b"bcdefghijkl")
    count, size = 12, len(entry) + len(others)
    tail = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, size, begin, 0)
    with pytest.raises(CellsegError, match="overlap"):
        attempt(one[:end] + others + tail)


def test_no_room(attempt, monkeypatch):
    usage = shutil.disk_usage(".")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=9))
    with pytest.raises(CellsegError, match="no room for the 10 bytes"):
        attempt([("TOP/a", b"0123456789")])


def test_encrypted_entries(attempt):
    content = zipped([("TOP/a", b"x" * 50)])
    begin = content.rindex(b"PK\1\2")
    with pytest.raises(CellsegError, match="encrypted"):
        attempt(content[: begin + 8] + b"\1" + content[begin + 9 :])


def test_an_unknown_compression(attempt):
    content = bytearray(zipped([("TOP/a", b"x" * 50)]))
    content[8] = content[content.rindex(b"PK\1\2") + 10] = 9
    with pytest.raises(CellsegError, match="Python cannot read") as caught:
        attempt(bytes(content))
    assert not isinstance(caught.value, DamagedArchive)
