"""The loss: known values, every instance counted, nothing taught by ignored pixels."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cellseg.training.labels import BACKGROUND, FOREGROUND, IGNORED
from cellseg.training.loss import Targets
from cellseg.training.loss import clip_loss as losses_of_clips


def clip_loss(raw, labels, radius=1e9, **options):
    """Loss of a single clip, raw (T, D, Y, X) and labels (T, Y, X)."""
    return losses_of_clips(raw[:, None], Targets.of(labels[:, None], radius), **options)


def embed(labels, directions):
    """Raw embeddings (T, D, Y, X) with a given direction for each label, of various lengths."""
    raw = torch.zeros(labels.shape[0], 4, *labels.shape[1:])
    for label, direction in directions.items():
        t, y, x = torch.nonzero(labels == label, as_tuple=True)
        raw[t, :, y, x] = torch.tensor(direction) * (1 + torch.arange(len(t)) % 3).float()[:, None]
    return raw


LABELS = torch.tensor([[[0, 1, 1, 2], [0, 0, 2, 2]], [[0, 1, 0, 2], [0, 1, 2, 2]]])
PERFECT = {0: [1.0, 0, 0, 0], 1: [0, 1.0, 0, 0], 2: [0, 0, 1.0, 0]}


def test_perfect_embeddings_cost_nothing():
    loss = clip_loss(embed(LABELS, PERFECT), LABELS)
    assert loss.total(2).item() == pytest.approx(0, abs=1e-6)


def test_two_instances_with_one_direction_are_pushed():
    loss = clip_loss(embed(LABELS, PERFECT | {2: PERFECT[1]}), LABELS)
    assert loss.push.item() == pytest.approx(1)
    assert loss.pull.item() == pytest.approx(0, abs=1e-6)
    half = [0, 0.5**0.5, 0.5**0.5, 0]
    assert clip_loss(embed(LABELS, PERFECT | {2: half}), LABELS).push.item() == pytest.approx(0.5)


def test_an_instance_split_by_sign_is_pulled_together():
    # The squared pull of the published loss takes v and -v for equal.
    labels = torch.ones(1, 1, 4, dtype=torch.int32)
    raw = torch.zeros(1, 4, 1, 4)
    raw[0, 1, 0] = torch.tensor([1.0, 1.0, 1.0, -1.0])
    assert clip_loss(raw, labels).pull.item() == pytest.approx((0 + 0 + 0 + 2) / 4)
    assert clip_loss(raw, labels, squared_pull=True).pull.item() == pytest.approx(0)


def test_one_lone_cell_counts():
    labels = torch.tensor([[[7, 7]]])
    raw = torch.tensor([[1.0, 0.0], [0.0, 1.0]]).reshape(1, 2, 1, 2)  # pixels orthogonal to each other
    loss = clip_loss(raw, labels)
    assert loss.pull.item() == pytest.approx(1 - 0.5**0.5)
    assert clip_loss(raw, labels, squared_pull=True).pull.item() == pytest.approx(1 - 0.5)
    assert loss.push.item() == 0


def test_background_by_hand():
    labels = torch.tensor([[[BACKGROUND, BACKGROUND, FOREGROUND, IGNORED]]])
    e0 = [0.6, -1.0, 0.8, 0.0]
    raw = torch.tensor([e0, [(1 - v * v) ** 0.5 for v in e0]]).reshape(1, 2, 1, 4)
    loss = clip_loss(raw, labels)
    assert loss.background.item() == pytest.approx((0.4 + 2.0) / 2 + 0.64)
    assert loss.pull.item() == loss.push.item() == 0


def test_every_instance_weighs_the_same():
    labels = torch.tensor([[[1] * 9 + [2]]])
    raw = torch.zeros(1, 4, 1, 10)
    raw[0, 1, 0, :8] = 1.0
    raw[0, 3, 0, 8] = 1.0  # one stray pixel of nine
    raw[0, 2, 0, 9] = 1.0
    mean = torch.nn.functional.normalize(torch.tensor([8.0, 1.0]), dim=0)
    expected = (8 * (1 - mean[0]) + 1 - mean[1]) / 9
    assert clip_loss(raw, labels).pull.item() == pytest.approx(expected.item() / 2, rel=1e-5)


@pytest.mark.parametrize("labels", [IGNORED, BACKGROUND, FOREGROUND])
def test_clips_without_instances_have_a_gradient(labels):
    raw = torch.randn(2, 4, 3, 3, requires_grad=True)
    loss = clip_loss(raw, torch.full((2, 3, 3), labels))
    loss.total(2).backward()
    assert torch.isfinite(raw.grad).all()
    assert raw.grad.any() == (labels != IGNORED)


def slow_neighbours(labels, i, j, radius):
    for frame in labels:
        a, b = np.argwhere(frame == i), np.argwhere(frame == j)
        if len(a) and len(b):
            gaps = np.maximum(a.min(0) - b.max(0), b.min(0) - a.max(0))
            if (gaps <= radius).all():
                return True
    return False


def slow_loss(raw, labels, radius):
    """The same in plain loops, float64."""
    clip = labels.numpy()
    raw = np.moveaxis(raw.double().numpy(), 1, -1).reshape(-1, raw.shape[1])
    labels = labels.numpy().ravel()
    unit = raw / np.linalg.norm(raw, axis=1, keepdims=True)
    ids = sorted({label for label in labels if label > 0})
    means = {i: raw[labels == i].mean(0) for i in ids}
    means = {i: mean / np.linalg.norm(mean) for i, mean in means.items()}
    pull = [np.mean([1 - p @ means[i] for p in unit[labels == i]]) for i in ids]
    push = [
        np.mean([(p @ means[i]) ** 2 for p in unit[labels == j]])
        for i in ids
        for j in ids
        if i != j and slow_neighbours(clip, i, j, radius)
    ]
    background = 0.0
    cells = (labels > 0) | (labels == FOREGROUND)
    beside, apart = [], []
    for place, label in enumerate(labels):
        if label == BACKGROUND:
            frame, y, x = np.unravel_index(place, clip.shape)
            around = clip[frame, max(y - 5, 0) : y + 6, max(x - 5, 0) : x + 6]
            is_beside = ((around > 0) | (around == FOREGROUND)).any()
            (beside if is_beside else apart).append(1 - unit[place, 0])
    kinds = [kind for kind in (beside, apart) if kind]
    background += sum(np.mean(kind) / len(kinds) for kind in kinds)
    if cells.any():
        background += np.mean(unit[cells, 0] ** 2)
    return [float(np.mean(part)) if part else 0.0 for part in (pull, push)] + [background]


def test_background_beside_a_cell_weighs_as_much_as_all_the_rest():
    labels = torch.zeros(1, 1, 40, dtype=torch.int32)
    labels[0, 0, 0] = FOREGROUND
    raw = torch.zeros(1, 2, 1, 40)
    raw[0, 0, 0, 1:], raw[0, 1, 0, 0] = 1, 1  # all right ...
    assert clip_loss(raw, labels).background.item() == 0
    raw[0, :, 0, 5] = torch.tensor([0.0, 1.0])  # ... but one of the five pixels beside the cell
    assert clip_loss(raw, labels).background.item() == pytest.approx(1 / 5 / 2)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31), st.integers(-2, 4), st.integers(1, 9), st.integers(0, 4))
def test_against_plain_loops(seed, low, high, radius):
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(low, max(low, high) + 1, (2, 4, 17), generator=generator)
    labels[:, :, 6:] = labels[:, :, 6:].clamp(max=BACKGROUND)  # so that some is far from every cell
    raw = torch.randn(2, 6, 4, 17, generator=generator)
    loss = clip_loss(raw, labels, radius)
    found = [loss.pull.item(), loss.push.item(), loss.background.item()]
    assert found == pytest.approx(slow_loss(raw, labels, radius), abs=1e-5)


def test_only_neighbours_are_pushed():
    labels = torch.zeros(2, 3, 20, dtype=torch.int32)
    labels[0, 1, 0:3], labels[0, 1, 6:8], labels[1, 1, 18:20] = 1, 2, 3  # the third in another frame only
    raw = torch.zeros(2, 4, 3, 20)
    raw[:, 1] = 1  # all alike
    assert clip_loss(raw, labels, radius=4).push.item() == pytest.approx(1)
    assert clip_loss(raw, labels, radius=3).push.item() == 0


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 4))
def test_clips_side_by_side_are_as_each_alone(seed, clips):
    generator = torch.Generator().manual_seed(seed)
    highest = torch.randint(IGNORED, 5, (clips, 1, 1), generator=generator)  # some clips without instances
    labels = torch.randint(IGNORED, 5, (2, clips, 4, 17), generator=generator).minimum(highest)
    raw = torch.randn(2, clips, 6, 4, 17, generator=generator)
    together = losses_of_clips(raw, Targets.of(labels, 3))
    for clip in range(clips):
        alone = clip_loss(raw[:, clip], labels[:, clip], 3)
        for part in ("pull", "push", "background"):
            assert getattr(together, part)[clip].item() == pytest.approx(
                getattr(alone, part).item(), abs=1e-6
            )
