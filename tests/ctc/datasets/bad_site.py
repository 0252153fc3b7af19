"""A server of datasets whose lines and disks are as bad as a test wants them."""

import hashlib
import io
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NAME = "DIC-C2DH-Tiny"


def zipped(entries):
    """A zip file of (name, content) or (ZipInfo, content)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return buffer.getvalue()


def dataset(frames=3, size=40_000):
    """What the archive of a dataset holds: frames that do not compress."""
    contents = [
        b"".join(hashlib.sha256(bytes([t, i % 256, i // 256])).digest() for i in range(size // 32))
        for t in range(frames)
    ]
    return {f"{NAME}/01/t{t:03d}.tif": content for t, content in enumerate(contents)}


class Site:
    """The server, and what it is to do wrong.

    Attributes
    ----------
    files : dict of str to bytes
        By path.
    faults : list of callable
        The next requests for a file meet one each, whole and short of it: `fault(handler, body)` sends what
        it likes; None is no fault.
    etag, ranges : bool
        Whether files carry a tag, and whether parts of them can be asked for.
    requests : list of (str, str or None)
        Path and Range of every request seen.
    """

    def __init__(self):
        self.files, self.faults, self.requests = {}, [], []
        self.etag = self.ranges = self.length = True
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_HEAD(self):
                self.answer(send=False)

            def do_GET(self):
                self.answer(send=True)

            def answer(self, send):
                wanted = self.headers["Range"]
                site.requests.append((self.path, wanted))
                fault = site.faults.pop(0) if send and site.faults else None
                if isinstance(fault, int):
                    self.send_error(fault)
                    return
                content = site.files.get(self.path)
                if content is None:
                    self.send_error(404)
                    return
                tag = f'"{hashlib.sha256(content).hexdigest()}"'
                start = 0
                if wanted and site.ranges and self.headers["If-Range"] in (None, tag):
                    start = int(wanted.removeprefix("bytes=").removesuffix("-"))
                    if start >= len(content):
                        self.send_error(416)
                        return
                self.send_response(206 if start else 200)
                if start:
                    self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
                if site.etag:
                    self.send_header("ETag", tag)
                if site.length:
                    self.send_header("Content-Length", str(len(content) - start))
                self.send_header("Connection", "close")
                self.end_headers()
                self.close_connection = True
                if send:
                    (fault or site.whole)(self, content[start:])

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @staticmethod
    def whole(handler, body):
        handler.wfile.write(body)

    @staticmethod
    def truncated(handler, body):
        handler.wfile.write(body[: len(body) // 2])

    @staticmethod
    def corrupted(handler, body):
        middle = len(body) // 2
        handler.wfile.write(body[:middle] + bytes([body[middle] ^ 255]) + body[middle + 1 :])

    @staticmethod
    def silent(handler, body):
        pass

    def stalling(self, seconds):
        """Half of the file, then nothing for so long."""

        def stall(handler, body):
            handler.wfile.write(body[: len(body) // 2])
            handler.wfile.flush()
            time.sleep(seconds)

        return stall

    def ranges_asked(self):
        return [asked for _, asked in self.requests]
