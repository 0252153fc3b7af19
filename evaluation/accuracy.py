"""Score every method on the frames that no model saw (Zhao et al. 2021, Fig. 9 and the premise of the paper).

    python evaluation/accuracy.py --data data
    python evaluation/accuracy.py --data data --dataset DIC-C2DH-HeLa --result Cellpose=cellpose/01_RES

Ours, classical thresholding with watershed, the same network with exact mean-shift from every pixel, and the
same embeddings with other clusterers; TRA against the number of seeds. Results of other programs join by
`--result`.
Writes `evaluation/results/accuracy_<device>.json` (a dataset measured again replaces its earlier rows) and
renders `evaluation/README.md`; `evaluation/scoring/__init__.py` says what is where.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

# So that `evaluation` is found.
sys.path.insert(0, str(Path(__file__).parents[1]))

from cellseg.config import load_dataset_config
from cellseg.device import choose_device, choose_precision
from evaluation.blind import load_blind_model, refuse_seen
from evaluation.clustering.conditions import conditions
from evaluation.clustering.plan import RESULTS
from evaluation.clustering.readme import write_readme
from evaluation.scoring.peers import absent, parse_result
from evaluation.scoring.render import draw_figure_9, render
from evaluation.scoring.run import SEEDS, Movie, score_movie
from evaluation.scoring.unseen import unseen

DATASETS = ("DIC-C2DH-HeLa", "Fluo-N2DH-GOWT1", "PhC-C2DH-U373", "Fluo-N2DL-HeLa", "Fluo-N2DH-SIM+")


def main() -> None:
    """Parse, measure, write, render."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of CTC datasets")
    parser.add_argument("--dataset", action="append", choices=DATASETS, help="may be given several times")
    parser.add_argument("--model", help="default: the one the dataset's configuration names")
    parser.add_argument(
        "--result",
        action="append",
        type=parse_result,
        default=[],
        help="NAME=FOLDER: a result of another program for the dataset; may be given several times",
    )
    parser.add_argument("--no-seeds", action="store_true", help="leave out Fig. 9")
    arguments = parser.parse_args()
    names = arguments.dataset or [name for name in DATASETS if (arguments.data / name).is_dir()]
    if arguments.result and len(names) != 1:
        parser.error("--result is of one dataset: name it with --dataset")

    device = choose_device()
    path = RESULTS / f"accuracy_{device.type}.json"
    record = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"datasets": {}}
    for name in names:
        record["datasets"][name] = measure(
            name, arguments.data, arguments.model, dict(arguments.result), seeds=not arguments.no_seeds
        )
        record["machine"] = conditions(device.type)
        RESULTS.mkdir(exist_ok=True)
        path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(render(record))
    draw_figure_9(record, RESULTS)
    write_readme()


def measure(
    dataset: str, data: Path, model_name: str | None, results: dict[str, Path], *, seeds: bool
) -> dict[str, Any]:
    """Score one dataset.

    Parameters
    ----------
    dataset : str
    data : Path
        Folder of datasets.
    model_name : str or None
        None takes the one that the configuration names.
    results : dict
        Folders of other programs' results, by name.
    seeds : bool
        Whether Fig. 9 is measured.

    Returns
    -------
    dict
        JSON values, which `render` understands.
    """
    config = load_dataset_config(dataset)
    device = choose_device()
    model = load_blind_model(model_name or config.model, device, choose_precision("auto", device))
    sequence, blocks = next(
        (data / dataset / name, blocks)
        for name, blocks in config.blocks.items()
        if (data / dataset / name).is_dir()
    )
    movie = Movie(config, sequence, unseen(sequence, blocks))
    refuse_seen(model.card, sequence, movie.frames.scored)
    rows = score_movie(movie, model, seeds=seeds)
    rows += [{"method": name, **movie.scores(folder)} for name, folder in results.items()]
    fixed = {f"N = {count}": count for count in SEEDS}
    measured: dict[str, Any] = {
        "sequence": sequence.name,
        "frames": movie.frames.scored,
        "model": model.name,
        "rows": [row for row in rows if row["method"] not in fixed],
        "absent": absent(results),
    }
    if seeds:
        measured["seeds"] = [{"seeds": fixed[row["method"]], **row} for row in rows if row["method"] in fixed]
    return measured


if __name__ == "__main__":
    main()
