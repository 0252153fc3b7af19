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
from cellseg.cli.batch import batch
from cellseg.cli.datasets import datasets_app
from cellseg.cli.demo import demo
from cellseg.cli.doctor import doctor
from cellseg.cli.evaluate import evaluate
from cellseg.cli.export import export
from cellseg.cli.import_ import import_
from cellseg.cli.infer import infer
from cellseg.cli.interrupt import Interrupts
from cellseg.cli.link import link
from cellseg.cli.models import models_app
from cellseg.cli.preview import preview
from cellseg.cli.report import report
from cellseg.cli.simulate import simulate
from cellseg.cli.submit import submit
from cellseg.cli.train import train
from cellseg.cli.validate import validate
from cellseg.errors import CellsegError, UsageError

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
app.command(short_help="Look at three frames before a long run.")(preview)
app.command(short_help="Link the cells of masks that any program made.")(link)
app.command(short_help="Segment and track many movies.")(batch)
app.command(short_help="Score a result against a ground truth.")(evaluate)
app.command(short_help="Check a result against the rules of the challenge.")(validate)
app.command(short_help="Measure a result, or hand it to other programs.")(export)
app.command("import", short_help="Bring tracks corrected in other programs back.")(import_)
app.command(short_help="Make a package for the challenge.")(submit)
app.command(short_help="Train a model on movies with ground truth.")(train)
app.command(short_help="Make a synthetic movie with exact ground truth.")(simulate)
app.command(short_help="Make a page about a result: movie, lineages, plots, scores.")(report)
app.command(short_help="Check this computer, and say how to mend what is missing.")(doctor)
app.add_typer(models_app, name="models")
app.add_typer(datasets_app, name="datasets")


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
    interrupts = Interrupts()
    try:
        app(arguments, prog_name="cellseg")
    except KeyboardInterrupt:
        _stop()
    except SystemExit as stop:
        if stop.code == INTERRUPTED:
            _stop()
        raise
    except Exception as error:
        if interrupts.came:
            _stop()
        _fail(_said(error), debug, code=2 if isinstance(error, UsageError) else 1)


def _said(error: Exception) -> str:
    """Tell a user what went wrong."""
    if isinstance(error, CellsegError):
        return str(error)
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        reason = error.strerror or str(error)
        return f"{where}{reason}\n  Check the path, the permissions and the free space there."
    return f"unexpected error: {type(error).__name__}: {error}; run again with --debug"


def _stop() -> NoReturn:
    print("cellseg: interrupted; to go on, run the same command again", file=sys.stderr, flush=True)
    if any(thread.name == WORKER for thread in threading.enumerate()):
        # Interrupted again while a thread was still at its last step: it must not outlive Python.
        os._exit(INTERRUPTED)
    sys.exit(INTERRUPTED)


def _fail(message: str, debug: bool, code: int) -> NoReturn:
    if debug:
        traceback.print_exc()
    print(f"cellseg: {message}", file=sys.stderr)
    sys.exit(code)
