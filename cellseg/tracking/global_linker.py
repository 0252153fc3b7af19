"""The linker: one optimum over all that may have happened in a movie, on its tables alone.

Every cell has one origin (the same cell before, or its mother) and one future (the same cell after, or two
daughters), or none: it appeared or disappeared. The gain of an event is how much likelier it is than that.
The optimum is the set of events of largest total gain in which no origin and no future is used twice: a flow
of least cost through the movie, in which a mother sends two units on for one.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from cellseg.tracking.divisions import Claims, possible_divisions
from cellseg.tracking.events import Events
from cellseg.tracking.false_merges import Hidden
from cellseg.tracking.lasting import is_lasting
from cellseg.tracking.links import Links
from cellseg.tracking.moves import hidden_moves, possible_moves
from cellseg.tracking.movie import Movie
from cellseg.tracking.nodes import Indices, Nodes
from cellseg.tracking.packing import best_packing

_WINDOW = 20_000
"""Nodes that are decided on together, in whole frames ..."""
_MARGIN = 8
"""... and frames behind them that have a say in it, but are decided on with the next ones: at least so many,
and ..."""
_MARGIN_PER_GAP = 4
"""... so many for each frame that a cell may be missing, for the rivals of a long event come much later."""
_REACH = 8
"""Where an event is taken back, the choice may change so many events away: each meets the next."""
_USUAL_SHARE = 0.02
"""Of objects in mid-field that appear from nowhere, where the weights of the events hold as they are ..."""
_USUAL_COUNT = 20
"""... which counts like the share among so many objects, beside what is measured."""
_MOST_SURPLUS = 2.5
"""Logarithm of how much rarer than usual it may be."""
_HOPELESS = 12.0
"""Events that gain so much less than what they exclude are not looked at."""


def link_globally(movie: Movie, hidden: Hidden, max_gap: int, min_track_length: int) -> Links:
    """Choose the likeliest set of events.

    Parameters
    ----------
    movie : Movie
    hidden : Hidden
        Pairs of nodes that may be one cell, hidden in a merger between.
    max_gap : int
        Most frames in a row in which a cell, or both daughters of one, may be missing.
    min_track_length : int
        Least life in frames of a daughter that ends in the field.

    Returns
    -------
    Links
    """
    windows = list(_windows(movie.nodes.frame))
    events = _possible_events(movie, hidden, windows, max_gap)
    choice = _Choice(movie.nodes, events, windows, max_gap)
    gain = events.gain + _surplus(movie, events, choice)
    chosen = choice.best(gain)
    while True:
        happened = events.take(chosen)
        links = _links(len(movie.nodes), happened)
        brief = chosen[~is_lasting(movie, links, happened, min_track_length)]
        if len(brief) == 0:
            return links
        gain[brief] = -np.inf
        chosen = choice.without(brief, chosen, gain)


def _windows(frame: Indices) -> Iterator[slice]:
    """Cut nodes, which are in order of frame, into runs of whole frames."""
    start = 0
    while start < len(frame):
        last = frame[min(start + _WINDOW, len(frame)) - 1]
        stop = int(np.searchsorted(frame, last, side="right"))
        yield slice(start, stop)
        start = stop


def _possible_events(movie: Movie, hidden: Hidden, windows: list[slice], max_gap: int) -> Events:
    """List what may have happened, in order of the source."""
    # What gains less than nothing may do so with the surplus of an origin and a future.
    moves = [hidden_moves(movie, hidden)]
    for window in windows:
        found = possible_moves(movie, window, max_gap, -2 * _MOST_SURPLUS)
        moves.append(found.without_hopeless(_HOPELESS))
    known = Events.join(moves)
    claims = Claims.of_moves(known, len(movie.nodes))
    divisions = [
        possible_divisions(movie, claims, window, max_gap + 1, -3 * _MOST_SURPLUS) for window in windows
    ]
    events = Events.join([known, *divisions]).without_hopeless(_HOPELESS)
    return events.take(np.argsort(events.source, kind="stable"))


def _surplus(movie: Movie, events: Events, choice: _Choice) -> NDArray[np.float64]:
    """Measure what each event gains more where objects without origin or future are rarer than usual.

    The better the masks, the fewer are found, in a first choice in which divisions have the advantage. At the
    border there are always some.
    """
    frame, in_field = movie.nodes.frame, ~movie.at_border
    divides = events.is_division & in_field[events.first] & in_field[events.second]
    happened = events.take(choice.best(events.gain + _MOST_SURPLUS * divides))
    no_future, no_origin = np.ones((2, len(frame)), bool)
    no_future[happened.source] = False
    no_origin[happened.first] = no_origin[happened.second[happened.is_division]] = False
    of_future = _rarity(no_future[in_field & (frame < frame.max())])
    of_origin = _rarity(no_origin[in_field & (frame > frame.min())])
    second = events.is_division & in_field[events.second]
    return of_future * in_field[events.source] + of_origin * (1.0 * in_field[events.first] + second)


def _rarity(missing: NDArray[np.bool_]) -> float:
    """Logarithm of the usual share over the one that is found, as far as it is below."""
    share = (np.count_nonzero(missing) + _USUAL_SHARE * _USUAL_COUNT) / (len(missing) + _USUAL_COUNT)
    return float(np.clip(np.log(_USUAL_SHARE / share), 0, _MOST_SURPLUS))


class _Choice:
    """The choice of the best events, window by window; each goes by what the ones before have decided.

    Parameters
    ----------
    nodes : Nodes
    events : Events
        In order of the source.
    windows : list of slice
        Runs of nodes whose events are decided on together.
    max_gap : int
        Most frames in a row in which a cell may be missing.
    """

    def __init__(self, nodes: Nodes, events: Events, windows: list[slice], max_gap: int) -> None:
        self._places = 2 * len(nodes)
        # Futures have even numbers and origins odd ones, so that those of a window are close to each other.
        self._parties = np.stack(
            [2 * events.source, 2 * events.first + 1, np.where(events.is_division, 2 * events.second + 1, -1)]
        )
        margin = max(_MARGIN, _MARGIN_PER_GAP * max_gap)
        self._spans = []
        for window in windows:
            beyond = np.searchsorted(nodes.frame, nodes.frame[window.stop - 1] + margin, side="right")
            start, stop, end = np.searchsorted(events.source, [window.start, window.stop, beyond]).tolist()
            self._spans.append((start, stop, end))

    def best(self, gain: NDArray[np.float64], settled: Indices | None = None) -> Indices:
        """Choose the events of largest total gain.

        Parameters
        ----------
        gain : numpy.ndarray, (n,) float64
        settled : numpy.ndarray, (m,) int64, optional
            Numbers of events that are chosen already.

        Returns
        -------
        numpy.ndarray, (k,) int64
            Numbers of the events, ascending.
        """
        chosen = [np.zeros(0, np.int64) if settled is None else settled]
        taken = self._of(chosen[0])
        for start, stop, end in self._spans:
            seen = start + np.flatnonzero(gain[start:end] > 0)
            free = seen[~taken[self._parties[:, seen]].any(axis=0)]
            won = free[best_packing(self._parties[:, free].T, gain[free])]
            won = won[won < stop]
            taken |= self._of(won)
            chosen.append(won)
        return np.sort(np.concatenate(chosen))

    def without(self, lost: Indices, chosen: Indices, gain: NDArray[np.float64]) -> Indices:
        """Choose anew around some of the chosen events.

        Parameters
        ----------
        lost, chosen : numpy.ndarray, (m,) and (k,) int64
            Numbers of events.
        gain : numpy.ndarray, (n,) float64
            Nothing for those that are lost.

        Returns
        -------
        numpy.ndarray, (j,) int64
            Numbers of the events, ascending.
        """
        near = self._of(lost)
        for _ in range(_REACH):
            near |= self._of(np.flatnonzero(near[self._parties].any(axis=0) & (gain > 0)))
        near[-1] = True
        inside = near[self._parties].all(axis=0)
        return self.best(np.where(inside, gain, 0), chosen[~inside[chosen]])

    def _of(self, events: Indices) -> NDArray[np.bool_]:
        """Mark the parties of some events."""
        # One more place, for -1.
        marked = np.zeros(self._places + 1, bool)
        marked[self._parties[:, events]] = True
        marked[-1] = False
        return marked


def _links(count: int, happened: Events) -> Links:
    links = Links(count)
    moves, divisions = happened.take(~happened.is_division), happened.take(happened.is_division)
    links.join(moves.source, moves.first)
    links.divide(divisions.source, divisions.first, divisions.second)
    return links
