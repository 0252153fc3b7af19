# Everything from a fresh clone, with make and Python 3.11 or newer: `make demo`, `make test`.
# The environment is .venv; an install runs again only when the pins or the requirements change.

PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
REQUIREMENTS := pyproject.toml constraints.txt

.PHONY: help demo test test-extras lint docs clean

help:
	@echo "make demo          simulate a movie, segment and track it, print the score"
	@echo "make test          run the tests of the program"
	@echo "make test-extras   run the tests that need an optional extra"
	@echo "make lint          ruff and mypy"
	@echo "make docs          build the documentation into site/"
	@echo "make clean         remove the environment and what was built"

demo: $(VENV)/.core
	$(BIN)/cellseg demo

test: $(VENV)/.test
	$(BIN)/python -m pytest --ignore=tests/extras

test-extras: $(VENV)/.extras
	$(BIN)/python -m pytest tests/extras

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(VENV)/.extras
	$(BIN)/mkdocs build --strict

clean:
	rm -rf $(VENV) build dist site .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(BIN)/python:
	$(if $(PYTHON),,$(error cellseg needs Python 3.11 or newer: install one, or name it with PYTHON=/path/to/python))
	$(PYTHON) -m venv $(VENV)

$(VENV)/.test: EXTRAS := [test,dev]
$(VENV)/.extras: EXTRAS := [test,docs,tensorflow,export,formats,video,cluster,browser,interop,napari,qt]
$(VENV)/.core $(VENV)/.test $(VENV)/.extras: $(REQUIREMENTS) | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".$(EXTRAS)"
	touch $@
