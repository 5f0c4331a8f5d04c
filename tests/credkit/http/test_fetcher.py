"""What SafeFetcher does with the host at the other end (security.md D02 to D04, D09)."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from credkit.errors import FetchError, TimeoutExceeded, TooLargeError, UnsafeUrlError
from credkit.http import SafeFetcher

URL = "http://localhost:8001/x?y=z"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


class Wire:
    """One end of a connection whose other end has said all it will ever say."""

    def __init__(self, answer: bytes) -> None:
        self._ours, self._theirs = socket.socketpair()
        self._writer = threading.Thread(target=self._say, args=(answer,), daemon=True)
        self.dialled: list[tuple[str, int]] = []

    def __call__(self, address: str, port: int, timeout_s: float) -> socket.socket:
        self.dialled.append((address, port))
        self._writer.start()
        return self._ours

    def heard(self) -> bytes:
        self._writer.join(5)
        self._theirs.settimeout(5)
        parts = []
        while part := self._theirs.recv(65536):
            parts.append(part)
        return b"".join(parts)

    def _say(self, answer: bytes) -> None:
        try:
            self._theirs.sendall(answer)
            self._theirs.shutdown(socket.SHUT_WR)
        except OSError:
            return


def local(dial: Callable[[str, int, float], Any], **options: Any) -> SafeFetcher:
    return SafeFetcher(allow_loopback_http=True, dial=dial, **options)


def test_an_answer_comes_back_as_it_was_sent() -> None:
    wire = Wire(OK)

    answer = local(wire).get(URL, accept="application/json", headers={"Authorization": "Bearer t"})

    assert (answer.url, answer.status, answer.body) == (URL, 200, b"{}")
    assert answer.headers == {"content-type": "application/json", "content-length": "2"}
    assert wire.dialled == [("127.0.0.1", 8001)]
    heard = wire.heard().decode().split("\r\n")
    assert heard[0] == "GET /x?y=z HTTP/1.1"
    assert {
        "Host: localhost:8001",
        "Accept: application/json",
        "Authorization: Bearer t",
        "Accept-Encoding: identity",
        "Connection: close",
    } <= set(heard)


def test_a_body_is_posted_as_it_is() -> None:
    wire = Wire(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 5\r\n\r\nwrong")

    answer = local(wire).post(URL, body=b'{"a":1}', content_type="application/json")

    assert (answer.status, answer.body) == (400, b"wrong")
    head, _, body = wire.heard().partition(b"\r\n\r\n")
    assert head.startswith(b"POST /x?y=z HTTP/1.1") and b"Content-Length: 7" in head and body == b'{"a":1}'


@pytest.mark.parametrize("status", [200, 201, 204, 400, 401, 403, 404, 410, 429, 500, 503])
def test_any_status_is_an_answer(status: int) -> None:
    answer = local(Wire(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode())).get(URL)

    assert (answer.status, answer.body) == (status, b"")


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", id="in chunks"
        ),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\nabcde", id="until the end"),
        pytest.param(b"HTTP/1.0 200 OK\r\n\r\nabcde", id="HTTP/1.0"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\nContent-Length: 5\r\n\r\nabcde", id="identity"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde and more", id="more than it said"),
    ],
)
def test_a_body_ends_where_it_says(raw: bytes) -> None:
    assert local(Wire(raw)).get(URL).body == b"abcde"


def test_a_header_that_comes_twice_is_joined() -> None:
    answer = local(Wire(b"HTTP/1.1 200 OK\r\nVary: a\r\nvary: b\r\nContent-Length: 0\r\n\r\n")).get(URL)

    assert answer.headers["vary"] == "a, b"


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
@pytest.mark.parametrize(
    "location", ["https://other.example/", "http://localhost:8001/x?y=z", "/y", "http://10.0.0.1/", ""]
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_no_redirect_is_followed(status: int, location: str, method: str) -> None:
    wire = Wire(f"HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode())

    with pytest.raises(FetchError, match="redirect"):
        if method == "get":
            local(wire).get(URL)
        else:
            local(wire).post(URL, body=b"vp_token=secret", content_type="application/x-www-form-urlencoded")
    assert len(wire.dialled) == 1


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "GZIP", "identity, gzip", "x"])
def test_a_compressed_answer_is_refused(encoding: str) -> None:
    body = gzip.compress(b"\0" * 100_000)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n"

    with pytest.raises(FetchError, match="compressed"):
        local(Wire(head.encode() + body)).get(URL)


def chunked(size: int, chunk: int) -> bytes:
    return (f"{chunk:x}\r\n".encode() + b"x" * chunk + b"\r\n") * (size // chunk) + b"0\r\n\r\n"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + b"x" * 1001, id="says so"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n", id="says terabytes"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1001, id="does not say"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5_000_000, id="goes on and on"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(5000, 500), id="in chunks"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1;" + b"x" * 60_000 + b"\r\nx\r\n" * 9,
            id="long chunk heads",
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + (b"1;" + b"x" * 9000 + b"\r\nx\r\n") * 900,
            id="many chunk heads",
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\n" + b"X: " + b"x" * 60_000 + b"\r\n" + b"Y: " + b"x" * 60_000 + b"\r\n\r\n",
            id="a header too large",
        ),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" * 100_000, id="to be continued for ever"),
    ],
)
def test_an_answer_that_is_too_large_is_cut_off(raw: bytes) -> None:
    with pytest.raises((TooLargeError, FetchError)):
        local(Wire(raw)).get(URL, max_bytes=1000)


def test_an_answer_of_just_the_allowed_size_is_read() -> None:
    body = local(Wire(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1000)).get(URL, max_bytes=1000).body

    assert len(body) == 1000


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x00\xff\xfe" * 100, id="binary"),
        pytest.param(b"SSH-2.0-OpenSSH_9.6\r\n", id="another protocol"),
        pytest.param(b"HTTP/9.9 200 OK\r\n\r\n", id="another version"),
        pytest.param(b"HTTP/1.1 abc OK\r\n\r\n", id="no status"),
        pytest.param(b"HTTP/1.1 101 Switching Protocols\r\n\r\n", id="another protocol from now on"),
        pytest.param(b"HTTP/1.1 9999 OK\r\n\r\n", id="a status of four digits"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", id="cut off"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", id="a chunk cut off"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab", id="a chunk without a size"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nab", id="a chunk of a negative size"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", id="two hundred headers"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000, id="a header without end"),
        pytest.param(b"HTTP/1.1 " + b"2" * 70_000, id="a status line without end"),
    ],
)
def test_a_broken_answer_could_not_be_had(raw: bytes) -> None:
    with pytest.raises(FetchError):
        local(Wire(raw)).get(URL)


@pytest.mark.parametrize("headers", [{"X": "a\r\nY: b"}, {"X\r\nY": "b"}, {"X": "\u20ac"}])
def test_a_header_cannot_smuggle_another(headers: dict[str, str]) -> None:
    with pytest.raises(FetchError):
        local(Wire(OK)).get(URL, headers=headers)


class DripSocket:
    """A host that says one byte at a time, and takes a second for each."""

    def __init__(self, answer: bytes) -> None:
        self.now = 0.0
        self._answer = iter(answer)

    def monotonic(self) -> float:
        return self.now

    def settimeout(self, seconds: float) -> None:
        assert seconds > 0

    def sendall(self, data: bytes) -> None:
        self.now += 0.1

    def recv_into(self, buffer: Any) -> int:
        self.now += 1.0
        buffer[0] = next(self._answer)
        return 1

    def close(self) -> None:
        self._answer = iter(b"")


@pytest.mark.parametrize("answer", [b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50, b"H" * 100])
def test_a_host_that_drips_is_left_after_five_seconds(answer: bytes) -> None:
    drip = DripSocket(answer)

    with pytest.raises(TimeoutExceeded):
        local(lambda address, port, timeout_s: drip, monotonic=drip.monotonic).get(URL)
    assert drip.now <= 6


def test_a_body_that_drips_is_left_after_five_seconds() -> None:
    drip = DripSocket(b"x" * 100)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"

    class Head(DripSocket):
        given = False

        def recv_into(self, buffer: Any) -> int:
            if not self.given:
                self.given = True
                buffer[: len(head)] = head
                return len(head)
            return super().recv_into(buffer)

    drip = Head(b"x" * 100)
    with pytest.raises(TimeoutExceeded):
        local(lambda address, port, timeout_s: drip, monotonic=drip.monotonic).get(URL)
    assert drip.now <= 6


def test_a_host_that_says_nothing_is_left() -> None:
    ours, theirs = socket.socketpair()

    with pytest.raises(TimeoutExceeded):
        local(lambda address, port, timeout_s: ours, deadline_s=0.05).get(URL)
    theirs.close()
    assert ours.fileno() == -1


def test_a_host_that_never_shakes_hands_is_left() -> None:
    ours, theirs = socket.socketpair()

    with pytest.raises(TimeoutExceeded):
        local(lambda address, port, timeout_s: ours, deadline_s=0.05).get("https://localhost:8443/")
    theirs.close()
    assert ours.fileno() == -1


def test_a_resolver_that_says_nothing_is_left() -> None:
    let_go = threading.Event()

    def silent(host: str, port: int) -> list[str]:
        let_go.wait(5)
        return ["93.184.216.34"]

    with pytest.raises(TimeoutExceeded):
        SafeFetcher(resolve_host=silent, deadline_s=0.05).get("https://school.example/")
    let_go.set()


@pytest.mark.parametrize(
    "failure",
    [OSError("no such name"), socket.gaierror(-2, "Name or service not known"), UnicodeError("label too long")],
)
def test_a_name_that_nobody_has_could_not_be_reached(failure: Exception) -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise failure

    with pytest.raises(FetchError):
        SafeFetcher(resolve_host=unknown).get("https://school.example/")


def test_the_next_address_is_tried_when_one_is_silent() -> None:
    wire, shares = Wire(OK), []

    def dial(address: str, port: int, timeout_s: float) -> socket.socket:
        shares.append(timeout_s)
        if address == "127.0.0.1":
            raise TimeoutError("timed out")
        return wire(address, port, timeout_s)

    assert local(dial).get(URL).status == 200
    assert wire.dialled == [("::1", 8001)] and shares[0] < 2.6


def test_a_host_whose_addresses_are_all_silent_took_too_long() -> None:
    def dial(address: str, port: int, timeout_s: float) -> socket.socket:
        raise TimeoutError("timed out")

    with pytest.raises(TimeoutExceeded):
        local(dial).get(URL)


def test_no_more_than_four_addresses_are_tried() -> None:
    tried = []

    def dial(address: str, port: int, timeout_s: float) -> socket.socket:
        tried.append(address)
        raise ConnectionRefusedError

    with pytest.raises(FetchError):
        SafeFetcher(dial=dial, resolve_host=lambda host, port: [f"8.8.8.{n}" for n in range(100)]).get(
            "https://school.example/"
        )
    assert tried == ["8.8.8.0", "8.8.8.1", "8.8.8.2", "8.8.8.3"]


def test_a_seventeenth_request_at_once_waits_no_longer_than_its_deadline() -> None:
    all_in, let_go = threading.Barrier(17), threading.Event()

    def dial(address: str, port: int, timeout_s: float) -> socket.socket:
        all_in.wait(5)
        let_go.wait(5)
        raise ConnectionRefusedError

    guarded = SafeFetcher(dial=dial, resolve_host=lambda host, port: ["8.8.8.8"], deadline_s=0.3, monotonic=lambda: 0.0)

    def ask() -> None:
        with pytest.raises(FetchError):
            guarded.get("https://school.example/")

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    all_in.wait(5)
    with pytest.raises(TimeoutExceeded, match="under way"):
        guarded.get("https://school.example/")
    let_go.set()
    for thread in threads:
        thread.join()


def test_the_systems_own_resolver_and_connection_are_behind_the_same_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443))
    inner = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("fe80::1", 443, 0, 2))
    dialled = []

    def connect(place: tuple[str, int], timeout_s: float) -> socket.socket:
        dialled.append(place)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: [entry, entry])
    with pytest.raises(FetchError):
        SafeFetcher().get("https://school.example/")
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: [entry, inner])
    with pytest.raises(UnsafeUrlError):
        SafeFetcher().get("https://school.example/")
    assert dialled == [("93.184.216.34", 443)]


# TLS


class Authority:
    """A certificate authority of the test's own."""

    def __init__(self, folder: Path, name: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        own = (
            self._builder(self._name, self._key)
            .add_extension(x509.BasicConstraints(True, None), True)
            .add_extension(x509.KeyUsage(False, False, False, False, False, True, True, False, False), True)
        )
        self.ca_file = folder / f"{name}.pem"
        self.ca_file.write_bytes(own.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM))
        self._folder = folder

    def context(self, *names: str, expired: bool = False) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(x509.Name([]), key, expired=expired).add_extension(
            x509.SubjectAlternativeName([_general_name(name) for name in names]), True
        )
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), False
        )
        place = self._folder / "host.pem"
        place.write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            + builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(place)
        return context

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *, expired: bool = False
    ) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return x509.CertificateBuilder(
            issuer_name=self._name,
            subject_name=subject,
            public_key=key.public_key(),
            serial_number=x509.random_serial_number(),
            not_valid_before=now - timedelta(days=9),
            not_valid_after=now - timedelta(days=1) if expired else now + timedelta(days=1),
        ).add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)


