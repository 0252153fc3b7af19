"""Score a model where it was not trained, and where the size of the cells is not known well.

    python evaluation/generalist.py --data data --model generalist
    python evaluation/generalist.py --data data --model runs/without-hela --dataset Fluo-N2DL-HeLa

The held-out block of every dataset, as `infer MOVIE --model MODEL --diameter PX` makes it: with the median
diameter of the cells in the dataset's training block, and with 0.7 and 1.4 times as much. To leave a dataset
out, train on the four others (`cellseg train --recipe generalist --dataset ... --output runs/without-hela`).
Writes `evaluation/results/generalist-<model>.json`.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

# So that `evaluation` is found.
sys.path.insert(0, str(Path(__file__).parents[1]))

from cellseg.config import Settings, load_dataset_config, override
from cellseg.device import choose_device, choose_precision
from cellseg.pipeline import infer
from cellseg.rshn import Model
from cellseg.training import typical_diameter
from cellseg.video import open_video
from evaluation.accuracy import DATASETS
from evaluation.blind import load_blind_model, refuse_seen
from evaluation.clustering.conditions import conditions
from evaluation.clustering.plan import RESULTS
from evaluation.clustering.tables import table
from evaluation.scoring.run import BEFORE, Movie
from evaluation.scoring.unseen import unseen

FACTORS = (0.7, 1.0, 1.4)


def main() -> None:
    """Parse, measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of CTC datasets")
    parser.add_argument("--model", default="generalist")
    parser.add_argument("--dataset", action="append", choices=DATASETS, help="may be given several times")
    arguments = parser.parse_args()
    device = choose_device()
    model = load_blind_model(arguments.model, device, choose_precision("auto", device))
    names = arguments.dataset or [name for name in DATASETS if (arguments.data / name).is_dir()]
    rows = [row for name in names for row in measure(name, arguments.data, model)]
    shown = ("SEG", "DET", "TRA", "LNK")
    print(
        table(
            ["dataset", "diameter", "of the true one", *shown],
            [
                [
                    row["dataset"],
                    f"{row['diameter']:.0f}",
                    row["factor"],
                    *(f"{row[name]:.3f}" for name in shown),
                ]
                for row in rows
            ],
        )
    )
    record = {"model": model.name, "machine": conditions(device.type), "rows": rows}
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"generalist-{model.name}.json"
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def measure(dataset: str, data: Path, model: Model) -> list[dict[str, Any]]:
    """Score a model on one dataset at three assumed diameters.

    Parameters
    ----------
    dataset : str
    data : Path
        Folder of datasets.
    model : Model
        States the diameter it was trained at.

    Returns
    -------
    list of dict
        Dataset, diameter in pixels, factor, and scores.
    """
    config = load_dataset_config(dataset)
    name, blocks = next((n, b) for n, b in config.blocks.items() if (data / dataset / n).is_dir())
    sequence = data / dataset / name
    movie = Movie(config, sequence, unseen(sequence, blocks))
    refuse_seen(model.card, sequence, movie.frames.scored)
    true = typical_diameter(sequence, blocks.training)
    trained = model.card.preparation.cell_diameter_px
    assert trained is not None  # or --diameter would be refused
    # Nothing is known of the movie but the field of interest, which is the challenge's.
    settings = override(Settings(), [f"linker.border={config.linker.border}"])
    rows = []
    for factor in FACTORS:
        scale = factor * true / trained
        with (
            tempfile.TemporaryDirectory() as folder,
            open_video(sequence, movie.frames.begun(BEFORE)) as video,
        ):
            result = Path(folder) / f"{name}_RES"
            infer(video, model, settings, result, preparation=model.card.preparation.scaled((scale, scale)))
            rows.append(
                {"dataset": dataset, "factor": factor, "diameter": factor * true, **movie.scores(result)}
            )
        print(dataset, factor, {key: rows[-1][key] for key in ("SEG", "TRA")}, flush=True)
    return rows


if __name__ == "__main__":
    main()
