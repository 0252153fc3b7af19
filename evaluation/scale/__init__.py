"""How fast a batch is, how that scales, and what follows for a facility: `evaluation/batch_speed.py`.

`finished.py`: a thousand movies that are done; `workers.py`: one and two workers; `render.py`: tables and
what is extrapolated from them, the part of `docs/scale.md` that is between its marks.
"""
