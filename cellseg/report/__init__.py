"""One HTML page about a result: the movie, its lineages, plots, doubtful places, scores, the run.

The page opens without a network; it is made without torch, and of results of any program in the challenge's
layout.
"""

from cellseg.report.doubtful import Doubt, find_certainty_doubts, find_doubts, find_run_doubts
from cellseg.report.index import IndexRow, render_index
from cellseg.report.outlines import Outlines, outline
from cellseg.report.summary import Summary, read_summary
from cellseg.report.table import ObjectTable
from cellseg.report.write import write_report

__all__ = [
    "Doubt",
    "IndexRow",
    "ObjectTable",
    "Outlines",
    "Summary",
    "find_certainty_doubts",
    "find_doubts",
    "find_run_doubts",
    "outline",
    "read_summary",
    "render_index",
    "write_report",
]
