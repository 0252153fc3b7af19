"""The network in TensorFlow against the one in torch, and the import of the authors' checkpoints."""

import io
import json
import re
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from tifffile import imread, imwrite

from cellseg.cli import main
from cellseg.config import Architecture, load_model_card
from cellseg.errors import CellsegError
from cellseg.rshn import load_model
from cellseg.rshn.published_names import published_variables
from cellseg.rshn.tensorflow_checkpoint import load_tensorflow_checkpoint
from cellseg.rshn.tensorflow_twin import TensorFlowRSHN

tf = pytest.importorskip("tensorflow")

CHECKOUT = Path(__file__).resolve().parents[2]
PUBLISHED = json.loads((CHECKOUT / "tests" / "rshn" / "published_shapes.json").read_text())
SMALL = {"filters": 6, "levels": 4, "embedding_size": 5}
TOLERANCE = 1e-4


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Two pools of threads that take turns on few cores wait for each other most of the time."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def published_shapes(filters=64, levels=7, embedding_size=16):
    """The published names and shapes, brought to another size."""
    sizes = {64: filters, 128: 2 * filters, 16: embedding_size, 17: 1 + embedding_size}
    return {
        f"net/rnn/{name}": [sizes.get(size, size) for size in shape]
        for name, shape in PUBLISHED.items()
        if not (level := re.search(r"level(\d+)", name)) or int(level[1]) < levels
    }


def random_variables(seed, **size):
    rng = np.random.default_rng(seed)
    return {
        name: rng.normal(0, np.sqrt(2 / np.prod(shape[:-1])) if len(shape) > 1 else 0.1, shape).astype("f4")
        for name, shape in published_shapes(**size).items()
    }


def optimiser_variables(variables):
    """What Adam and the training loop of TensorFlow 1 leave beside the weights."""
    slots = {
        f"{name}/{slot}": np.full_like(value, np.nan)
        for name, value in variables.items()
        for slot in ("Adam", "Adam_1")
    }
    powers = {"beta1_power": np.float32(0.1), "beta2_power": np.float32(0.2)}
    return {**slots, **powers, "Variable": np.int32(60_000)}


def write_checkpoint(prefix, variables):
    tf.raw_ops.SaveV2(
        prefix=str(prefix),
        tensor_names=list(variables),
        shape_and_slices=[""] * len(variables),
        tensors=[tf.constant(value) for value in variables.values()],
    )
    return prefix


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A small checkpoint as the authors' would be, and what is in it."""
    variables = random_variables(1, **SMALL)
    prefix = tmp_path_factory.mktemp("checkpoint") / "model"
    return write_checkpoint(prefix, {**variables, **optimiser_variables(variables)}), variables


def largest_differences(network, twin, frames):
    """Over a window from a zero state: of the raw outputs, of the unit vectors, of the states."""
    raw = unit = maps = 0.0
    ours = theirs = None
    for image in frames[:, None, None]:
        *outputs, ours = (each if isinstance(each, list) else each.detach() for each in network(image, ours))
        *others, theirs = twin.forward(image, theirs)
        for output, other in zip(outputs, others, strict=True):
            raw = max(raw, ((output - other).abs().max() / output.abs().max()).item())
        for before, after in zip(ours, theirs, strict=True):
            maps = max(maps, ((before - after).abs().max() / before.abs().max()).item())
    ours = theirs = None
    for image in frames:
        # Their own states, which drift apart if anything does.
        before = None if ours is None else [each.clone() for each in ours]
        vectors, foreground, ours = network.step(image, ours)
        others, other_foreground, theirs = twin.step(image, theirs)
        norm = raw_norm(network, image, before)
        assert (norm > 0.01).any()
        unit = max(unit, (vectors - others).abs()[:, norm > 0.01].max().item())
        clear = (vectors[0].square() - 0.5).abs() > 1e-3
        assert torch.equal(foreground[clear], other_foreground[clear])
        assert others.shape == vectors.shape
        assert torch.allclose(others.norm(dim=0), torch.ones(image.shape), atol=1e-5)
    return raw, unit, maps


