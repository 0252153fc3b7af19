"""The wheel carries everything: installed alone and run from elsewhere, it finds its models and configs."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]


class Installed:
    """The wheel in an environment of its own, run from an empty folder."""

    def __init__(self, environment: Path, elsewhere: Path) -> None:
        self.environment = environment
        self.elsewhere = elsewhere
        self.scripts = environment / ("Scripts" if os.name == "nt" else "bin")

    def run(self, program: str, *arguments: str) -> str:
        clean = {
            key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "CELLSEG_MODELS")
        }
        done = subprocess.run(
            [self.scripts / program, *arguments],
            cwd=self.elsewhere,
            env=clean,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("package")
    build = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(folder),
        str(CHECKOUT),
    ]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")

    venv.create(folder / "environment", with_pip=False)
    installed = Installed(folder / "environment", folder)
    python = installed.scripts / "python"
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "--no-deps",
        "--no-index",
        str(wheel),
    ]
    subprocess.run(pip, check=True, capture_output=True)

    # The dependencies come from the environment of the tests, without a download. A .pth line adds that
    # folder alone and not what the .pth files in it name: an editable install of the checkout stays hidden.
    site_packages = installed.run(
        "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"
    ).strip()
    borrowed = sysconfig.get_path("purelib")
    (Path(site_packages) / "borrowed.pth").write_text(borrowed, encoding="utf-8")
    return installed


def test_the_checkout_is_not_importable(installed: Installed) -> None:
    imported = Path(installed.run("python", "-c", "import cellseg; print(cellseg.__file__)").strip())
    assert imported.is_relative_to(installed.environment)


def test_the_command_answers(installed: Installed) -> None:
    assert "Usage: cellseg" in installed.run("cellseg", "--help")


@pytest.mark.parametrize(("kind", "pattern"), [("models", "*/model.yaml"), ("configs", "*.yaml")])
def test_what_the_checkout_has_is_found_in_the_package(installed: Installed, kind: str, pattern: str) -> None:
    script = (
        "from cellseg.resources import available, find;"
        f"[print(find('{kind}', name)) for name in available('{kind}')]"
    )
    found = [Path(line) for line in installed.run("python", "-c", script).splitlines()]
    in_checkout = {
        path.parent.name if kind == "models" else path.stem for path in (CHECKOUT / kind).glob(pattern)
    }
    assert {path.stem for path in found} == in_checkout
    assert all(path.is_relative_to(installed.environment) for path in found)


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/RECORD")}


@pytest.mark.parametrize("maker", ["checkout", "installed"])
def test_the_program_makes_the_wheel_that_the_build_makes(
    installed: Installed, maker: str, tmp_path: Path
) -> None:
    (built,) = installed.elsewhere.glob("*.whl")
    script = "from pathlib import Path; from cellseg.submission import own_wheel; "
    script += f"own_wheel(Path({str(tmp_path)!r}))"
    if maker == "installed":
        installed.run("python", "-c", script)
    else:
        subprocess.run([sys.executable, "-c", script], check=True, cwd=tmp_path)
    (made,) = tmp_path.glob("*.whl")
    assert made.name == built.name
    expected, found = contents(built), contents(made)
    if maker == "checkout":
        # What an editable install knows of README.md and the requirements is as old as the install.
        (metadata,) = (name for name in expected if name.endswith("/METADATA"))
        assert found.pop(metadata).splitlines()[:3] == expected.pop(metadata).splitlines()[:3]
    assert found == expected
