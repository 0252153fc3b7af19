"""Which divisions stand the test of what comes later."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cellseg.tracking.events import Events
from cellseg.tracking.links import Links
from cellseg.tracking.movie import Movie

_LONGEST_PIECE = 10
"""Life in frames up to which what ends inside its sister was a piece of her (Payer et al. 2019)."""


def is_lasting(movie: Movie, links: Links, events: Events, min_track_length: int) -> NDArray[np.bool_]:
    """Tell whether both daughters live on, and neither soon ends inside the other.

    Parameters
    ----------
    movie : Movie
    links : Links
        What has become of the daughters.
    events : Events
        What has happened.
    min_track_length : int
        Least life in frames of a daughter that ends in the field.

    Returns
    -------
    numpy.ndarray, (n,) bool
        True for moves, too.
    """
    nodes, last = movie.nodes, links.lasts
    ends = links.childless[last] & (nodes.frame[last] < nodes.frame.max()) & ~movie.at_border[last]
    life = nodes.frame[last] - nodes.frame + 1
    swallower = movie.overlap.heirs(nodes.area)[last]
    lasting = np.ones(len(events), bool)
    for daughter, sister in ((events.first, events.second), (events.second, events.first)):
        swallowed = (swallower[daughter] >= 0) & (last[swallower[daughter]] == last[sister])
        brief = life[daughter] < min_track_length
        brief |= swallowed & (life[daughter] <= _LONGEST_PIECE)
        lasting &= ~(ends[daughter] & brief)
    return lasting | ~events.is_division