@torch.no_grad()
def raw_norm(network, image, state):
    """Length of the raw embedding, (Y, X)."""
    height, width = image.shape
    multiple = 2 ** (network.levels - 1)
    margins = ((0, -height % multiple), (0, -width % multiple))
    if network.pad_value is None:
        aligned = np.pad(image.numpy(), margins, mode="symmetric")
    else:
        aligned = np.pad(image.numpy(), margins, constant_values=network.pad_value)
    _, raw, _ = network(torch.from_numpy(aligned)[None, None], state)
    return raw[0, :, :height, :width].norm(dim=0)


def test_full_size_agrees_with_torch_over_a_window(tmp_path):
    variables = random_variables(0)
    assert sum(value.size for value in variables.values()) == 4_136_608
    prefix = write_checkpoint(tmp_path / "model", {**variables, **optimiser_variables(variables)})
    architecture, network = load_tensorflow_checkpoint(prefix)
    assert architecture == Architecture()
    frames = torch.from_numpy(np.random.default_rng(7).uniform(-1, 1, (8, 64, 64)).astype("f4"))
    differences = largest_differences(network, TensorFlowRSHN(variables, -1.0), frames)
    print("largest differences (raw, unit, state):", differences)
    assert max(differences) < TOLERANCE


def test_small_ones_agree_with_torch_over_a_window(small):
    prefix, variables = small
    _, network = load_tensorflow_checkpoint(prefix)
    frames = torch.from_numpy(np.random.default_rng(8).uniform(-1, 1, (8, 32, 48)).astype("f4"))
    assert max(largest_differences(network, TensorFlowRSHN(variables, -1.0), frames)) < TOLERANCE


@pytest.mark.parametrize("pad_value", [None, -1.0, 0.5])
@pytest.mark.parametrize("size", [(17, 23), (9, 16), (3, 5), (1, 1)])
def test_frames_of_any_size_are_padded_alike(small, size, pad_value):
    prefix, variables = small
    _, network = load_tensorflow_checkpoint(prefix)
    network.pad_value = pad_value
    twin = TensorFlowRSHN(variables, pad_value)
    state = other_state = None
    for image in torch.from_numpy(np.random.default_rng(9).uniform(-1, 1, (3, *size)).astype("f4")):
        norm = raw_norm(network, image, state)
        vectors, _, state = network.step(image, state)
        others, _, other_state = twin.step(image, other_state)
        assert others.shape == vectors.shape
        assert (vectors - others).abs()[:, norm > 0.01].max() < TOLERANCE
        assert [maps.shape for maps in other_state] == [maps.shape for maps in state]


def test_a_batch_is_its_frames_one_by_one(small):
    twin = TensorFlowRSHN(small[1])
    frames = torch.from_numpy(np.random.default_rng(10).uniform(-1, 1, (3, 12, 20)).astype("f4"))
    vectors, foreground, state = twin.step(frames)
    assert [maps.shape[0] for maps in state] == [3] * 8
    for index, frame in enumerate(frames):
        alone, alone_foreground, _ = twin.step(frame)
        assert torch.allclose(vectors[index], alone, atol=1e-5)
        assert torch.equal(foreground[index], alone_foreground)


def test_either_goes_on_from_the_state_of_the_other(small):
    prefix, variables = small
    _, network = load_tensorflow_checkpoint(prefix)
    twin = TensorFlowRSHN(variables, -1.0)
    frames = torch.from_numpy(np.random.default_rng(11).uniform(-1, 1, (2, 16, 16)).astype("f4"))
    ours, theirs = network.step(frames[0])[2], twin.step(frames[0])[2]
    expected = network.step(frames[1], ours)[0]
    fresh = network.step(frames[1])[0]
    assert (expected - fresh).abs().max() > 0.01
    assert torch.allclose(network.step(frames[1], theirs)[0], expected, atol=1e-3)
    assert torch.allclose(twin.step(frames[1], ours)[0], expected, atol=1e-3)


def test_a_short_embedding_of_the_first_hourglass_is_handed_on_short(tmp_path):
    variables = random_variables(2, **SMALL)
    for name in ("kernel", "bias"):
        variables[f"net/rnn/unet_0_cell/output/{name}"] *= 1e-3
    _, network = load_tensorflow_checkpoint(write_checkpoint(tmp_path / "model", variables))
    image = torch.from_numpy(np.random.default_rng(12).uniform(-1, 1, (1, 1, 16, 16)).astype("f4"))
    first, second, _ = network(image, None)
    assert first.norm(dim=1).max() < 0.01
    _, other, _ = TensorFlowRSHN(variables).forward(image, None)
    assert (second - other).abs().max() < TOLERANCE * second.abs().max()


