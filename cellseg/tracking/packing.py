"""The best set of events in which nobody takes part twice: exact, and fast where the choice is plain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csc_array
from scipy.sparse.csgraph import connected_components

from cellseg.tracking.nodes import Indices

_ROUNDS = 2
"""Of dividing what a row gains among its parties, before looking who is not content."""
_MANY = 0.05
"""Share of the rows from which on those that outweigh all of their rivals each alone are settled first ..."""
_FEW = 0.05
"""... and up to which those found to be certain are not worth another search among the rest."""
_FIRST_MARGIN = 1.0
"""Rows that fall short of their parties' prices by more are left out of the integer program at first."""
_TOLERANCE = 1e-6
_PRECISION = 1e-9


def best_packing(parties: Indices, gain: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Choose the rows of largest total gain so that no party takes part in two.

    Parameters
    ----------
    parties : numpy.ndarray, (n, k) int64
        Who takes part in each row; -1 is nobody, equal numbers in different columns are the same party.
    gain : numpy.ndarray, (n,) float64
        Rows that gain nothing are not chosen.

    Returns
    -------
    numpy.ndarray, (n,) bool

    Notes
    -----
    An integer linear program: maximise gain x, with every party at most once. Rows that are certainly in an
    optimum are chosen first and their rivals dropped, until few are left to find; of a linked movie, hardly
    anything is left. The relaxation of the rest is mostly integral (bipartite matching is, without
    divisions); HiGHS solves it. Where it is not, the integer program is solved for rows that are worth nearly
    the dual prices of their parties, and what meets them: no better solution has others than those that fall
    short by less than the one found does.
    """
    chosen = np.zeros(len(parties), bool)
    left, pays = np.flatnonzero(gain > 0), True
    while len(left):
        own = _numbered(parties[left])
        if not pays:
            chosen[left[_solve(own, gain[left])]] = True
            break
        certain = _certain(own, gain[left])
        chosen[left[certain]] = True
        pays = bool(certain.mean() > _FEW)
        # One more place, for -1.
        taken = np.zeros(int(own.max()) + 2, bool)
        taken[own[certain]] = True
        taken[-1] = False
        left = left[~taken[own.T].any(axis=0)]
    return chosen


def _numbered(parties: Indices) -> Indices:
    """Give the parties that are there the numbers 0, 1, ... in order."""
    nobody = parties < 0
    parties = np.where(nobody, -1, parties - parties[~nobody].min())
    # One more place, for -1.
    present = np.zeros(int(parties.max()) + 2, bool)
    present[parties[~nobody]] = True
    number = np.cumsum(present) - 1
    number[-1] = -1
    return np.asarray(number[parties])


def _certain(parties: Indices, gain: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Find disjoint rows that are together in an optimum.

    Give each of their parties a share of the gain. If no row that meets one of them gains more than the
    shares of all of its parties, then whatever an optimum contains of such rows can be exchanged for these
    without loss. Rows of which it is not so are left out.
    """
    columns = np.ascontiguousarray(parties.T)
    row, column = np.nonzero(parties >= 0)
    party = parties[row, column]
    order = np.argsort(party, kind="stable")
    row, party = row[order], party[order]
    starts = np.flatnonzero(np.diff(party, prepend=-1))
    size = np.bincount(row)
    # The rows that gain most for each of their parties; of equal ones, the earlier row.
    gain_of = gain[row]
    leads = gain_of == np.repeat(np.maximum.reduceat(gain_of, starts), np.diff(starts, append=len(row)))
    first = np.minimum.reduceat(np.where(leads, row, len(gain)), starts)
    certain: NDArray[np.bool_] = np.bincount(first, minlength=len(gain)) == size
    # One more place, for -1.
    share = np.zeros(len(starts) + 1)
    if (alone := certain & _outweighs(row, starts, certain, columns, gain)).sum() > _MANY * len(gain):
        return alone
    while certain.any():
        own, own_gain = columns[:, certain], gain[certain]
        rival = ~certain[row]
        for _ in range(_ROUNDS):
            # What rivals would give for each party, their other parties having had their shares.
            offer = gain_of - share[columns].sum(axis=0)[row] + share[party]
            best = np.maximum.reduceat(np.where(rival, offer, 0), starts).clip(min=0)
            asked = np.append(best, 0)[own]
            total = asked.sum(axis=0)
            share[own] = asked * (own_gain / np.maximum(total, own_gain))
            share[own] += (own_gain - total).clip(min=0) / size[certain]
            share[-1] = 0
        outbid = ~certain & (gain > share[columns].sum(axis=0) + _PRECISION)
        holder = np.full(len(share), -1, np.int64)
        holder[own] = np.flatnonzero(certain)
        holder[-1] = -1
        lost = np.zeros(len(gain) + 1, bool)
        lost[holder[columns[:, outbid]]] = True
        lost = np.flatnonzero(lost[:-1])
        if len(lost) == 0:
            break
        certain[lost] = False
        share[columns[:, lost]] = 0
    return certain


def _outweighs(
    row: Indices, starts: Indices, leading: NDArray[np.bool_], columns: Indices, gain: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Tell which rows gain at least what the best rivals for all of their parties gain together."""
    rivals = np.append(np.maximum.reduceat(np.where(leading[row], 0, gain[row]), starts), 0)
    return np.asarray(rivals[columns].sum(axis=0) <= gain)


def _solve(parties: Indices, gain: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Solve the linear program, and its integer version where rows come out in parts."""
    row, column = np.nonzero(parties >= 0)
    party = parties[row, column]
    once = csc_array((np.ones(len(row)), (party, row)), shape=(party.max() + 1, len(gain)))
    relaxed = linprog(-gain, once, np.ones(once.shape[0]), bounds=(0, None), method="highs")
    chosen = np.asarray(relaxed.x > 0.5)
    in_parts = np.abs(relaxed.x - chosen) > _TOLERANCE
    # One more place, for -1.
    price = np.append(-relaxed.ineqlin.marginals, 0)
    # A solution gains what all parties cost together, less what its rows fall short of their parties.
    short = price[parties.T].sum(axis=0) - gain
    margin, gap = 0.0, _FIRST_MARGIN if in_parts.any() else 0.0
    while gap > margin:
        margin = gap
        near = np.flatnonzero(short <= margin)
        _, group = connected_components(once[:, near].T @ once[:, near], directed=False)
        unclear = near[np.isin(group, group[in_parts[near]])]
        chosen[unclear] = _solve_integer(once[:, unclear], gain[unclear])
        gap = price.sum() - gain[chosen].sum() - _TOLERANCE
    return chosen


def _solve_integer(once: csc_array, gain: NDArray[np.float64]) -> NDArray[np.bool_]:
    found = milp(
        -gain,
        constraints=LinearConstraint(once, ub=1.0),
        integrality=np.ones(len(gain)),
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": 0.0},
    )
    return np.asarray(found.x > 0.5)
