"""The challenge's programs beside our scores; small scripts stand in for the programs."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from cellseg.ctc import (
    markers_path,
    mask_path,
    run_official,
    segmentation_path,
    write_mask,
    write_tracks,
)
from cellseg.errors import CellsegError
from cellseg.types import Track

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the stand-ins are scripts")

PROGRAM = """#!{python}
import json, sys
from pathlib import Path
folder, sequence, digits = sys.argv[1:]
result, truth = (Path(folder) / f"{{sequence}}_{{kind}}" for kind in ("RES", "GT"))
(result / "{measure}_log.txt").write_text("a log")
seen = {{
    "arguments": [sequence, digits],
    "result": sorted(path.name for path in result.iterdir()),
    "truth": sorted(path.name for path in (truth / "TRA").iterdir()),
}}
(Path(__file__).parent / "{measure}.json").write_text(json.dumps(seen))
print("{measure} measure: {value}")
"""


def program(folder: Path, measure: str, text: str) -> Path:
    path = folder / f"{measure}Measure"
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.fixture
def software(tmp_path: Path) -> Path:
    """The unpacked archive, for Linux."""
    folder = tmp_path / "EvaluationSoftware" / "Linux"
    folder.mkdir(parents=True)
    for measure, value in {"SEG": "1.000000", "DET": "0.900000", "TRA": "0.912345"}.items():
        program(folder, measure, PROGRAM.format(python=sys.executable, measure=measure, value=value))
    return folder.parent


@pytest.fixture
def sequence(tmp_path: Path) -> tuple[Path, Path]:
    result, truth = tmp_path / "mine", tmp_path / "elsewhere" / "truth"
    for folder in (result, truth / "TRA", truth / "SEG"):
        folder.mkdir(parents=True)
    labels = np.repeat([[1, 1, 0, 2]], 3, axis=0)
    for t in range(2):
        write_mask(markers_path(truth, t, digits=4), labels)
        write_mask(mask_path(result, t, digits=4), labels)
    write_mask(segmentation_path(truth, 0, digits=4), labels)
    for path in (truth / "TRA" / "man_track.txt", result / "res_track.txt"):
        write_tracks(path, [Track(1, 0, 1, 0), Track(2, 0, 1, 0)])
    return result, truth


def test_the_programs_see_the_sequence_under_their_names(software, sequence):
    before = sorted(path.name for path in sequence[0].iterdir())
    assert run_official(software, *sequence) == {"SEG": 1, "DET": 0.9, "TRA": 0.912345}
    seen = json.loads((software / "Linux" / "TRA.json").read_text())
    assert seen["arguments"] == ["01", "4"]
    assert {"mask0000.tif", "mask0001.tif", "res_track.txt"} <= set(seen["result"])
    assert seen["truth"] == ["man_track.txt", "man_track0000.tif", "man_track0001.tif"]
    assert sorted(path.name for path in sequence[0].iterdir()) == before  # their logs went elsewhere


def test_the_programs_may_lie_in_the_folder_itself(software, sequence):
    assert run_official(software / "Linux", *sequence)["DET"] == 0.9


def test_without_outlines_there_is_no_seg(software, sequence):
    segmentation_path(sequence[1], 0, digits=4).unlink()
    (software / "Linux" / "SEGMeasure").unlink()
    assert list(run_official(software, *sequence)) == ["DET", "TRA"]


def test_where_links_are_not_allowed_files_are_copied(software, sequence, monkeypatch):
    def refuse(*_, **__):
        raise OSError("no privilege")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    assert run_official(software, *sequence)["TRA"] == 0.912345


def test_a_missing_program_is_named(software, sequence):
    (software / "Linux" / "DETMeasure").unlink()
    with pytest.raises(CellsegError, match="holds no DETMeasure") as caught:
        run_official(software, *sequence)
    assert "EvaluationSoftware.zip" in str(caught.value)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (
            "#!/bin/sh\necho 'Label 7 has no track' >&2\nexit 3\n",
            "ended with code 3 and said\n  Label 7 has no",
        ),
        ("#!/bin/sh\necho 'TRA measure: 0.5'\nexit 1\n", "ended with code 1"),
        ("#!/bin/sh\necho 'SEG measure: 0.5'\n", "gave no TRA measure"),
        ("#!/bin/sh\n", "said\n  nothing"),
        ("#!/no/such/interpreter\n", "cannot be run"),
        ("neither script nor program", "cannot be run"),
    ],
)
def test_a_program_that_fails_is_quoted(software, sequence, script, said):
    path = program(software / "Linux", "TRA", script)
    with pytest.raises(CellsegError) as caught:
        run_official(software, *sequence)
    assert caught.value.path == path.resolve()
    assert said in str(caught.value)


def test_a_program_that_is_not_executable_is_said(software, sequence):
    path = software / "Linux" / "TRAMeasure"
    path.chmod(0o644)
    with pytest.raises(CellsegError, match="cannot be run"):
        run_official(software, *sequence)


def test_progress_sees_every_program(software, sequence):
    seen = []

    def watch(measures):
        for measure in measures:
            seen.append(measure)
            yield measure

    run_official(software, *sequence, progress=watch)
    assert seen == ["SEG", "DET", "TRA"]
