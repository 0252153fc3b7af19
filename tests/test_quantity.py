"""Quantities in words."""

import pytest

from cellseg.quantity import counted, disk_space, duration


@pytest.mark.parametrize("number, said", [(0, "0 movies"), (1, "1 movie"), (2, "2 movies")])
def test_one_of_something_has_no_s(number, said):
    assert counted(number, "movie") == said


@pytest.mark.parametrize(
    "seconds, said",
    [
        *((0, "1 second"), (39.6, "40 seconds"), (89, "89 seconds"), (91, "2 minutes")),
        *((5000, "83 minutes"), (5400, "1.5 hours"), (90_000, "25 hours")),
    ],
)
def test_times_are_in_the_unit_that_suits_them(seconds, said):
    assert duration(seconds) == said


@pytest.mark.parametrize(
    "size, said",
    [(0, "0.0 kB"), (5_900, "5.9 kB"), (85_000, "85 kB"), (48.3e9, "48 GB"), (1.2e12, "1.2 TB")],
)
def test_sizes_are_in_the_unit_that_suits_them(size, said):
    assert disk_space(size) == said
