"""Quotients and means of measures, where what is undefined is NaN."""

from __future__ import annotations

from math import isnan


def ratio(part: float, whole: float) -> float:
    """Divide; a part of nothing is undefined."""
    return part / whole if whole else float("nan")


def mean_of_defined(*measures: float) -> float:
    """Average those that are defined; undefined when none is."""
    defined = [measure for measure in measures if not isnan(measure)]
    return ratio(sum(defined), len(defined))
