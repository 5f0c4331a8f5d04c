"""URLs taken apart, and the origin a role serves. The hostile ones are in tests/hostile/test_ssrf.py."""

from __future__ import annotations

from typing import Any

import pytest

from credkit.errors import ConfigError
from credkit.http import Target, check_url, is_loopback_address, parse_origin


def test_a_url_is_taken_apart() -> None:
    assert check_url("https://School.Example:443/a?b") == Target(
        "https://School.Example:443/a?b", "https", "school.example", 443, "/a?b", False
    )
    assert check_url("https://school.example?b").path == "/?b"


@pytest.mark.parametrize(
    ("url", "authority", "origin"),
    [
        ("https://school.example/", "school.example", "https://school.example"),
        ("http://localhost:8001/x", "localhost:8001", "http://localhost:8001"),
        ("http://[::1]:8001/x", "[::1]:8001", "http://[::1]:8001"),
        ("http://127.0.0.1/", "127.0.0.1", "http://127.0.0.1"),
        ("https://localhost:8443/", "localhost:8443", "https://localhost:8443"),
    ],
)
def test_a_target_knows_its_origin(url: str, authority: str, origin: str) -> None:
    target = check_url(url, allow_loopback=True)

    assert (target.authority, target.origin) == (authority, origin)


@pytest.mark.parametrize("text", ["https://school.example", "https://records.school.example"])
def test_a_public_origin_is_served(text: str) -> None:
    assert parse_origin(text) == text


@pytest.mark.parametrize(
    "text", ["http://localhost:8001", "https://localhost:8443", "http://127.0.0.1:8001", "http://[::1]:8001"]
)
def test_this_machine_is_served_in_development_alone(text: str) -> None:
    assert parse_origin(text, allow_loopback=True) == text
    with pytest.raises(ConfigError):
        parse_origin(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://school.example",
        "http://school.example",
        "http://10.0.0.1:8001",
        "http://0.0.0.0:8001",
        "http://x.localhost:8001",
        "http://localhost.:8001",
    ],
)
def test_development_refuses_to_serve_any_other_origin(text: str) -> None:
    with pytest.raises(ConfigError):
        parse_origin(text, allow_loopback=True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        None,
        7,
        "school.example",
        "https://school.example/",
        "https://school.example/x",
        "https://School.example",
        "https://school.example:443",
        "https://school.example:8443",
        "https://school.example?x",
        "https://school",
        "https://user@school.example",
        "http://school.example",
        "https://school.example#x",
        "ftp://school.example",
    ],
)
def test_what_is_no_public_origin_refuses_to_start(text: Any) -> None:
    with pytest.raises(ConfigError):
        parse_origin(text)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", False),
        ("10.0.0.1", False),
        ("localhost", False),
        ("", False),
    ],
)
def test_loopback_addresses_are_told_apart(address: str, expected: bool) -> None:
    assert is_loopback_address(address) is expected
