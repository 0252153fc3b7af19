"""The network: published shapes, hand-computed arithmetic, state, padding."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from cellseg.config import Architecture
from cellseg.rshn import RSHN, flops_per_frame, load_weights, save_weights
from cellseg.rshn.conv_gru import ConvGRU

PUBLISHED = Path(__file__).parent / "published_shapes.json"


def shapes_under_published_names(network: RSHN) -> dict[str, list[int]]:
    """Kernels (height, width, in, out) and biases, the gates taken apart, without the scope's prefix."""
    shapes = {}

    def put(name, weight, bias):
        shapes[f"{name}/kernel"] = list(weight.permute(2, 3, 1, 0).shape)
        shapes[f"{name}/bias"] = list(bias.shape)

    for k, hourglass in enumerate(network.hourglasses):
        put(f"unet_{k}_cell/input", hourglass.input.weight, hourglass.input.bias)
        put(f"unet_{k}_cell/output", hourglass.output.weight, hourglass.output.bias)
        for level in range(network.levels):
            for path in ("contracting", "expanding"):
                layer = getattr(hourglass, path)[level]
                put(f"unet_{k}_cell/{path}/level{level}/conv0", layer.weight, layer.bias)
            unit = hourglass.parallel[level]
            name = f"unet_{k}_cell/parallel/level{level}/gru0"
            for gate, weight, bias in zip(
                "ru", unit.gates.weight.chunk(2), unit.gates.bias.chunk(2), strict=True
            ):
                put(f"{name}/gates/{gate}", weight, bias)
            put(f"{name}/candidate/y", unit.candidate.weight, unit.candidate.bias)
    return shapes


def test_published_size_has_the_published_shapes():
    network = RSHN()
    assert shapes_under_published_names(network) == json.loads(PUBLISHED.read_text())
    assert sum(parameter.numel() for parameter in network.parameters()) == 4_136_608


def test_published_cost():
    # 51.746 G multiplications with addition for one frame of 256 x 256.
    assert flops_per_frame(Architecture(), (256, 256)) == pytest.approx(2 * 51.746e9, rel=1e-4)
    small = Architecture(filters=8, levels=3, embedding_size=4)
    assert flops_per_frame(small, (5, 9)) == flops_per_frame(small, (8, 12))


def test_initial_weights_have_the_wanted_spread():
    torch.manual_seed(0)
    hourglass = RSHN().hourglasses[0]
    unit = hourglass.parallel[0]
    for layer, scale in ((hourglass.contracting[0], 2), (unit.gates, 1), (unit.candidate, 2)):
        wanted = (scale / layer.weight[0].numel()) ** 0.5
        assert layer.weight.std().item() == pytest.approx(wanted, rel=0.02)
        assert layer.weight.abs().max() <= 2 * wanted / 0.8796256 + 1e-6
        assert not layer.bias.any()


def test_conv_gru_by_hand():
    unit = ConvGRU(1)
    for parameter in unit.parameters():
        torch.nn.init.zeros_(parameter)
    with torch.no_grad():
        unit.gates.weight[:, :, 1, 1] = torch.tensor([[1.0, 0.0], [0.0, 2.0]])  # r from x, u from h
        unit.candidate.weight[0, :, 1, 1] = torch.tensor([3.0, 4.0])
    x, h = 0.5, 0.25
    r, u = 1 / (1 + 2.718281828**-x), 1 / (1 + 2.718281828 ** -(2 * h))
    y = 3 * x + 4 * r * h
    result = unit(torch.full((1, 1, 1, 1), x), torch.full((1, 1, 1, 1), h))
    assert result.item() == pytest.approx(u * h + (1 - u) * y, rel=1e-6)


def test_tiny_network_by_hand():
    """Two levels, one filter, kernels of a single 1: a network that can be followed with a pencil."""
    network = RSHN(filters=1, levels=2, embedding_size=2)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()
        for hourglass in network.hourglasses:
            hourglass.input.weight[0, 0] = 1
            hourglass.output.weight[:] = torch.tensor([3.0, 4.0]).reshape(2, 1, 1, 1)
            for layer in (*hourglass.contracting, *hourglass.expanding):
                layer.weight[0, 0, 1, 1] = 1
            for unit in hourglass.parallel:
                unit.candidate.weight[0, 0, 1, 1] = 1  # y = x; the gates are 1/2
    image = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    # h0 = x / 2; level 1 sees the maximum, 4: h1 = 2; level 0 adds both: x / 2 + 2.
    expected = image / 2 + 2
    first, second, state = network(image[None, None], None)
    assert torch.equal(first[0], torch.stack([3 * expected, 4 * expected]))
    assert torch.equal(second, first)  # the second hourglass reads the image alone here
    # Next frame: h0 = h0 / 2 + x / 2, h1 = 1 + 2.
    first, _, _ = network(image[None, None], state)
    assert torch.equal(first[0, 0], 3 * (0.75 * image + 3))
    vectors, foreground, _ = network.step(image)
    assert torch.allclose(vectors[0], torch.full((2, 2), 0.6))
    assert foreground.all()  # 0.36 < 0.5