def test_silent_filters_are_background():
    zeros = {name: np.zeros(shape, "f4") for name, shape in published_shapes(**SMALL).items()}
    vectors, foreground, _ = TensorFlowRSHN(zeros).step(torch.ones(8, 8))
    assert torch.equal(vectors[0], torch.ones(8, 8))
    assert not vectors[1:].any()
    assert not foreground.any()


@pytest.mark.parametrize("suffix", ["", ".index", ".data-00000-of-00001"])
def test_every_weight_comes_from_its_variable(small, suffix):
    prefix, variables = small
    architecture, network = load_tensorflow_checkpoint(prefix.with_name(prefix.name + suffix))
    assert architecture == Architecture(**SMALL)
    assert all(parameter.dtype == torch.float32 for parameter in network.parameters())
    back = published_variables(network)
    assert back.keys() == variables.keys()
    assert all(np.array_equal(back[name], variables[name]) for name in variables)


def refused(prefix):
    with pytest.raises(CellsegError) as caught:
        load_tensorflow_checkpoint(prefix)
    assert caught.value.remedy
    return caught.value


@pytest.mark.parametrize(
    "name",
    [
        "unet_0_cell/input/kernel",
        "unet_1_cell/output/bias",
        "unet_1_cell/parallel/level3/gru0/gates/u/kernel",
        "unet_0_cell/contracting/level3/conv0/bias",
    ],
)
def test_a_missing_variable_is_named(tmp_path, small, name):
    name = f"net/rnn/{name}"
    variables = dict(small[1])
    shape = list(variables.pop(name).shape)
    error = refused(write_checkpoint(tmp_path / "model", {**variables, **optimiser_variables(small[1])}))
    assert error.reason == f"{name} {shape} is missing"
    assert error.path == tmp_path / "model.index"


@pytest.mark.parametrize("name", ["unet_1_cell/input/kernel", "unet_0_cell/output/kernel"])
def test_a_misshapen_variable_is_named(tmp_path, small, name):
    name = f"net/rnn/{name}"
    shape = list(small[1][name].shape)
    wrong = [3, 3, *shape[2:]]
    error = refused(write_checkpoint(tmp_path / "model", {**small[1], name: np.zeros(wrong, "f4")}))
    assert error.reason == f"{name} is {wrong} and must be {shape}"


def test_everything_that_is_wrong_is_named(tmp_path, small):
    variables = dict(small[1])
    missing, misshapen = "net/rnn/unet_0_cell/input/bias", "net/rnn/unet_1_cell/output/bias"
    more = "net/rnn/unet_2_cell/input/bias"
    del variables[missing]
    variables[misshapen] = np.zeros(9, "f4")
    variables[more] = np.zeros(6, "f4")
    reason = refused(write_checkpoint(tmp_path / "model", variables)).reason
    assert f"{missing} [6] is missing" in reason
    assert f"{misshapen} is [9] and must be [5]" in reason
    assert f"{more} [6] has no place in the network" in reason


def test_the_network_of_2018_is_told_apart(tmp_path, small):
    variables = {
        name.replace("/conv0/", "/conv/").replace("/gru0/", "/gru/"): value
        for name, value in small[1].items()
        if "_cell/input/" not in name
    }
    error = refused(write_checkpoint(tmp_path / "model", variables))
    assert "MICCAI 2018" in error.reason
    assert "2019" in error.remedy


def test_another_network_is_told_apart(tmp_path):
    error = refused(write_checkpoint(tmp_path / "model", {"dense/kernel": np.zeros((2, 2), "f4")}))
    assert "holds no recurrent stacked hourglass network" in error.reason


def test_missing_and_damaged_files_are_named(tmp_path, small):
    assert refused(tmp_path / "none").path == tmp_path / "none.index"
    prefix = write_checkpoint(tmp_path / "model", small[1])
    data = prefix.with_name("model.data-00000-of-00001")
    whole = data.read_bytes()
    data.write_bytes(whole[:1000])
    assert "cannot be read" in refused(prefix).reason
    data.write_bytes(whole[:1000] + bytes([whole[1000] ^ 1]) + whole[1001:])
    assert "cannot be read" in refused(prefix).reason
    data.unlink()
    assert "model.data-00000-of-00001" in refused(prefix).reason
    data.write_bytes(whole)
    prefix.with_name("model.index").write_text("version https://git-lfs.github.com/spec/v1\n")
    assert "cannot be read" in refused(prefix).reason


