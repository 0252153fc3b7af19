"""A file is there whole, or as it was."""

import pytest

from cellseg.whole_file import write_whole


def test_a_file_is_replaced(tmp_path):
    write_whole(tmp_path / "a.txt", "one\n")
    write_whole(tmp_path / "a.txt", "two\n")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.txt", b"two\n")]


def test_one_that_cannot_be_written_is_named_and_leaves_nothing(tmp_path):
    taken = tmp_path / "a.txt"
    taken.mkdir()
    with pytest.raises(OSError) as caught:
        write_whole(taken, "text")
    assert (caught.value.filename, caught.value.filename2) == (str(taken), None)
    assert list(tmp_path.iterdir()) == [taken]
