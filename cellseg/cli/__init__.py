"""The command line: `cellseg VERB ...`, one file per verb; thin: parse, call, print.

Verb files import what is heavy inside the verb, so that `cellseg --help` answers at once.
"""

from __future__ import annotations

import os
import sys
import threading
import traceback
from typing import Annotated, NoReturn

import typer

from cellseg import __version__
from cellseg.ahead import NAME as WORKER
from cellseg.cli.demo import demo
from cellseg.cli.evaluate import evaluate
from cellseg.cli.infer import infer
from cellseg.cli.models import models_app
from cellseg.cli.simulate import simulate
from cellseg.cli.train import train
from cellseg.cli.validate import validate
from cellseg.errors import CellsegError

__all__ = ["app", "main"]

INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 + SIGINT."""

app = typer.Typer(
    help="Segment and track cells in 2-D time-lapse microscopy.",
    epilog="First steps: cellseg demo; then cellseg infer --help.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"max_content_width": 100},
)
app.command(short_help="See it work, on a simulated movie.")(demo)
app.command(short_help="Segment and track the cells of a movie.")(infer)
app.command(short_help="Score a result against a ground truth.")(evaluate)
app.command(short_help="Check a result against the rules of the challenge.")(validate)
app.command(short_help="Train a model on movies with ground truth.")(train)
app.command(short_help="Make a synthetic movie with exact ground truth.")(simulate)
app.add_typer(models_app, name="models")


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"cellseg {__version__}")
        raise typer.Exit


@app.callback()
def _options_of_all_verbs(
    # Both are dealt with before any verb runs; they are declared so that the help names them.
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command in `sys.argv` and exit: 0 done, 1 the work failed, 2 wrong usage, 130 interrupted."""
    # Taken out here and not by the parser, so that it may stand before or after the verb.
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    debug = len(arguments) < len(sys.argv) - 1
    try:
        app(arguments, prog_name="cellseg")
    except CellsegError as error:
        _fail(str(error), debug)
    except SystemExit as stop:
        if stop.code == INTERRUPTED:
            print("cellseg: interrupted", file=sys.stderr, flush=True)
            if any(thread.name == WORKER for thread in threading.enumerate()):
                # Interrupted again while a thread was still at its last step: it must not outlive Python.
                os._exit(INTERRUPTED)
        raise
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        reason = error.strerror or str(error)
        _fail(f"{where}{reason}\n  Check the path, the permissions and the free space there.", debug)
    except Exception as error:
        _fail(f"unexpected error: {type(error).__name__}: {error}; run again with --debug", debug)


def _fail(message: str, debug: bool) -> NoReturn:
    if debug:
        traceback.print_exc()
    print(f"cellseg: {message}", file=sys.stderr)
    sys.exit(1)
