"""The widget: choose a movie and a model, press a button, and masks and tracks arrive as layers."""

from __future__ import annotations

from threading import Event
from typing import Any

from magicgui.widgets import ComboBox, Container, FloatSpinBox, Label, ProgressBar, PushButton
from napari.layers import Image
from napari.qt.threading import create_worker
from napari.utils.notifications import show_error

from cellseg.api import TrackingResult
from cellseg.errors import CellsegError
from cellseg.napari.readers import placed
from cellseg.napari.tracking import follow
from cellseg.resources import GENERALIST, available
from cellseg.video import ArrayVideo

_DEVICES = ("auto", "cpu", "cuda", "mps")


class TrackCells(Container):
    """Tracks the movie in an image layer.

    Parameters
    ----------
    napari_viewer : napari.Viewer
        Gives the layers, and gets the result.

    Attributes
    ----------
    movie, model, device, diameter : magicgui widgets
        What to do.
    run, cancel : PushButton
    progress : ProgressBar
    said : Label
        How it stands.
    worker : WorkerBase or None
        What tracks at the moment.
    """

    def __init__(self, napari_viewer: Any) -> None:
        self._viewer = napari_viewer
        self._cancelled = Event()
        self.worker: Any = None
        self.movie = ComboBox(label="movie", choices=self._movies, tooltip="Image layer (T, Y, X).")
        self.model = ComboBox(label="model", choices=available("models"), value=GENERALIST)
        self.device = ComboBox(label="device", choices=_DEVICES, tooltip="auto takes a GPU if there is one.")
        self.diameter = FloatSpinBox(
            label="diameter",
            min=0,
            max=10_000,
            value=0,
            tooltip="Typical diameter of a cell, in pixels; 0: as the movie's files say, or an estimate.",
        )
        self.run = PushButton(text="Track")
        self.cancel = PushButton(text="Cancel", enabled=False)
        self.progress = ProgressBar(label="frames", min=0, max=1, value=0)
        self.said = Label(value="")
        super().__init__(
            widgets=[
                *(self.movie, self.model, self.device, self.diameter),
                *(self.run, self.cancel, self.progress, self.said),
            ]
        )
        for change in ("inserted", "removed", "reordered"):
            getattr(napari_viewer.layers.events, change).connect(self._look_again)
        self.run.changed.connect(self._begin)
        self.cancel.changed.connect(self._stop)

    def _movies(self, widget: Any) -> list[Any]:
        """Image layers that may be movies."""
        return [layer for layer in self._viewer.layers if isinstance(layer, Image) and not layer.rgb]

    def _look_again(self, event: Any = None) -> None:
        self.movie.reset_choices()

    def _begin(self) -> None:
        layer = self.movie.value
        if layer is None:
            self.said.value = "Open a movie first."
            return
        data = layer.data[0] if layer.multiscale else layer.data
        try:
            movie = ArrayVideo(data, layer.metadata.get("pixel_size_um"))
        except CellsegError as error:
            self._fail(error)
            return
        options = {
            "model": self.model.value,
            "device": self.device.value,
            "diameter": self.diameter.value or None,
        }
        place = {"scale": tuple(layer.scale), "translate": tuple(layer.translate)}
        self._cancelled = Event()
        self.progress.max, self.progress.value = len(movie), 0
        self._busy(True)
        self.said.value = "Loading the model ..."

        def arrived(result: TrackingResult | None) -> None:
            if result is None:
                self.said.value = "Cancelled."
                return
            for made, given, kind in placed(result.to_napari(), **place):
                given["name"] = f"{layer.name} {given['name']}"
                getattr(self._viewer, f"add_{kind}")(made, **given)
            self.said.value = f"{len(result.tracks)} tracks."

        self.worker = create_worker(
            *(follow, movie, self._cancelled), **options, _start_thread=False, _ignore_errors=True
        )
        self.worker.yielded.connect(self._tell)
        self.worker.returned.connect(arrived)
        self.worker.errored.connect(self._fail)
        self.worker.finished.connect(lambda: self._busy(False))
        self.worker.start()

    def _stop(self) -> None:
        self._cancelled.set()
        self.said.value = "Stopping after this frame ..."

    def _tell(self, news: int | str) -> None:
        if isinstance(news, int):
            self.progress.value = min(news, self.progress.max)
            if not self._cancelled.is_set():
                self.said.value = f"{news} of {self.progress.max} frames"
        else:
            self.said.value = news

    def _fail(self, error: Exception) -> None:
        self.said.value = (
            str(error) if isinstance(error, CellsegError) else f"{type(error).__name__}: {error}"
        )
        show_error(self.said.value)

    def _busy(self, busy: bool) -> None:
        self.run.enabled, self.cancel.enabled = not busy, busy
