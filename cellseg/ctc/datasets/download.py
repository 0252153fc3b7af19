"""Download one large file over a bad line: what has arrived is kept, and the rest is asked for."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from cellseg import __version__
from cellseg.errors import CellsegError

_BLOCK = 2**18
_PASSING = (408, 425, 429, 500, 502, 503, 504)
"""Answers of a server that may be another one in a while."""


class _Lost(Exception):
    """The connection ended before the file did; what has arrived is on the disk."""


def download(
    url: str,
    path: Path,
    *,
    timeout: float = 30.0,
    attempts: int = 5,
    pause: float = 1.0,
    progress: Callable[[int, int | None], Any] = lambda done, total: None,
    say: Callable[[str], Any] = lambda message: None,
) -> None:
    """Download a file, going on where an earlier call stopped.

    Parameters
    ----------
    url : str
        http or https.
    path : Path
        While it arrives it is `<path>.part`, with its origin in `<path>.part.json` beside it: a part of
        another address, or of a file that has changed since, is thrown away.
    timeout : float
        Seconds without a byte after which the connection counts as lost.
    attempts : int
        Most attempts in a row that bring nothing.
    pause : float
        Seconds before the second attempt; doubled from each to the next.
    progress : callable
        Told the bytes that are there, and those there will be if the server says.
    say : callable
        Told when a connection was lost.

    Raises
    ------
    CellsegError
        The server refuses, cannot be reached, or the disk has no room. What has arrived stays.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise CellsegError(f"{url} is no http or https address")
    part = _Part(url, path)
    failures = 0
    while True:
        before = part.size
        try:
            _fetch_rest(part, timeout, progress)
            break
        except _Lost as lost:
            failures = 1 if part.size > before else failures + 1
            if failures >= attempts:
                raise CellsegError(
                    f"{url} could not be fetched: {lost}",
                    path=path,
                    remedy="Run the same command again later: it goes on where it stopped.",
                ) from lost
            wait = pause * 2 ** (failures - 1)
            say(f"{lost}; trying again in {wait:.0f} s, from byte {part.size}")
            time.sleep(wait)
    part.finish()


def remote_size(url: str, *, timeout: float = 5.0) -> int | None:
    """Ask a server for the size of a file, in bytes; None if it cannot be reached or does not say."""
    try:
        with urlopen(_request(url, method="HEAD"), timeout=timeout) as response:
            return _whole_number(response.headers["Content-Length"])
    except (OSError, HTTPException):
        return None


class _Part:
    """What has arrived of a file, and what it is a part of."""

    def __init__(self, url: str, path: Path) -> None:
        self.target = path
        self.path = path.with_name(path.name + ".part")
        self._about = path.with_name(path.name + ".part.json")
        self.origin: dict[str, Any] = {"url": url}
        try:
            origin = json.loads(self._about.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            origin = None
        if isinstance(origin, dict) and origin.get("url") == url:
            self.origin = origin
        else:
            self.path.unlink(missing_ok=True)

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def begin(self, response: HTTPResponse) -> None:
        """Start from nothing, with what this answer says of the file."""
        self.origin = {
            "url": self.origin["url"],
            "etag": response.headers["ETag"],
            "modified": response.headers["Last-Modified"],
            "size": _whole_number(response.headers["Content-Length"]),
        }
        self.path.write_bytes(b"")
        self._about.write_text(json.dumps(self.origin), encoding="utf-8")

    def finish(self) -> None:
        self.path.replace(self.target)
        self._about.unlink()


def _fetch_rest(part: _Part, timeout: float, progress: Callable[[int, int | None], Any]) -> None:
    """Ask for what is missing, once."""
    if part.size and part.size == part.origin["size"]:
        return
    with closing(_ask(part, timeout)) as response:
        if response.status != 206:
            part.begin(response)
        total = part.origin["size"]
        if total is not None and total - part.size > shutil.disk_usage(part.path.parent).free:
            raise CellsegError(f"has no room for a file of {total} bytes", path=part.path.parent)
        with part.path.open("ab") as file:
            progress(file.tell(), total)
            while block := _receive(response):
                file.write(block)
                progress(file.tell(), total)
    if total is not None and part.size < total:
        raise _Lost(f"the connection ended after {part.size} of {total} bytes")
    if total is not None and part.size > total:
        part.path.unlink()
        raise _Lost("the server sent more than it had announced")


def _ask(part: _Part, timeout: float) -> HTTPResponse:
    """Open the connection; the answer is the whole file, or (206) exactly what is missing of it."""
    request = _request(part.origin["url"])
    start = part.size
    if start:
        request.add_header("Range", f"bytes={start}-")
        etag, modified = part.origin["etag"], part.origin["modified"]
        # A weak tag vouches for the meaning of a file, not for its bytes.
        if same := (etag if etag and not etag.startswith("W/") else modified):
            request.add_header("If-Range", same)
    try:
        response: HTTPResponse = urlopen(request, timeout=timeout)
    except HTTPError as error:
        with error:
            if error.code == 416 or error.code in _PASSING:
                if error.code == 416:
                    # It has changed, or the last call was stopped between the last byte and the end.
                    part.path.unlink(missing_ok=True)
                raise _Lost(f"the server answers {error.code} {error.reason}") from error
            raise CellsegError(
                f"{part.origin['url']}: the server answers {error.code} {error.reason}",
                remedy="Check the name (cellseg datasets list); the site may have moved its files.",
            ) from error
    except (OSError, HTTPException) as error:
        raise _Lost(f"{urlsplit(part.origin['url']).netloc} cannot be reached ({error})") from error
    if response.status == 206:
        found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers["Content-Range"] or "")
        total = part.origin["size"]
        if not found or int(found[1]) != start or (total is not None and found[2] not in ("*", str(total))):
            response.close()
            part.path.unlink()
            raise _Lost("the server sent another part than the one asked for")
    return response


def _receive(response: HTTPResponse) -> bytes:
    try:
        # Not read(), which waits for a whole block, and on a line that stalls loses what has come of it.
        return response.read1(_BLOCK)
    except (OSError, HTTPException) as error:
        raise _Lost(f"the connection was lost ({str(error) or type(error).__name__})") from error


def _request(url: str, method: str = "GET") -> Request:
    headers = {"User-Agent": f"cellseg/{__version__}", "Accept-Encoding": "identity"}
    return Request(url, headers=headers, method=method)


def _whole_number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None
