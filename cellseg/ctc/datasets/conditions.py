"""The challenge's conditions of use, and where its datasets are."""

from __future__ import annotations

CONDITIONS = """\
The datasets of the Cell Tracking Challenge belong to their providers. Conditions of use, in our words;
what holds is the text at http://celltrackingchallenge.net/datasets/

1. In any publication, cite the challenge (Maska et al., Nature Methods 20, 1010-1020, 2023,
   doi:10.1038/s41592-023-01879-y) and name it as the source of the data.
2. Use for the challenge itself needs no one's permission.
3. Other public scientific use needs the permission of the providers of the dataset.
4. Commercial use needs the permission of the organizers and of the providers.
5. Do not pass the data on.
"""

SITE = "http://data.celltrackingchallenge.net"


def archive_url(name: str, *, test: bool = False, site: str = SITE) -> str:
    """Say where the archive of a dataset is.

    Parameters
    ----------
    name : str
        Of the dataset, such as `Fluo-N2DH-SIM+`.
    test : bool
        The challenge's own sequences, without ground truth, instead of those for training.
    site : str
        Address of the challenge's data, or of a mirror.

    Returns
    -------
    str
    """
    folder = "test-datasets" if test else "training-datasets"
    return f"{site.rstrip('/')}/{folder}/{name}.zip"
