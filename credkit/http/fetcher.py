"""SafeFetcher: HTTP to the public internet: one checked address, no redirect, bounded in size and time.

Written on ``http.client`` and ``ssl`` because the whole exchange must end by one deadline: a client library that only
bounds single reads lets a server drip its header for hours.

Spec: RFC9110; RFC9112; security.md D01 to D04, D09
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from credkit.errors import FetchError, TimeoutExceeded, TooLargeError, UnsafeUrlError
from credkit.http._connection import DeadlineSocket, PinnedConnection
from credkit.http._lookup import lookup
from credkit.http.addresses import is_loopback_address, is_public_address
from credkit.http.urls import Target, check_url
from credkit.ports import Response

ResolveHost = Callable[[str, int], Sequence[str]]
"""Host and port → its addresses; raises ``OSError`` if it has none."""

Dial = Callable[[str, int, float], socket.socket]
"""Address, port and seconds left → a connected socket; raises ``OSError``."""

_MAX_ADDRESSES = 4
_MAX_CONCURRENT = 16
_LOOPBACK = {"localhost": ("127.0.0.1", "::1"), "127.0.0.1": ("127.0.0.1",), "::1": ("::1",)}


class SafeFetcher:
    """Implements ``ports.Fetcher``. Safe for use by several threads.

    Args:
        allow_loopback_http: Development: also http and https to localhost, 127.0.0.1 and [::1], on any port.
        ca_file: PEM file of certificate authorities instead of the system's.
        deadline_s: Seconds for one whole exchange, name lookup included.
        resolve_host: Instead of the system's resolver (tests).
        dial: Instead of a TCP connection (tests).
        monotonic: Seconds that never run backwards (tests).

    No proxy is used, whatever the environment says. At most 16 exchanges run at once; more wait within their deadline.
    """

    def __init__(self, *, allow_loopback_http: bool = False, ca_file: str | None = None, deadline_s: float = 5.0,
                 resolve_host: ResolveHost | None = None, dial: Dial | None = None,
                 monotonic: Callable[[], float] = time.monotonic) -> None:
        self._allow_loopback = allow_loopback_http
        self._deadline_s = deadline_s
        self._resolve_host = resolve_host or _system_addresses
        self._dial = dial or _dial
        self._monotonic = monotonic
        self._places = threading.BoundedSemaphore(_MAX_CONCURRENT)
        self._ca_file = ca_file

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        # Made at the first https exchange: reading all authorities takes tens of milliseconds.
        context = ssl.create_default_context(cafile=self._ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    def get(self, url: str, *, accept: str = "*/*", max_bytes: int = 1_048_576,
            headers: Mapping[str, str] | None = None) -> Response:
        """Fetch ``url``; any status but a redirect is an answer.

        Raises:
            UnsafeUrlError: the URL, or an address its host has, may not be reached.
            TooLargeError: the body is larger than ``max_bytes``, or the header larger than 64 KiB.
            TimeoutExceeded: the deadline passed.
            FetchError: no answer, a redirect, an encoded body, a broken answer.
        """
        return self._exchange("GET", url, None, {**(headers or {}), "Accept": accept}, max_bytes)

    def post(self, url: str, *, body: bytes, content_type: str, accept: str = "application/json",
             max_bytes: int = 1_048_576, headers: Mapping[str, str] | None = None) -> Response:
        """Send ``body`` to ``url``; errors as for ``get``."""
        headers = {**(headers or {}), "Accept": accept, "Content-Type": content_type}
        return self._exchange("POST", url, body, headers, max_bytes)

    def _exchange(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str],
                  max_bytes: int) -> Response:
        target = check_url(url, allow_loopback=self._allow_loopback)
        deadline = self._monotonic() + self._deadline_s
        if not self._places.acquire(timeout=self._deadline_s):
            raise TimeoutExceeded("too many requests to other hosts are under way")
        try:
            addresses = self._checked_addresses(target, deadline)
            connection = self._connect(target, addresses, deadline)
            try:
                return self._talk(connection, method, target, body, headers, max_bytes)
            finally:
                connection.shut()
        except TimeoutError as error:
            raise TimeoutExceeded("the other host took too long") from error
        except (http.client.HTTPException, OSError, ValueError) as error:
            raise FetchError("the other host could not be reached or did not answer properly") from error
        finally:
            self._places.release()

    def _checked_addresses(self, target: Target, deadline: float) -> Sequence[str]:
        if target.is_loopback:
            return [address for address in _LOOPBACK[target.host] if is_loopback_address(address)]
        addresses = lookup(self._resolve_host, target.host, target.port, self._left(deadline))
        if not addresses or not all(is_public_address(address) for address in addresses):
            raise UnsafeUrlError("the host does not lie on the public internet")
        return addresses[:_MAX_ADDRESSES]

    def _connect(self, target: Target, addresses: Sequence[str], deadline: float) -> PinnedConnection:
        failure: OSError = OSError("no address")
        for tried, address in enumerate(addresses):
            try:
                # A share of the time each, so that one silent address leaves something for the next.
                sock = self._dial(address, target.port, self._left(deadline) / (len(addresses) - tried))
            except OSError as error:
                failure = error
                continue
            sock.settimeout(self._left(deadline))
            if target.scheme == "https":
                sock = self._wrap(sock, target.host)
            return PinnedConnection(target, DeadlineSocket(sock, lambda: self._left(deadline)))
        raise failure

    def _wrap(self, sock: socket.socket, host: str) -> ssl.SSLSocket:
        try:
            return self._tls.wrap_socket(sock, server_hostname=host)
        except BaseException:
            sock.close()
            raise

    def _talk(self, connection: PinnedConnection, method: str, target: Target, body: bytes | None,
              headers: Mapping[str, str], max_bytes: int) -> Response:
        connection.request(method, target.path, body, {**headers, "Accept-Encoding": "identity", "Connection": "close",
                                                       "User-Agent": "learner-backpack"})
        answer = connection.getresponse()
        if answer.status < 200:
            raise FetchError("the other host did not answer properly")
        if 300 <= answer.status < 400:
            raise FetchError("the other host sent a redirect, which is not followed")
        if answer.getheader("Content-Encoding", "identity").strip().lower() != "identity":
            raise FetchError("the other host sent a compressed answer, which was not asked for")
        if answer.length is not None and answer.length > max_bytes:
            raise TooLargeError("the answer of the other host is too large")
        content = connection.read(answer, max_bytes)
        received: dict[str, str] = {}
        for name, value in answer.getheaders():
            known = received.get(name.lower())
            received[name.lower()] = value if known is None else f"{known}, {value}"
        return Response(target.url, answer.status, received, content)

    def _left(self, deadline: float) -> float:
        left = deadline - self._monotonic()
        if left <= 0:
            raise TimeoutExceeded("the other host took too long")
        return left


def _system_addresses(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _dial(address: str, port: int, timeout_s: float) -> socket.socket:
    return socket.create_connection((address, port), timeout_s)
