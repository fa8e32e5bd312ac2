"""A file server on the loopback that behaves as badly as it is told to."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Served:
    """One file and how it is served; `asked` holds the Range header of each request so far.

    `cuts` are the numbers of bytes after which the next answers are cut off, `statuses` the
    status codes of the next answers before the file is served as it should be.
    """

    body: bytes
    etag: str = '"one"'
    ranges: bool = True
    says_length: bool = True
    cuts: list[int] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    pause: float = 0.0
    redirect: bool = False
    claimed_start: int = 0
    asked: list[str] = field(default_factory=list)
    url: str = ""


@contextmanager
def serving(served: Served) -> Iterator[Served]:
    """Serve the file at `served.url` for as long as the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _answer(self, served)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.url = f"http://127.0.0.1:{server.server_port}/models/net.pth"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _answer(handler: BaseHTTPRequestHandler, served: Served) -> None:
    asked = handler.headers.get("Range", "")
    served.asked.append(asked)
    if served.statuses:
        handler.send_error(served.statuses.pop(0))
        return
    if served.redirect and not handler.path.startswith("/moved"):
        handler.send_response(302)
        handler.send_header("Location", f"/moved{handler.path}")
        handler.end_headers()
        return
    first, size = 0, len(served.body)
    same = handler.headers.get("If-Range", served.etag) == served.etag
    partial = bool(asked) and served.ranges and same
    if partial:
        first = int(asked.removeprefix("bytes=").partition("-")[0])
        handler.send_response(206)
        claimed = served.claimed_start or first
        handler.send_header("Content-Range", f"bytes {claimed}-{size - 1}/{size}")
    else:
        handler.send_response(200)
    if served.etag:
        handler.send_header("ETag", served.etag)
    if served.says_length:
        handler.send_header("Content-Length", str(size - first))
    handler.end_headers()
    _send(handler, served, served.body[first:])


def _send(handler: BaseHTTPRequestHandler, served: Served, body: bytes) -> None:
    if served.cuts:
        body = body[: served.cuts.pop(0)]
    try:
        for start in range(0, len(body), 1 << 16):
            handler.wfile.write(body[start : start + (1 << 16)])
            time.sleep(served.pause)
    except (BrokenPipeError, ConnectionResetError):
        return
