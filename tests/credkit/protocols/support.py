"""What the protocol tests share: a fixed time, a resolver over a web of our own, spoiled messages by the hundred."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from credkit.dids import Resolver, build_did_document, web_document_url
from credkit.encoding import base64url_encode
from credkit.errors import ProtocolError
from credkit.keys import SoftwareSigner
from credkit.ports import JSONObject
from tests.support.fakeweb import FakeWeb

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
WRONG: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2.5,
    10**30,
    "",
    " ",
    "x",
    "\u0000",
    [],
    [None],
    [[]],
    ["x"],
    [1],
    {},
    {"x": 1},
    [{}],
)
NOT_A_MESSAGE = (
    b"",
    b" ",
    b"{",
    b'{"a":',
    b"[]",
    b"null",
    b"true",
    b'"text"',
    b"\xff\xfe{}",
    b"\x00",
    b"\xef\xbb\xbf{}",
    b'{"a":1,"a":2}',
    b'{"a":NaN}',
    b'{"a":1e999}',
    b'{"a":"\\ud800"}',
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b"{}" + b"x" * 99,
    b"{" + b" " * (9 * 1024 * 1024) + b"}",
)


class FixedClock:
    """Always ``NOW``."""

    def now(self) -> datetime:
        return NOW


def resolver_of(web: FakeWeb, *, allow_loopback: bool = False) -> Resolver:
    """A resolver at the fixed time."""
    return Resolver(web, FixedClock(), allow_loopback=allow_loopback)


def publish_did(web: FakeWeb, did: str, signer: SoftwareSigner, *relationships: str) -> None:
    """Serve the document of a did:web that lists the signer's key."""
    fragment = signer.verification_method.partition("#")[2]
    document = build_did_document(did, [(fragment, signer.public_key, relationships)])
    web.serve_json(web_document_url(did, allow_loopback=True), document)


def unsigned(header: JSONObject, payload: JSONObject, signature: bytes = b"") -> str:
    """A compact JWS of exactly this header, with whatever signature."""
    parts = [base64url_encode(json.dumps(part).encode()) for part in (header, payload)]
    return ".".join([*parts, base64url_encode(signature)])


def signed(header: JSONObject, payload: JSONObject, signer: SoftwareSigner) -> str:
    """A compact JWS of exactly this header, properly signed whatever it says."""
    head = unsigned(header, payload).rpartition(".")[0]
    return head + "." + base64url_encode(signer.sign(head.encode()))


def spoiled(message: Any) -> Iterator[Any]:
    """Every message that differs from this one by one member taken away or replaced by something of another type."""
    for path in _places(message):
        for value in WRONG:
            yield _changed(message, path, value)
        if path:
            yield _removed(message, path)


def _places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _places(inner, (*path, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _places(inner, (*path, index))


def _changed(message: Any, path: tuple[str | int, ...], value: Any) -> Any:
    if not path:
        return value
    changed = copy.deepcopy(message)
    _parent(changed, path)[path[-1]] = value
    return changed


def _removed(message: Any, path: tuple[str | int, ...]) -> Any:
    changed = copy.deepcopy(message)
    del _parent(changed, path)[path[-1]]
    return changed


def _parent(message: Any, path: tuple[str | int, ...]) -> Any:
    for part in path[:-1]:
        message = message[part]
    return message


def check_reader(parse: Callable[[Any], object], message: Any, *, build: Callable[[Any], Any] | None = None) -> int:
    """Feed a reader everything spoiled: it reads or refuses with a typed error, and reads again what it read the same.

    Returns:
        How many spoiled messages were refused.
    """
    refused = 0
    for each in spoiled(message):
        try:
            read = parse(json.dumps(each).encode())
        except ProtocolError as error:
            assert 400 <= error.http_status < 500
            assert error.error and error.description
            refused += 1
            continue
        if build is not None:
            assert parse(json.dumps(build(read)).encode()) == read
    for body in (*NOT_A_MESSAGE, [], None, "[]"):
        with pytest.raises(ProtocolError) as caught:
            parse(body)
        assert caught.value.http_status == 400
    return refused
