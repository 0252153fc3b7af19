"""Any running Dask cluster as an executor; needs the extra `cluster`."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from cellseg.errors import CellsegError

_PATIENCE = "20s"


class Cluster:
    """Runs calls on the workers of a Dask scheduler; a movie whose worker dies goes on at another one.

    Parameters
    ----------
    address : str
        Of the scheduler, such as `tcp://10.0.0.1:8786`.

    Raises
    ------
    CellsegError
        The extra is missing, or no scheduler answers.
    """

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client
        except ImportError as error:
            raise CellsegError(
                "--scheduler needs Dask, which is not installed", remedy='pip install "cellseg-rshn[cluster]"'
            ) from error
        try:
            self._client = Client(address, timeout=_PATIENCE)
        except (OSError, ValueError) as error:
            raise CellsegError(
                f"no Dask scheduler answers at {address} ({error})",
                remedy="Start one with `dask scheduler`, and give the address it prints.",
            ) from error
        # The same call twice is wanted twice: what is done is on the disk, not in the cluster's memory.
        self._executor = self._client.get_executor(pure=False)

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        """Call a function on some worker.

        Parameters
        ----------
        function : callable
        *arguments

        Returns
        -------
        Future
        """
        future: Future[Any] = self._executor.submit(function, *arguments)
        return future

    def stop(self) -> None:
        """Cancel what has not begun; a movie that is being worked on is finished by its worker."""
        self._executor.shutdown(wait=False)

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()
