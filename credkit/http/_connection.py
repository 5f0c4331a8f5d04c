"""One HTTP exchange over a socket that is already connected: one deadline, one budget of bytes."""

from __future__ import annotations

import http.client
import io
import socket
from collections.abc import Callable
from typing import Any

from credkit.errors import TooLargeError
from credkit.http.urls import Target

_MAX_HEADER_BYTES = 64 * 1024
_CHUNK = 64 * 1024


class DeadlineSocket:
    """A connected socket as ``http.client`` needs it.

    Args:
        left: The seconds that remain; raises ``TimeoutExceeded`` when there are none.

    Attributes:
        budget: Bytes that may still come in.
    """

    def __init__(self, sock: socket.socket, left: Callable[[], float]) -> None:
        self._sock = sock
        self._left = left
        self.budget = _MAX_HEADER_BYTES

    def receive_into(self, buffer: Any) -> int:
        """Fill at most ``buffer``; 0 at the end of the stream; ``TooLargeError`` beyond the budget."""
        self._sock.settimeout(self._left())
        count = self._sock.recv_into(buffer)
        self.budget -= count
        if self.budget < 0:
            raise TooLargeError("the answer of the other host is too large")
        return count

    def sendall(self, data: bytes) -> None:
        """Send all of ``data`` within the time that remains."""
        self._sock.settimeout(self._left())
        self._sock.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        """What ``http.client`` reads the answer from."""
        return io.BufferedReader(_Reader(self), 8192)

    def close(self) -> None:
        """Nothing: ``http.client`` closes before it has read the body. See ``shut``."""

    def shut(self) -> None:
        """Close the connection."""
        self._sock.close()


class _Reader(io.RawIOBase):
    def __init__(self, sock: DeadlineSocket) -> None:
        self._sock = sock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._sock.receive_into(buffer)


class PinnedConnection(http.client.HTTPConnection):
    """An ``http.client`` connection that never looks up or connects by itself."""

    def __init__(self, target: Target, sock: DeadlineSocket) -> None:
        super().__init__(target.authority)
        self.auto_open = 0
        self.sock: Any = sock
        self._pinned = sock

    def read(self, answer: http.client.HTTPResponse, max_bytes: int) -> bytes:
        """The body of ``answer``; ``TooLargeError`` beyond ``max_bytes``, ``IncompleteRead`` if it was cut off."""
        self._pinned.budget = 2 * max_bytes + _MAX_HEADER_BYTES
        content = bytearray()
        while chunk := answer.read(min(_CHUNK, max_bytes + 1 - len(content))):
            content += chunk
            if len(content) > max_bytes:
                raise TooLargeError("the answer of the other host is too large")
        if answer.length:
            raise http.client.IncompleteRead(bytes(content), answer.length)
        return bytes(content)

    def shut(self) -> None:
        """Close the connection."""
        self._pinned.shut()
