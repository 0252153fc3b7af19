"""The comparison of methods, at a toy size."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from cellseg.config import Architecture, Blocks, load_dataset_config
from cellseg.rshn import Pair
from cellseg.simulate import preset, write_ctc
from cellseg.types import Embedding
from cellseg.video import open_video
from evaluation.pipeline.subject import Subject
from evaluation.scoring.classical import classical
from evaluation.scoring.embedded import SWAPPED, Labeller, every_pixel, so_many_seeds, swapped
from evaluation.scoring.peers import PEERS, absent, parse_result
from evaluation.scoring.render import draw_figure_9, render
from evaluation.scoring.run import SEEDS, Movie, score_movie
from evaluation.scoring.unseen import Unseen, unseen

FRAMES = 6
TOY = Architecture(filters=2, levels=2, embedding_size=16)
CELLS = replace(preset("DIC-C2DH-HeLa"), diameter=40.0, density=0.4)
BLOCKS = Blocks(training=(0, 1), validation=(1, 2), held_out=(10, 20))


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """All methods on a small simulated movie, whose cells a tiny untrained network knows."""
    path = write_ctc(CELLS, tmp_path_factory.mktemp("movie"), "01", FRAMES, 1, shape=(128, 144))
    subject = Subject("DIC-C2DH-HeLa", path, None, simulated=True, untrained=TOY)
    config = load_dataset_config("DIC-C2DH-HeLa")
    config = config.model_copy(
        update={
            "linker": config.linker.model_copy(update={"border": 0}),
            "instances": config.instances.model_copy(update={"min_area": 100}),
        }
    )
    with open_video(path) as video:
        model = subject.load(video, torch.device("cpu"), torch.float32)
    preparation = model.card.preparation.model_copy(update={"cell_diameter_px": 40.0})
    model = replace(model, card=model.card.model_copy(update={"preparation": preparation}))
    return score_movie(Movie(config, path, Unseen((0, FRAMES), (2, FRAMES))), model)


def test_every_method_is_scored_and_those_on_true_embeddings_find_the_cells(scored):
    rows = {row["method"]: row for row in scored}
    assert set(rows) == {
        "cellseg",
        "threshold and watershed",
        "mean-shift from every pixel",
        *SWAPPED,
        *(f"N = {count}" for count in SEEDS),
    }
    for name in ("cellseg", "mean-shift from every pixel", "dbscan", "N = 512"):
        assert rows[name]["SEG"] > 0.85, name
        assert rows[name]["TRA"] > 0.9, name
    assert rows["N = 4"]["TRA"] < rows["N = 512"]["TRA"]
    assert all(row["counts"]["frames"] == FRAMES - 2 for row in scored)
    assert all(value > 0 for row in scored for value in row["seconds"].values())


def test_the_scores_can_be_read(scored, tmp_path):
    fixed = [row for row in scored if row["method"].startswith("N = ")]
    record = {
        "datasets": {
            "DIC-C2DH-HeLa": {
                "sequence": "01",
                "frames": (2, FRAMES),
                "rows": [row for row in scored if row not in fixed],
                "absent": absent({}),
                "seeds": [{"seeds": n, **row} for n, row in zip(SEEDS, fixed, strict=True)],
            }
        }
    }
    text = render(json.loads(json.dumps(record)))
    assert "#### DIC-C2DH-HeLa/01, frames 2-5" in text
    assert "| mean-shift from every pixel |" in text
    assert "Cellpose: not installed" in text
    assert f"{fixed[0]['TRA']:.3f}" in text
    draw_figure_9(record, tmp_path)
    assert (tmp_path / "accuracy_seeds.png").stat().st_size > 1000


def pair_of_two_cells():
    """Two cells side by side on a background, the same in both frames, without noise."""
    vectors = torch.zeros(3, 8, 12)
    vectors[0] = 1
    vectors[:, 2:6, 2:6] = torch.tensor([0.0, 1.0, 0.0])[:, None, None]
    vectors[:, 2:6, 6:10] = torch.tensor([0.0, 0.0, 1.0])[:, None, None]
    first, second = (Embedding(vectors, vectors[0].square() < 0.5, t) for t in (0, 1))
    return Pair(first, second, None)


@pytest.mark.parametrize(
    "run",
    [None, every_pixel(0.1), so_many_seeds(0.1, 64), *(swapped(name, 0.1) for name in SWAPPED)],
    ids=["cellseg", "every pixel", "seeds", *SWAPPED],
)
def test_a_clusterer_separates_two_touching_cells(run):
    clustering = load_dataset_config("DIC-C2DH-HeLa").settings().clustering
    halves = Labeller(clustering, 0.5, 1, run)(pair_of_two_cells(), 2)
    expected = np.zeros((8, 12), bool)
    for half in halves:
        left, right = half[3, 3], half[3, 8]
        assert left != right
        for label, columns in ((left, slice(2, 6)), (right, slice(6, 10))):
            expected[:] = False
            expected[2:6, columns] = True
            np.testing.assert_array_equal(half == label, expected)
    assert halves[0][3, 3] == halves[1][3, 3]


def test_no_foreground_no_instances():
    empty = torch.zeros(3, 4, 4)
    empty[0] = 1
    pair = Pair(*(Embedding(empty, empty[0] < 0.5, t) for t in (0, 1)), None)
    clustering = load_dataset_config("DIC-C2DH-HeLa").settings().clustering
    assert not Labeller(clustering, 0.5, 1, every_pixel(0.1))(pair, 0).any()


@pytest.mark.parametrize("fluorescent", [True, False])
def test_discs_are_found_without_a_network(fluorescent):
    y, x = np.mgrid[:100, :160]
    rng = np.random.default_rng(0)
    frame = rng.normal(100, 1, (100, 160))
    discs = [(y - 50) ** 2 + (x - cx) ** 2 < 20**2 for cx in (40, 75, 130)]
    for disc in discs:
        frame[disc] += 50 if fluorescent else rng.normal(0, 20, disc.sum())
    labels = classical(frame, 40, fluorescent=fluorescent)
    found = [np.bincount(labels[disc]).argmax() for disc in discs]
    assert len(set(found)) == 3
    assert 0 not in found


def test_the_longest_run_of_the_held_out_block_is_scored(tmp_path):
    sequence = write_ctc(CELLS, tmp_path, "01", 20, 1, shape=(64, 64))
    assert unseen(sequence, BLOCKS) == Unseen((0, 20), (10, 20))
    for missing in (9, 12, 19):
        (sequence / f"t{missing:03d}.tif").unlink()
    assert unseen(sequence, BLOCKS) == Unseen((13, 19), (13, 19))
    assert Unseen((0, 20), (10, 20)).begun(7) == (3, 20)
    assert Unseen((0, 20), (4, 20)).begun(7) == (0, 20)


def test_results_of_others_are_named_with_their_folder(tmp_path):
    assert parse_result(f"cellpose={tmp_path}") == ("cellpose", tmp_path)
    for text in ("cellpose", "=folder", f"cellpose={tmp_path / 'none'}"):
        with pytest.raises(ValueError, match="NAME=FOLDER"):
            parse_result(text)
    assert len(absent({})) == len(PEERS)
    assert not any("Cellpose" in sentence for sentence in absent({"Cellpose": tmp_path}))
