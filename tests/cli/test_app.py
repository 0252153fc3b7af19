"""The installed command: help that answers at once, and errors as a user meets them."""

import subprocess
import sys
from pathlib import Path

import pytest
from e2e.commands import Said, here

import cellseg

HEAVY = {"torch", "pydantic", "skimage", "sklearn", "scipy", "numpy", "matplotlib", "tensorflow"}
VERBS = [
    "infer",
    "link",
    "batch",
    "evaluate",
    "export",
    "import",
    "validate",
    "train",
    "simulate",
    "demo",
    "doctor",
    "report",
    "models list",
    "models show",
    "models import-tensorflow",
    "submit",
    "datasets list",
    "datasets fetch",
]

FAILING_COMMAND = """
import sys
from cellseg import cli
from cellseg.errors import CellsegError

@cli.app.command()
def fail(kind: str):
    if kind == "user":
        raise CellsegError("the frame is truncated", path="t003.tif", remedy="Copy it again.")
    if kind == "interrupt":
        raise KeyboardInterrupt
    raise ZeroDivisionError("by nought")

cli.main()
"""


def run(*arguments: str) -> Said:
    return here(*arguments, check=None)


def fail(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the real command line with one more verb, which fails as it is told."""
    return python("-c", FAILING_COMMAND, *arguments)


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, timeout=60)


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys, atexit; from cellseg.cli import main;"
        "atexit.register(lambda: print('\\nimported:', *{name.partition('.')[0] for name in sys.modules}));"
        "main()"
    )
    shown = python("-c", script, "--help")
    assert shown.returncode == 0, shown.stderr
    text, _, imported = shown.stdout.partition("\nimported:")
    assert "Usage: cellseg" in text
    assert not HEAVY & set(imported.split())


def test_help_lists_every_verb() -> None:
    shown = run("--help").stdout
    assert [verb for verb in VERBS if f"\n  {verb.split()[0]} " not in shown] == []
    assert "--debug" in shown


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_a_verb_has_an_example(verb: str) -> None:
    shown = run(*verb.split(), "--help")
    assert shown.returncode == 0, shown.stderr
    assert f"cellseg {verb}" in shown.stdout.replace(f"Usage: cellseg {verb}", "")


def test_version() -> None:
    assert python("-m", "cellseg", "--version").stdout == f"cellseg {cellseg.__version__}\n"


@pytest.mark.parametrize("arguments", [["no-such-verb"], ["infer", "--no-such-option"], []])
def test_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    assert run(*arguments).returncode == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["infer", "--precision", "double"], "'float32'"),
        (["infer", "--backend", "jax"], "'tensorflow'"),
        (["infer", "--device", "gpu"], "cuda:1"),
        (["batch", "--output", "out", "--precision", "double"], "'float32'"),
        (["batch", "--output", "out", "--device", "gpu"], "cuda:1"),
        (["batch", "--output", "out", "--set", "linker.max_gap=x"], "linker.max_gap = 'x' must be"),
        (["batch", "--output", "out", "--set", "linker.gap=3"], "The nearest is linker.max_gap."),
        (["link", "--set", "linker.max_gap"], "sets nothing"),
        (["infer", "--output", "movie.tif"], "is a file"),
    ],
)
def test_an_option_that_cannot_be_exits_with_2_before_any_work(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "movie.tif").write_bytes(b"")
    failed = run(*arguments[:1], "movie.tif", *arguments[1:])
    assert failed.returncode == 2
    assert said in failed.stderr
    assert list(tmp_path.iterdir()) == [tmp_path / "movie.tif"]


def test_an_error_for_the_user_names_file_reason_and_remedy() -> None:
    failed = fail("fail", "user")
    assert failed.returncode == 1
    assert failed.stderr == "cellseg: t003.tif: the frame is truncated\n  Copy it again.\n"


def test_an_unexpected_error_is_one_line() -> None:
    failed = fail("fail", "other")
    assert failed.returncode == 1
    assert (
        failed.stderr == "cellseg: unexpected error: ZeroDivisionError: by nought; run again with --debug\n"
    )


@pytest.mark.parametrize("arguments", [["--debug", "fail", "user"], ["fail", "user", "--debug"]])
def test_debug_shows_the_traceback_wherever_it_stands(arguments: list[str]) -> None:
    failed = fail(*arguments)
    assert failed.returncode == 1
    assert failed.stderr.startswith("Traceback (most recent call last)")
    assert failed.stderr.endswith("cellseg: t003.tif: the frame is truncated\n  Copy it again.\n")


def test_an_interrupt_exits_with_130_and_one_line() -> None:
    failed = fail("fail", "interrupt")
    assert failed.returncode == 130
    assert failed.stderr == "cellseg: interrupted; to go on, run the same command again\n"