def _general_name(name: str) -> x509.GeneralName:
    return x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"), "authority")


@contextmanager
def tls_host(context: ssl.SSLContext) -> Iterator[tuple[Callable[[str, int, float], socket.socket], list[Any]]]:
    """A host that shakes hands and answers OK; what it saw: the address dialled, then the name asked for by SNI."""
    ours, theirs = socket.socketpair()
    seen: list[Any] = []
    context.sni_callback = lambda sock, name, _: seen.append(name)

    def serve() -> None:
        try:
            with context.wrap_socket(theirs, server_side=True) as wrapped:
                seen.append(wrapped.recv(65536))
                wrapped.sendall(OK)
        except OSError:
            return

    def dial(address: str, port: int, timeout_s: float) -> socket.socket:
        seen.append((address, port))
        thread.start()
        return ours

    thread = threading.Thread(target=serve, daemon=True)
    theirs.settimeout(5)
    yield dial, seen
    thread.join(5)


def test_the_checked_address_is_spoken_to_under_the_hosts_own_name(authority: Authority) -> None:
    with tls_host(authority.context("school.example")) as (dial, seen):
        guarded = SafeFetcher(
            dial=dial, resolve_host=lambda host, port: ["93.184.216.34"], ca_file=str(authority.ca_file)
        )
        answer = guarded.get("https://school.example/x")

    assert answer.body == b"{}"
    assert seen[:2] == [("93.184.216.34", 443), "school.example"]
    assert b"Host: school.example\r\n" in seen[2]


