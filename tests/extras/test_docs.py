"""The documentation builds without a warning; needs the `docs` extra."""

import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]


def test_documentation_builds(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")]
    built = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    settings = (tmp_path / "site" / "settings" / "index.html").read_text("utf-8")
    assert "<td><code>bandwidth</code></td>" in settings
