"""What the doctor says, of this computer and of made-up ones."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from cellseg.doctor import cuda_remedy, examine, missing_of_extras
from cellseg.resources import available

DECLARED = [
    "numpy>=1.26",
    'geff>=1.1; extra == "export"',
    'zarr>=3.0; extra == "formats"',
    'nd2>=0.10; extra == "formats"',
    'pytest>=8; extra == "test"',
]


def findings(folder: Path) -> dict[str, tuple[str, str]]:
    return {finding.check: (finding.state, finding.message) for finding in examine(folder)}


def test_this_computer_can_run_it(tmp_path: Path) -> None:
    found = findings(tmp_path)
    for check in ("python", "torch", "precision", "memory", "writing", "temporary files"):
        assert found[check][0] in ("good", "note"), found[check]
    for model in available("models"):
        assert found[f"model {model}"][0] == "good", found[f"model {model}"]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    state, message = findings(tmp_path / "nowhere")["writing"]
    assert state == "bad"
    assert "nowhere" in message


def test_a_model_whose_weights_are_damaged_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cellseg.resources import find

    whole = find("models", available("models")[0])
    broken = tmp_path / "models" / "broken"
    broken.mkdir(parents=True)
    (broken / "model.yaml").write_bytes((whole / "model.yaml").read_bytes())
    (broken / "weights.safetensors").write_bytes(b"cut off")
    monkeypatch.setenv("CELLSEG_MODELS", str(tmp_path / "models"))
    assert findings(tmp_path)["model broken"][0] == "bad"


def test_missing_extras_are_those_for_users_and_named_as_pip_takes_them() -> None:
    def is_there(requirement: Requirement) -> bool:
        return requirement.name in ("numpy", "zarr")

    assert missing_of_extras(DECLARED, is_there) == {"export": ["geff>=1.1"], "formats": ["nd2>=0.10"]}
    assert missing_of_extras(DECLARED, lambda requirement: True) == {"export": [], "formats": []}


@pytest.mark.parametrize(
    ("driver", "build"), [((13, 2), "cu130"), ((12, 9), "cu128"), ((12, 6), "cu126"), ((12, 2), "cu126")]
)
def test_torch_is_chosen_by_what_the_driver_runs(driver: tuple[int, int], build: str) -> None:
    uninstall, install = cuda_remedy(driver, "python")
    assert uninstall == "python -m pip uninstall --yes torch"
    assert install == f"python -m pip install torch --index-url https://download.pytorch.org/whl/{build}"


def test_an_old_driver_comes_first() -> None:
    (line,) = cuda_remedy((11, 4), "python")
    assert "11.4" in line
    assert "NVIDIA" in line


def test_the_command_prints_json(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "cellseg", "doctor", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=tmp_path)
    told = json.loads(done.stdout)
    assert done.returncode == (0 if told["well"] else 1)
    assert {"check", "state", "message", "remedy"} == set(told["findings"][0])
