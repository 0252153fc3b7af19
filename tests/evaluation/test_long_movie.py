"""A movie repeated to a length: what the record said of it, once for each length and precision."""

import json

from cellseg.simulate import preset, write_ctc
from evaluation.long_movie import main


def test_every_length_has_one_row(random_model, tmp_path, capsys):
    movie = write_ctc(preset("Fluo-N2DH-SIM+"), tmp_path / "data", "01", 2, 1, (64, 64))
    command = [str(movie), "--model", str(random_model), "--precision", "float32"]
    main([*command, "--frames", "3", "--frames", "5"], tmp_path)
    main([*command, "--frames", "3"], tmp_path)
    rows = json.loads((tmp_path / "long_movie.json").read_text())
    assert sorted(row["frames"] for row in rows) == [3, 5]
    for row in rows:
        assert row["size"] == [64, 64]
        assert row["movie"].endswith("/01")
        assert row["precision"] == "float32"
        assert row["minutes"] >= 0
        assert row["peak MiB"] > 50
    assert "| 5 |" in capsys.readouterr().out