@pytest.mark.parametrize("names", [("other.example",), ("93.184.216.34",), ("*.example.example",), ("example",)])
def test_a_certificate_of_another_name_is_refused(authority: Authority, names: tuple[str, ...]) -> None:
    with tls_host(authority.context(*names)) as (dial, seen):
        guarded = SafeFetcher(
            dial=dial, resolve_host=lambda host, port: ["93.184.216.34"], ca_file=str(authority.ca_file)
        )
        with pytest.raises(FetchError):
            guarded.get("https://school.example/x")

    assert not any(isinstance(entry, bytes) and b"GET" in entry for entry in seen)


def test_an_expired_certificate_is_refused(authority: Authority) -> None:
    with tls_host(authority.context("school.example", expired=True)) as (dial, _):
        guarded = SafeFetcher(
            dial=dial, resolve_host=lambda host, port: ["93.184.216.34"], ca_file=str(authority.ca_file)
        )
        with pytest.raises(FetchError):
            guarded.get("https://school.example/x")


def test_an_authority_that_is_not_trusted_is_refused(authority: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path, "other")
    with tls_host(other.context("school.example")) as (dial, _):
        guarded = SafeFetcher(
            dial=dial, resolve_host=lambda host, port: ["93.184.216.34"], ca_file=str(authority.ca_file)
        )
        with pytest.raises(FetchError):
            guarded.get("https://school.example/x")


def test_an_unsafe_address_is_told_apart_from_an_unreachable_one() -> None:
    def dial(address: str, port: int, timeout_s: float) -> socket.socket:
        raise ConnectionRefusedError

    with pytest.raises(FetchError) as unreachable:
        local(dial).get(URL)
    with pytest.raises(UnsafeUrlError):
        SafeFetcher(dial=dial, resolve_host=lambda host, port: ["10.0.0.1"]).get("https://school.example/")
    assert (unreachable.value.code, type(unreachable.value)) == ("fetch_failed", FetchError)
