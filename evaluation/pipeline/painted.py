"""The published network without trained weights: its time is real, its embeddings are painted.

Weights that nobody trained find no cells, and without cells there is nothing to cluster. So every step of the
network is run, and its embedding replaced by one that says where the cells of a simulated movie are. Noise
has sd 0.05: the clusters are more compact than those of trained embeddings, which favours clusterers whose
seeds climb one after the other.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import normalize

from cellseg.config import Architecture, Inference, ModelCard, Preparation, Published, Training, Weights
from cellseg.ctc import read_labels, segmentation_path
from cellseg.rshn import Model, Network, State, Tiling, build_network
from cellseg.rshn.published_tiles import OUTSIDE
from cellseg.simulate import PRESETS, Preset, preset, write_ctc
from cellseg.video import Video, network_shape, prepare, shrink_labels

SEED = 1
NOISE = 0.05
KEY = 8
"""Pixels of a prepared frame that tell it from the others: they hold its noise."""


def simulate(dataset: str, folder: Path, frames: int) -> Path:
    """Simulate a movie of the size of a dataset's frames.

    Parameters
    ----------
    dataset : str
    folder : Path
        Where it goes.
    frames : int

    Returns
    -------
    Path
        Folder of the frames; `<sequence>_GT` is beside it.
    """
    return write_ctc(_preset(dataset), folder, "01", frames, SEED)


def _preset(dataset: str) -> Preset:
    if dataset in PRESETS:
        return preset(dataset)
    # The one dataset without a preset: hundreds of small nuclei. Density and diameter are our guess.
    assert dataset == "Fluo-N2DL-HeLa"
    nuclei = preset("Fluo-N2DH-GOWT1")
    return replace(nuclei, name=dataset, shape=(700, 1100), density=0.1, diameter=20.0)


class PaintedNetwork:
    """A network that takes the time of another one, and knows the cells (`cellseg.rshn.Network`).

    Parameters
    ----------
    network : RSHN
        Whose steps are run.
    size : int
        Length D of its embeddings.
    video : Video
    preparation : Preparation
    truth : Path
        `<sequence>_GT` of the movie, with every frame segmented.
    device : torch.device
    """

    def __init__(
        self,
        network: Network,
        size: int,
        video: Video,
        preparation: Preparation,
        truth: Path,
        device: torch.device,
    ) -> None:
        self.network = network
        self._embeddings: dict[tuple[float, ...], Tensor] = {}
        shape = network_shape(video.shape[1:], preparation)
        generator = torch.Generator().manual_seed(SEED)
        noise = NOISE * torch.randn((size, *shape), generator=generator)
        directions = torch.zeros((0, size))
        for t in range(len(video)):
            path = segmentation_path(truth, video.frame_numbers[t], video.digits)
            labels = torch.from_numpy(shrink_labels(read_labels(path), shape).astype("int64"))
            more = torch.randn((max(0, int(labels.max()) + 1 - len(directions)), size), generator=generator)
            more[:, 0] = 0.0
            directions = torch.cat([directions, normalize(more, dim=1)])
            directions[0] = torch.eye(size)[0]
            vectors = normalize(directions[labels].movedim(-1, 0) + noise, dim=0)
            self._embeddings[_key(torch.from_numpy(prepare(video.frame(t), preparation)))] = vectors.to(
                device
            )

    def step(self, frame: Tensor, state: State | None = None) -> tuple[Tensor, Tensor, State]:
        """Run the network on a frame (Y, X) or on its tiles (B, Y, X), and paint the embedding."""
        _, _, state = self.network.step(frame, state)
        vectors = self._embeddings[_key(frame)]
        if frame.ndim == 3:
            tiling = Tiling((vectors.shape[1], vectors.shape[2]))
            vectors = torch.stack([tiling.cut(channel) for channel in vectors], dim=1)
            assert OUTSIDE**2 >= 0.5  # so that what lies outside is background
        return vectors, vectors.select(-3, 0).square() < 0.5, state


def painted_model(
    published: Published,
    architecture: Architecture,
    video: Video,
    truth: Path,
    device: torch.device,
    precision: torch.dtype,
) -> Model:
    """Build the painted network at the scale that was published for a dataset; its state streams.

    Parameters
    ----------
    published : Published
    architecture : Architecture
    video : Video
    truth : Path
    device : torch.device
    precision : torch.dtype

    Returns
    -------
    Model
    """
    torch.manual_seed(SEED)
    card = ModelCard(
        format=1,
        architecture=architecture,
        preparation=Preparation(input_px_per_network_px=published.input_px_per_network_px),
        inference=Inference(state="stream"),
        weights=Weights(sha256="0" * 64, dtype="float32"),
        training=Training(data=("none",), frames=((0, 1),), seed=SEED, steps=0, commit="none"),
        terms="none",
    )
    network = build_network(architecture, card.preparation.pad_value).to(device, precision).eval()
    painted = PaintedNetwork(network, architecture.embedding_size, video, card.preparation, truth, device)
    return Model("untrained", card, painted, device, precision)


def _key(frame: Tensor) -> tuple[float, ...]:
    """First pixels of a frame, or of the first of its tiles."""
    return tuple(frame.reshape(-1, frame.shape[-1])[0, :KEY].tolist())
