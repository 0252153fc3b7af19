"""Masks are given: who links them best? Ours and others on the same movies.

| file | is |
|---|---|
| `movie.py` | a movie of masks with its truth, and the tables of it |
| `real.py`, `simulated.py` | the silver truth of the challenge's datasets; scenes whose truth is exact |
| `corrupt.py` | what segmentation gets wrong: cells missed, merged, split, and debris |
| `big.py` | the tables of a movie too large for masks |
| `linker.py`, `linked.py` | what a linker is, and what it gives |
| `ours.py`, `by_laptrack.py`, `by_btrack.py`, `by_trackastra.py` | the linkers |
| `race.py`, `render.py` | the linkers on one movie: scores, time, memory; tables of them |
"""