def cellseg(*arguments, check=0):
    """Run the command line in this process; return what it said."""
    said = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stderr(said), redirect_stdout(said):
        patch.setattr(sys, "argv", ["cellseg", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
    assert (stop.value.code or 0) == check, said.getvalue()
    assert "Traceback" not in said.getvalue()
    return said.getvalue()


def bright_variables(filters=4, levels=2, embedding_size=4):
    """Weights set by hand: background along e0, anything bright along e1, with a fading memory."""
    shapes = published_shapes(filters, levels, embedding_size)
    variables = {name: np.zeros(shape, "f4") for name, shape in shapes.items()}
    last = "net/rnn/unet_1_cell"
    variables[f"{last}/input/kernel"][0, 0, 0, 0] = 1
    variables[f"{last}/contracting/level0/conv0/kernel"][1, 1, 0, 0] = 1
    variables[f"{last}/parallel/level0/gru0/gates/u/bias"][:] = -3
    variables[f"{last}/parallel/level0/gru0/candidate/y/kernel"][1, 1, 0, 0] = 1
    variables[f"{last}/expanding/level0/conv0/kernel"][1, 1, 0, 0] = 1
    variables[f"{last}/output/bias"][0] = 0.1
    variables[f"{last}/output/kernel"][0, 0, 0, 1] = 1
    return variables


@pytest.fixture
def movie(tmp_path):
    """Nine frames of a size that is no multiple of anything: three soft discs, one of which moves."""
    y, x = np.mgrid[:47, :63]
    folder = tmp_path / "movie"
    folder.mkdir()
    for t in range(9):
        distances = [np.hypot(y - 12, x - 12), np.hypot(y - 30, x - 20 - 1.5 * t), np.hypot(y - 14, x - 48)]
        discs = sum(1 / (1 + np.exp(distance - 6)) for distance in distances)
        noise = np.random.default_rng(t).normal(0, 2, y.shape)
        imwrite(folder / f"t{t:03d}.tif", (20 + 180 * discs + noise).astype(np.uint8))
    return folder


@pytest.fixture
def dataset(tmp_path):
    """A dataset whose publication prepared frames as the weights set by hand want them."""
    config = yaml.safe_load((CHECKOUT / "configs" / "DIC-C2DH-HeLa.yaml").read_text("utf-8"))
    config["published"].update(input_px_per_network_px=[1, 1], smoothing_sigma=0.5, window=6)
    config["linker"]["border"] = 0
    path = tmp_path / "Discs.yaml"
    path.write_text(yaml.safe_dump({**config, "dataset": "Discs"}), encoding="utf-8")
    return path


def test_a_checkpoint_becomes_a_model_with_its_card(tmp_path, dataset, small):
    folder = tmp_path / "models" / "authors"
    said = cellseg("models", "import-tensorflow", small[0], "--dataset", dataset, "--output", folder)
    assert str(folder) in said
    assert "6 filters, 4 levels, 5-D" in said
    assert sorted(path.name for path in folder.parent.iterdir()) == ["authors"]
    assert sorted(path.name for path in folder.iterdir()) == [
        "README.md",
        "model.yaml",
        "weights.safetensors",
    ]
    card = load_model_card(folder / "model.yaml")
    assert card.weights.dtype == "float32"
    assert card.preparation.input_px_per_network_px == (1, 1)
    assert card.preparation.smoothing_sigma == 0.5
    assert card.preparation.quantiles == (0.0005, 0.9995)
    assert card.preparation.pad_value == -1
    assert card.inference.model_dump() == {
        "state": "window",
        "schedule": "published",
        "window": 6,
        "warmup": 0,
        "foreground_threshold": 0.5,
        "views": 1,
    }
    assert card.training.data == ("unknown sequences of Discs, by the authors",)
    assert card.training.frames is card.training.steps is None
    assert "Payer" in card.terms
    assert "may have seen" in (folder / "README.md").read_text("utf-8")
    model = load_model(folder, torch.device("cpu"), backend="tensorflow")
    assert model.backend == "tensorflow"
    assert model.network.pad_value == -1
    assert all(np.array_equal(model.network.variables[name], value) for name, value in small[1].items())


def test_a_model_folder_is_not_overwritten(tmp_path, dataset, small):
    folder = tmp_path / "authors"
    folder.mkdir()
    (folder / "model.yaml").write_text("mine")
    said = cellseg("models", "import-tensorflow", small[0], "--dataset", dataset, "--output", folder, check=1)
    assert f"{folder}: exists already\n" in said
    assert (folder / "model.yaml").read_text() == "mine"
    assert [path.name for path in folder.iterdir()] == ["model.yaml"]


def test_a_refused_checkpoint_leaves_nothing(tmp_path, dataset):
    folder = tmp_path / "authors"
    said = cellseg(
        "models", "import-tensorflow", tmp_path / "no", "--dataset", dataset, "--output", folder, check=1
    )
    assert f"{tmp_path / 'no.index'}: there is no such file\n  Give" in said
    assert not list(tmp_path.glob("authors*"))


def test_a_dataset_without_a_publication_is_refused(tmp_path, small):
    config = tmp_path / "Mine.yaml"
    config.write_text("dataset: Mine\n")
    said = cellseg(
        "models", "import-tensorflow", small[0], "--dataset", config, "--output", tmp_path / "m", check=1
    )
    assert "Mine does not say how the authors prepared frames" in said


@pytest.fixture
def model(tmp_path, dataset):
    """The weights set by hand, imported."""
    folder = tmp_path / "authors"
    prefix = write_checkpoint(tmp_path / "discs", bright_variables())
    cellseg("models", "import-tensorflow", prefix, "--dataset", dataset, "--output", folder)
    return folder


@pytest.mark.parametrize("schedule", ["single-pass", "published"])
def test_infer_gives_the_masks_of_torch(tmp_path, model, movie, schedule):
    masks = {}
    for backend in ("torch", "tensorflow"):
        options = ("--backend", backend, "--device", "cpu", "--precision", "float32")
        settings = ("--set", "instances.min_area=20", "--set", f"inference.schedule={schedule}")
        cellseg("infer", movie, "--model", model, "--output", tmp_path / backend, *options, *settings)
        result = tmp_path / backend / "movie_RES"
        masks[backend] = imread(sorted(result.glob("mask*.tif")))
        assert (result / "res_track.txt").read_text() == "1 0 8 0\n2 0 8 0\n3 0 8 0\n"
    assert masks["torch"].shape == (9, 47, 63)
    assert (masks["torch"] != masks["tensorflow"]).mean() < 1e-3


def test_a_stream_is_resumed_with_its_state(tmp_path, model, movie):
    settings = ("instances.min_area=20", "inference.schedule=single-pass", "inference.state=stream")
    infer = ["infer", movie, "--model", model, "--backend", "tensorflow"]
    infer += [part for setting in settings for part in ("--set", setting)]
    cellseg(*infer, "--output", tmp_path / "whole")
    good = (movie / "t005.tif").read_bytes()
    (movie / "t005.tif").write_bytes(good[: len(good) // 2])
    assert "t005.tif" in cellseg(*infer, "--output", tmp_path / "cut", check=1)
    assert (tmp_path / "cut" / "movie_RES.partial" / "checkpoint.safetensors").exists()
    (movie / "t005.tif").write_bytes(good)
    cellseg(*infer, "--output", tmp_path / "cut")
    whole, cut = (sorted((tmp_path / name / "movie_RES").glob("mask*")) for name in ("whole", "cut"))
    assert len(whole) == len(cut) == 9
    assert [path.read_bytes() for path in whole] == [path.read_bytes() for path in cut]


def test_what_only_torch_does_is_refused(movie):
    options = ("--backend", "tensorflow", "--precision", "bfloat16")
    said = cellseg("infer", movie, "--model", "DIC-C2DH-HeLa", *options, check=1)
    assert "computes in float32, not in bfloat16" in said
    with pytest.raises(CellsegError, match="runs on the CPU, not on meta"):
        load_model("DIC-C2DH-HeLa", torch.device("meta"), torch.float32, "tensorflow")
    assert "--backend torch" in said
