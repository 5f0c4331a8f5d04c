"""What a verifier may be told from outside, and where it may live."""

from __future__ import annotations

import pytest

from credkit.errors import ConfigError
from verifier.config import check_origin, from_environ


@pytest.mark.parametrize(
    ("origin", "loopback", "expected"),
    [
        ("https://college.example", False, "https://college.example"),
        ("https://College.example/", False, "https://college.example"),
        ("http://localhost:8104", True, "http://localhost:8104"),
        ("https://127.0.0.1:8104", True, "https://127.0.0.1:8104"),
        ("http://[::1]:8104", True, "http://[::1]:8104"),
    ],
)
def test_an_origin_is_kept_in_one_spelling(origin: str, loopback: bool, expected: str) -> None:
    assert check_origin(origin, loopback_http=loopback) == expected


@pytest.mark.parametrize(
    ("origin", "loopback"),
    [
        ("http://college.example", False),
        ("http://localhost:8104", False),
        ("https://college.example", True),
        ("http://10.0.0.1", True),
        ("https://college.example/path", False),
        ("https://user@college.example", False),
        ("https://college.example?x", False),
        ("college.example", False),
        ("ftp://college.example", False),
        ("", False),
        ("https://", False),
        ("https://a.example:0", False),
        ("https://a.example:70000", False),
        ("https://a.example:8443", False),
        ("http://localhost.evil.example:1", True),
        ("https://a.example\n.evil.example", False),
    ],
)
def test_another_origin_refuses_to_start(origin: str, loopback: bool) -> None:
    with pytest.raises(ConfigError):
        check_origin(origin, loopback_http=loopback)


def test_reports_are_kept_for_a_day_unless_told_otherwise() -> None:
    assert from_environ({}, data="x").lifetimes.result_s == 86400
    assert from_environ({"BACKPACK_DATA": "x", "BACKPACK_RESULT_HOURS": "2"}).lifetimes.result_s == 7200


@pytest.mark.parametrize("hours", ["", " ", "0", "-1", "1.5", "a", "99999999", "²"])
def test_a_retention_that_is_no_number_of_hours_refuses_to_start(hours: str) -> None:
    with pytest.raises(ConfigError):
        from_environ({"BACKPACK_DATA": "x", "BACKPACK_RESULT_HOURS": hours})


def test_plain_http_needs_the_one_named_setting() -> None:
    assert not from_environ({"BACKPACK_DATA": "x", "BACKPACK_LOOPBACK_HTTP": "yes"}).loopback_http
    assert from_environ({"BACKPACK_DATA": "x", "BACKPACK_LOOPBACK_HTTP": "1"}).loopback_http
