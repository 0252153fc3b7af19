"""The challenge's datasets: their conditions of use, and how to get them."""

from cellseg.ctc.datasets.conditions import CONDITIONS, SITE, archive_url
from cellseg.ctc.datasets.download import download, remote_size
from cellseg.ctc.datasets.fetch import fetch
from cellseg.ctc.datasets.unpack import DamagedArchive, unpack

__all__ = [
    "CONDITIONS",
    "SITE",
    "DamagedArchive",
    "archive_url",
    "download",
    "fetch",
    "remote_size",
    "unpack",
]
