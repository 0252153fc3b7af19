"""Downloads over bad lines end with the right bytes, or with a reason."""

import hashlib
import shutil

import pytest

from cellseg.ctc.datasets import download, remote_size
from cellseg.errors import CellsegError

CONTENT = b"".join(hashlib.sha256(bytes([i // 256, i % 256])).digest() for i in range(9_000))


@pytest.fixture
def get(site, tmp_path):
    """Download CONTENT, in a hurry; return what arrived and what was said."""
    site.files["/file.zip"] = CONTENT

    def get(**options):
        said = []
        options = {"timeout": 0.3, "pause": 0.01, "say": said.append, **options}
        download(f"{site.url}/file.zip", tmp_path / "file.zip", **options)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["file.zip"]
        return (tmp_path / "file.zip").read_bytes(), said

    return get


def test_a_good_line(get, site):
    told = []
    assert get(progress=lambda *told_now: told.append(told_now)) == (CONTENT, [])
    assert told[0] == (0, len(CONTENT))
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert told == sorted(told)
    assert site.ranges_asked() == [None]


@pytest.mark.parametrize("fault", ["truncated", "stalling"])
def test_the_rest_is_asked_for(get, site, fault):
    broken = site.truncated if fault == "truncated" else site.stalling(2)
    site.faults = [broken, broken]
    content, said = get()
    assert content == CONTENT
    assert len(said) == 2
    half = len(CONTENT) // 2
    assert site.ranges_asked() == [None, f"bytes={half}-", f"bytes={half + (len(CONTENT) - half) // 2}-"]


def test_a_server_that_knows_no_parts(get, site):
    site.ranges = False
    site.faults = [site.truncated]
    assert get()[0] == CONTENT
    assert len(site.requests) == 2


def test_without_a_tag(get, site):
    site.etag = False
    site.faults = [site.truncated]
    assert get()[0] == CONTENT
    assert site.ranges_asked()[1] is not None


def test_without_a_length(get, site):
    site.length = False
    assert get()[0] == CONTENT


@pytest.mark.parametrize("code", [429, 500, 503])
def test_a_server_that_is_busy(get, site, code):
    site.faults = [code, code]
    content, said = get()
    assert content == CONTENT
    assert all(f"answers {code}" in message for message in said)


def test_a_refusal_is_final(get, site):
    site.faults = [403]
    with pytest.raises(CellsegError, match="answers 403") as caught:
        get()
    assert caught.value.remedy
    assert len(site.requests) == 1


def test_attempts_that_bring_nothing_are_counted(get, site, tmp_path):
    site.faults = [site.truncated] + [site.silent] * 3
    with pytest.raises(CellsegError, match="could not be fetched") as caught:
        get(attempts=3)
    assert "goes on where it stopped" in caught.value.remedy
    assert len(site.requests) == 1 + 2
    half = len(CONTENT) // 2
    assert (tmp_path / "file.zip.part").read_bytes() == CONTENT[:half]
    site.faults = []
    assert get()[0] == CONTENT
    assert site.ranges_asked()[-1] == f"bytes={half}-"


def test_progress_on_a_bad_line_is_no_failure(get, site):
    site.faults = [site.truncated] * 6
    assert get(attempts=2)[0] == CONTENT
    assert len(site.requests) == 7


def interrupted(get, site):
    site.faults = [site.truncated, site.silent]
    with pytest.raises(CellsegError):
        get(attempts=1)
    site.faults, site.requests = [], []


def test_a_file_that_changed_meanwhile_is_fetched_anew(get, site):
    interrupted(get, site)
    site.files["/file.zip"] = CONTENT[::-1]
    assert get()[0] == CONTENT[::-1]
    assert len(site.requests) == 1


@pytest.mark.parametrize("etag", [True, False])
def test_a_file_that_shrank_meanwhile_is_fetched_anew(get, site, etag):
    interrupted(get, site)
    site.etag = etag
    site.files["/file.zip"] = CONTENT[:100]
    assert get()[0] == CONTENT[:100]


def test_a_part_of_another_file_is_not_continued(get, site, tmp_path):
    interrupted(get, site)
    site.files["/other.zip"] = CONTENT[::-1]
    download(f"{site.url}/other.zip", tmp_path / "file.zip")
    assert (tmp_path / "file.zip").read_bytes() == CONTENT[::-1]
    assert site.ranges_asked() == [None]


@pytest.mark.parametrize("about", [None, "", "[]", "{}"])
def test_a_part_of_unknown_origin_is_not_continued(get, site, tmp_path, about):
    (tmp_path / "file.zip.part").write_bytes(b"what is this")
    if about is not None:
        (tmp_path / "file.zip.part.json").write_text(about)
    assert get()[0] == CONTENT
    assert site.ranges_asked() == [None]


def test_stopped_between_the_last_byte_and_the_end(get, site, tmp_path):
    interrupted(get, site)
    (tmp_path / "file.zip.part").write_bytes(CONTENT)
    assert get()[0] == CONTENT
    assert site.requests == []


def test_nobody_there(tmp_path, site):
    site.server.server_close()
    with pytest.raises(CellsegError, match="cannot be reached"):
        download(f"{site.url}/file.zip", tmp_path / "file.zip", attempts=2, pause=0.01, timeout=0.3)
    assert remote_size(f"{site.url}/file.zip") is None


def test_other_addresses_are_refused(tmp_path):
    (tmp_path / "secret").write_text("mine")
    with pytest.raises(CellsegError, match="no http"):
        download((tmp_path / "secret").as_uri(), tmp_path / "file.zip")


def test_the_size_is_asked_for(site):
    site.files["/file.zip"] = CONTENT
    assert remote_size(f"{site.url}/file.zip") == len(CONTENT)
    assert remote_size(f"{site.url}/none.zip") is None


def test_a_full_disk_is_told_before(get, site, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=len(CONTENT) - 1))
    with pytest.raises(CellsegError, match="no room"):
        get()
