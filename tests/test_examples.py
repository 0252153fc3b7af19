"""The examples of the front page and of the documentation work as they are printed.

Python blocks run. Commands in `sh` blocks run, page by page, one after the other, on a desk with the
simulated `movie.tif`, a simulated dataset in `data/DIC-C2DH-HeLa`, and its result `out/01_RES`. All other
commands are held against the options there are: they take hours, a network, or files of the reader's own.
"""

import re
import shlex
import shutil
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import typer
from tifffile import imread, imwrite

from cellseg.cli import app, main

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
TEXTS = {page.stem: page.read_text(encoding="utf-8") for page in PAGES}
FENCED = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"(?<!`)`(cellseg [^`]+)`(?!`)")
COMMAND = re.compile(r"(?:exec )?cellseg (.*)")
DESK = """
cellseg simulate --preset DIC-C2DH-HeLa --output data --frames 4 --size 256 256
cellseg infer --dataset DIC-C2DH-HeLa --output out
cellseg simulate --preset Fluo-N2DH-GOWT1 --output drawn --frames 4 --size 256 256
"""


def fenced(page, language):
    return [code for name, code in FENCED.findall(TEXTS[page]) if name == language]


def commands(code):
    """Arguments of every call of the command in lines of code."""
    joined = code.replace("\\\n", " ")
    lines = filter(None, (COMMAND.fullmatch(line.strip()) for line in joined.splitlines()))
    return [shlex.split(line[1], comments=True) for line in lines]


def printed(page):
    """Every command of a page that stands in a block, indented or fenced."""
    text = TEXTS[page]
    indented = "\n".join(re.findall(r"^ {4,}\S.*$", FENCED.sub("", text), re.MULTILINE))
    return [
        arguments
        for code in [indented, *(code for _, code in FENCED.findall(text))]
        for arguments in commands(code)
    ]


@cache
def verbs():
    """The command line, whose verbs read their arguments and do nothing."""
    group = typer.main.get_command(app)
    groups = [group]
    for each in groups:
        each.callback = lambda **arguments: None
        groups += getattr(each, "commands", {}).values()
    return group


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(code, id=f"{page}-{number}")
        for page in TEXTS
        for number, code in enumerate(fenced(page, "python"))
    ],
)
def test_python(code, desk, monkeypatch):
    monkeypatch.chdir(desk)
    exec(compile(code, "example", "exec"), {})


def test_the_clusterer_finds_its_clusters(capsys):
    exec(compile(fenced("clusterer", "python")[0], "example", "exec"), {})
    assert capsys.readouterr().out == "10 clusters, 0 vectors far from all of them\n"


@pytest.mark.parametrize("page", TEXTS)
def test_every_command_is_understood(page, capsys):
    for arguments in printed(page):
        with pytest.raises(SystemExit) as stop:
            verbs().main(arguments, prog_name="cellseg")
        assert stop.value.code == 0, capsys.readouterr().err


@pytest.mark.parametrize("page", TEXTS)
def test_every_option_in_the_text_exists(page):
    for code in INLINE.findall(FENCED.sub("", TEXTS[page])):
        verb, *words = verbs(), *code.split()[1:]
        while words and (those := getattr(verb, "commands", None)):
            assert words[0] in those or words[0].startswith("--"), code
            verb = those.get(words.pop(0), verb)
        named = {word for word in words if word.startswith("--")}
        known = {name for parameter in verb.params for name in parameter.opts}
        assert named <= known | {"--help", "--debug"}, code


@pytest.fixture(scope="session")
def desk_of_all(tmp_path_factory):
    desk = tmp_path_factory.mktemp("desk")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(desk)
        for arguments in commands(DESK):
            run(patch, arguments)
    frames = sorted((desk / "drawn").rglob("t*.tif"))
    imwrite(desk / "movie.tif", np.stack([imread(frame) for frame in frames]), photometric="minisblack")
    shutil.rmtree(desk / "drawn")
    return desk


@pytest.fixture
def desk(desk_of_all, tmp_path):
    """What a reader has before, in a folder of its own."""
    shutil.copytree(desk_of_all, tmp_path / "desk")
    return tmp_path / "desk"


def run(patch, arguments):
    """Run the command in this process, which spares loading torch anew."""
    patch.setattr(sys, "argv", ["cellseg", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    assert not stop.value.code, f"cellseg {shlex.join(arguments)} exited with {stop.value.code}"


@pytest.mark.parametrize("page", [page for page in TEXTS if fenced(page, "sh")])
def test_commands_run(page, desk, monkeypatch):
    monkeypatch.chdir(desk)
    for code in fenced(page, "sh"):
        lines = [line for line in code.replace("\\\n", " ").splitlines() if line.strip() and line[0] != "#"]
        assert len(commands(code)) == len(lines), "only commands of cellseg run here"
        for arguments in commands(code):
            run(monkeypatch, arguments)
