"""Movies: reproducible, lazy, and with a ground truth that is exact in every frame."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from cellseg.errors import CellsegError
from cellseg.simulate import PRESETS, Simulation, preset, simulate
from cellseg.simulate.population import Population
from cellseg.types import Track

NAMES = sorted(PRESETS)


def busy(name, **changes):
    """A small movie in which cells divide, enter and leave within a few frames."""
    life = {"diameter": 40.0, "cycle_frames": 12.0, "rounding_frames": 3.0, "speed": 4.0, "density": 0.5}
    return replace(preset(name), **{**life, **changes})


def tracks_of(label_images):
    """First and last frame of every label, by looking at every pixel."""
    seen = {}
    for frame, labels in enumerate(label_images):
        for label in set(labels.ravel().tolist()) - {0}:
            seen.setdefault(label, []).append(frame)
    return seen


@pytest.mark.parametrize("name", NAMES)
def test_frames_have_the_size_and_type_of_the_dataset(name):
    frame = next(simulate(preset(name), frames=1, seed=0))
    expected = {
        "DIC-C2DH-HeLa": ((512, 512), np.uint8),
        "Fluo-N2DH-GOWT1": ((1024, 1024), np.uint8),
        "Fluo-N2DH-SIM+": ((690, 628), np.uint16),
        "PhC-C2DH-U373": ((520, 696), np.uint8),
    }
    assert (frame.image.shape, frame.image.dtype) == expected[name]
    assert frame.labels.shape == frame.image.shape
    assert frame.labels.dtype == np.uint16


@pytest.mark.parametrize("name", NAMES)
def test_the_seed_decides(name):
    def movie(seed):
        return list(simulate(busy(name), frames=3, seed=seed, shape=(120, 150)))

    first, again, other = movie(5), movie(5), movie(6)
    for one, two in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.image, two.image)
        np.testing.assert_array_equal(one.labels, two.labels)
    assert any(not np.array_equal(one.labels, two.labels) for one, two in zip(first, other, strict=True))


def test_a_longer_movie_begins_like_a_shorter_one():
    short = list(simulate(busy("DIC-C2DH-HeLa"), frames=2, seed=3, shape=(100, 100)))
    long = simulate(busy("DIC-C2DH-HeLa"), frames=10_000, seed=3, shape=(100, 100))
    for one, two in zip(short, long, strict=False):
        np.testing.assert_array_equal(one.image, two.image)


def test_a_simulation_can_be_drawn_twice():
    simulation = Simulation(busy("Fluo-N2DH-SIM+"), frames=4, seed=1, shape=(90, 90))
    first = [frame.image for frame in simulation.frames()]
    tracks = simulation.tracks
    second = [frame.image for frame in simulation.frames()]
    np.testing.assert_array_equal(first, second)
    assert simulation.tracks == tracks


def test_the_optics_do_not_change_what_the_cells_do():
    dic, phase = preset("DIC-C2DH-HeLa"), preset("PhC-C2DH-U373")
    one = next(simulate(dic, frames=1, seed=1, shape=(150, 150)))
    two = next(simulate(replace(dic, optics=phase.optics), frames=1, seed=1, shape=(150, 150)))
    np.testing.assert_array_equal(one.labels, two.labels)
    assert not np.array_equal(one.image, two.image)


@settings(max_examples=6, deadline=None)
@given(name=st.sampled_from(NAMES), seed=st.integers(0, 2**32), deformation=st.floats(0.0, 0.4))
def test_every_track_is_one_piece_in_each_of_its_frames_and_in_no_other(name, seed, deformation):
    simulation = Simulation(busy(name, deformation=deformation), frames=14, seed=seed, shape=(90, 120))
    label_images = [frame.labels for frame in simulation.frames()]
    seen = tracks_of(label_images)
    assert {track.label for track in simulation.tracks} == set(seen)
    for track in simulation.tracks:
        assert seen[track.label] == list(range(track.begin, track.end + 1))
        for labels in label_images[track.begin : track.end + 1]:
            assert ndimage.label(labels == track.label)[1] == 1


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_daughters_begin_when_their_mother_ends(seed):
    simulation = Simulation(busy("DIC-C2DH-HeLa"), frames=18, seed=seed, shape=(120, 120))
    for _ in simulation.frames():
        pass
    by_label = {track.label: track for track in simulation.tracks}
    parents = [track.parent for track in simulation.tracks if track.parent]
    assert all(parents.count(parent) <= 2 for parent in parents)
    for track in simulation.tracks:
        if track.parent:
            assert by_label[track.parent].end == track.begin - 1


def test_cells_divide_into_two_that_touch_where_the_mother_was():
    simulation = Simulation(busy("DIC-C2DH-HeLa"), frames=20, seed=2, shape=(220, 220))
    label_images = [frame.labels for frame in simulation.frames()]
    families: dict[int, list[Track]] = {}
    for track in simulation.tracks:
        families.setdefault(track.parent, []).append(track)
    complete = {mother: pair for mother, pair in families.items() if mother and len(pair) == 2}
    assert complete
    touching = 0
    for mother, (one, two) in complete.items():
        now = label_images[one.begin]
        around = ndimage.binary_dilation(now == one.label, iterations=3)
        touching += bool(np.any(around & (now == two.label)))
        before = ndimage.binary_dilation(label_images[one.begin - 1] == mother, iterations=20)
        assert np.any(before & np.isin(now, [one.label, two.label]))
    assert touching == len(complete)


def test_cells_enter_and_leave():
    simulation = Simulation(busy("PhC-C2DH-U373", cycle_frames=500.0), frames=60, seed=4, shape=(150, 150))
    for _ in simulation.frames():
        pass
    orphans = [track for track in simulation.tracks if track.begin > 0 and track.parent == 0]
    mothers = {track.parent for track in simulation.tracks}
    lost = [track for track in simulation.tracks if track.end < 59 and track.label not in mothers]
    assert orphans and lost


def test_the_density_of_a_long_movie_stays():
    population = Population(busy("DIC-C2DH-HeLa"), (160, 160), np.random.default_rng(1))
    counts = []
    for _ in range(250):
        population.advance()
        counts.append(len(population.cells))
    assert max(cell.identity for cell in population.cells) > 3 * counts[0], "generations have passed"
    assert max(counts[50:]) < 1.5 * min(counts[50:])


def test_confluent_cells_share_borders():
    frame = next(simulate(preset("DIC-C2DH-HeLa"), frames=1, seed=1))
    left, right = frame.labels[:, :-1], frame.labels[:, 1:]
    assert np.count_nonzero((left != right) & (left > 0) & (right > 0)) > 100


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"frames": 0, "seed": 1}, "0 frames"),
        ({"frames": 1, "seed": -1}, "negative"),
        ({"frames": 1, "seed": 1, "shape": (512, 8)}, "too small"),
    ],
)
def test_impossible_numbers_are_refused(arguments, reason):
    with pytest.raises(CellsegError, match=reason):
        Simulation(preset("DIC-C2DH-HeLa"), **arguments)


def test_an_unknown_preset_is_refused_by_name():
    with pytest.raises(CellsegError, match="there is no preset 'HeLa'"):
        preset("HeLa")
