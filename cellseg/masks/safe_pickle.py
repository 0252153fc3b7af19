"""Read a pickle of NumPy arrays and plain values without trusting it.

A pickle is a program: it names functions, and the loader calls them. Here none is called but those of this
file, which stand for the few that arrays are made with and do nothing but keep what they are given; NumPy's
own, which were not written for hostile data, are not. Anything else that a pickle names is refused.
"""

from __future__ import annotations

import pickle
import re
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

_PLAIN = re.compile(r"([biufcSU?][0-9]*)")
"""Codes of types whose values are plain bytes."""


class Unsafe(Exception):
    """A pickle names what it should not."""


class _Type:
    """Stands for `numpy.dtype`."""

    def __init__(self, code: str, *_: object) -> None:
        self._code, self._order = str(code), "|"

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        if any(part is not None for part in state[2:5]):
            raise Unsafe("an array of structures")
        self._order = str(state[1])

    @property
    def holds_objects(self) -> bool:
        return self._code in ("O", "O8")

    def plain(self) -> np.dtype[Any]:
        if not _PLAIN.fullmatch(self._code) or self._order not in "<>|=":
            raise Unsafe(f"an array of type {self._code}")
        return np.dtype(self._order + self._code)


class PickledArray:
    """Stands for `numpy.ndarray`: what a pickle says of an array."""

    _shape: tuple[int, ...] = ()
    _type = _Type("O")
    _data: Any = b""
    _by_column = False

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, self._shape, self._type, self._by_column, self._data = state

    def items(self) -> list[Any]:
        """Give the items of an array of objects; none of any other array."""
        return self._data if self._type.holds_objects and isinstance(self._data, list) else []

    def array(self) -> NDArray[Any]:
        """Make the array, of plain numbers.

        Raises
        ------
        Unsafe
            It is one of anything else.
        ValueError
            Data and shape do not fit.
        """
        flat = np.frombuffer(self._data, self._type.plain())
        return flat.reshape(self._shape, order="F" if self._by_column else "C")


def _array(*_: object) -> PickledArray:
    return PickledArray()


def _unasked(*_: object) -> None:
    """Stands for a single number or the path of a file, which nobody asks for."""


_STANDING_IN: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): PickledArray,
    ("numpy", "dtype"): _Type,
    **{
        (f"numpy.{core}.multiarray", name): stand_in
        for core in ("core", "_core")
        for name, stand_in in (("_reconstruct", _array), ("scalar", _unasked))
    },
    **{
        (module, name): _unasked
        for module in ("pathlib", "pathlib._local")
        for name in ("PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath")
    },
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """Give what stands for a global; refuse all others."""
        try:
            return _STANDING_IN[module, name]
        except KeyError:
            raise Unsafe(f"{module}.{name}") from None


def load_pickle(file: IO[bytes]) -> Any:
    """Read a pickle that holds arrays, numbers, texts, paths, and lists, tuples and dictionaries of them.

    Parameters
    ----------
    file : binary file
        At the beginning of the pickle.

    Returns
    -------
    object
        Arrays are `PickledArray`, single NumPy numbers and paths None.

    Raises
    ------
    Unsafe
        It names anything else.
    """
    return _Unpickler(file).load()
