"""The tiny model and movie of the end-to-end tests, and processes that start at once."""

from e2e.conftest import model, movie, quick  # noqa: F401