def test_second_hourglass_reads_the_unit_embedding_of_the_first():
    torch.manual_seed(1)
    network = RSHN(4, 2, 3)
    image = torch.randn(1, 1, 8, 8)
    first, second, _ = network(image, None)
    norm = first.square().sum(1, keepdim=True).clamp_min(1e-4).sqrt()
    expected, _ = network.hourglasses[1](torch.cat([image, first / norm], 1), [None, None])
    assert torch.allclose(second, expected, atol=1e-6)


def test_state_carries_the_past():
    torch.manual_seed(2)
    network = RSHN(4, 3, 4)
    frames = torch.randn(3, 16, 16)
    vectors, _, state = network.step(frames[0])
    assert torch.allclose(vectors.norm(dim=0), torch.ones(16, 16), atol=1e-5)
    later, _, next_state = network.step(frames[1], state)
    fresh, _, _ = network.step(frames[1])
    assert not torch.allclose(later, fresh)
    assert [tuple(s.shape) for s in state] == [(1, 4, 16 >> level, 16 >> level) for level in (0, 1, 2)] * 2
    # The state that was given is not changed: the same step gives the same answer.
    again, _, _ = network.step(frames[1], state)
    assert torch.equal(later, again)
    assert len(next_state) == len(state)


@pytest.mark.parametrize("pad_value", [None, -1.0])
@pytest.mark.parametrize("size", [(16, 16), (17, 23), (1, 1), (9, 16), (3, 5)])
def test_sizes_that_are_no_multiple_are_padded_and_cropped(size, pad_value):
    torch.manual_seed(3)
    network = RSHN(4, 4, 4, pad_value=pad_value)
    frame = torch.randn(size)
    vectors, foreground, _ = network.step(frame)
    assert vectors.shape == (4, *size)
    assert foreground.shape == size
    below, right = -size[0] % 8, -size[1] % 8
    if pad_value is None:
        aligned = torch.from_numpy(np.pad(frame.numpy(), ((0, below), (0, right)), mode="symmetric"))
    else:
        aligned = torch.from_numpy(np.pad(frame.numpy(), ((0, below), (0, right)), constant_values=pad_value))
    whole, whole_foreground, _ = network.step(aligned)
    assert torch.equal(vectors, whole[:, : size[0], : size[1]])
    assert torch.equal(foreground, whole_foreground[: size[0], : size[1]])


def test_a_batch_is_its_frames_one_by_one():
    torch.manual_seed(4)
    network = RSHN(4, 2, 4)
    frames = torch.randn(3, 6, 10)
    vectors, foreground, _ = network.step(frames)
    for index, frame in enumerate(frames):
        alone, alone_foreground, _ = network.step(frame)
        assert torch.allclose(vectors[index], alone, atol=1e-5)
        assert torch.equal(foreground[index], alone_foreground)


def test_weights_survive_the_disk(tmp_path):
    from cellseg.errors import CellsegError

    torch.manual_seed(5)
    network, other = RSHN(4, 2, 4), RSHN(4, 2, 4)
    path = tmp_path / "weights.safetensors"
    sha256 = save_weights(network, path, torch.float32)
    load_weights(other, path, sha256)
    assert all(torch.equal(a, b) for a, b in zip(network.parameters(), other.parameters(), strict=True))
    with pytest.raises(CellsegError, match=r"not those that model\.yaml names"):
        load_weights(other, path, "0" * 64)
    with pytest.raises(CellsegError, match="another architecture"):
        load_weights(RSHN(8, 2, 4), path)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(CellsegError, match="damaged"):
        load_weights(other, path)
    with pytest.raises(CellsegError, match="missing"):
        load_weights(other, tmp_path / "none.safetensors")
