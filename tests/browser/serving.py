"""A Flask application on a port of its own while a browser test runs."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """No access log."""


def free_port() -> int:
    """A port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(make_app: Callable[[str], Flask], tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve ``make_app(origin)`` at that origin, ``http(s)://localhost:PORT``, until the block ends."""
    port = free_port()
    origin = f"{'http' if tls is None else 'https'}://localhost:{port}"
    server = make_server("localhost", port, make_app(origin), threaded=True, request_handler=_Quiet,
                         ssl_context=tls)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield origin
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
