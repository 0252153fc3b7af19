"""Many movies: which there are, what is done of them, and processes or computers that do the rest.

The process that keeps account imports no torch; a movie is one job in a process of its own.
"""
