"""The scripts of a package, for sh and for cmd.exe: one that installs, and one for every sequence."""

from __future__ import annotations

from pathlib import Path

from cellseg.submission.entry import ENVIRONMENT, LOCK, WHEELHOUSE, Entry
from cellseg.submission.fill import fill


def write_install_scripts(software: Path) -> None:
    """Write install.sh and install.bat into SW."""
    for name in ("install.sh", "install.bat"):
        _write(software / name, fill(name, environment=ENVIRONMENT, wheelhouse=WHEELHOUSE, lock=LOCK))


def write_sequence_scripts(software: Path, entry: Entry, sequence: str) -> None:
    """Write the two scripts that run one sequence into SW."""
    arguments = [
        *("infer", "--dataset", entry.settings.as_posix(), "--model", entry.model.as_posix()),
        *("--data", "..", "--sequence", sequence, "--overwrite"),
    ]
    if entry.configuration is not None:
        arguments += ["--configuration", entry.configuration]
    for ending in ("sh", "bat"):
        text = fill(
            f"sequence.{ending}",
            dataset=entry.dataset,
            sequence=sequence,
            result=entry.result(sequence).as_posix(),
            environment=ENVIRONMENT,
            arguments=" ".join(arguments),
        )
        _write(software / f"{entry.script(sequence)}.{ending}", text)


def _write(path: Path, text: str) -> None:
    """Write a script: cmd.exe wants its line ends, sh the permission to be run."""
    newline = "\r\n" if path.suffix == ".bat" else "\n"
    path.write_text(text, encoding="ascii", newline=newline)
    if path.suffix == ".sh":
        path.chmod(0o755)
