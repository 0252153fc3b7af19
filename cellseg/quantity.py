"""Quantities as a person says them: `1 movie`, `40 seconds`, `85 kB`."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """Say how many there are of something.

    Parameters
    ----------
    number : int
    noun : str
        Of one, such as `movie`.

    Returns
    -------
    str
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def duration(seconds: float) -> str:
    """Say how long something takes, in the unit that suits it.

    Parameters
    ----------
    seconds : float

    Returns
    -------
    str
    """
    if seconds < 90:
        return counted(max(1, round(seconds)), "second")
    if seconds < 90 * 60:
        return counted(round(seconds / 60), "minute")
    return f"{_two_digits(seconds / 3600)} hours"


def disk_space(size: float) -> str:
    """Say how much disk something takes.

    Parameters
    ----------
    size : float
        Bytes.

    Returns
    -------
    str
    """
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 1000:
            return f"{_two_digits(size)} {unit}"
    return f"{_two_digits(size / 1000)} TB"


def _two_digits(value: float) -> str:
    return f"{value:.1f}" if value < 10 else f"{value:.0f}"
