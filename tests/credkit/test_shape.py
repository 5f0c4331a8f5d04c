"""Members of untrusted JSON and moments in time (security.md A08)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credkit.errors import MalformedValueError
from credkit.shape import format_date_time, is_url, member, optional_member, parse_date_time, types_of


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-26T02:14:20Z", datetime(2026, 11, 26, 2, 14, 20, tzinfo=UTC)),
        ("2026-11-26T02:14:20.5Z", datetime(2026, 11, 26, 2, 14, 20, 500000, tzinfo=UTC)),
        ("2026-11-26T02:14:20.1234567890Z", datetime(2026, 11, 26, 2, 14, 20, 123456, tzinfo=UTC)),
        ("2026-11-25T20:14:20-06:00", datetime(2026, 11, 26, 2, 14, 20, tzinfo=UTC)),
        ("2026-11-26T16:14:20+14:00", datetime(2026, 11, 26, 2, 14, 20, tzinfo=UTC)),
        ("9999-12-31T23:59:59Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_as_utc(text, moment):
    assert parse_date_time(text) == moment


@pytest.mark.parametrize(
    "value",
    [
        None,
        5,
        "",
        "2026-11-26",
        "2026-11-26T02:14:20",
        "2026-11-26 02:14:20Z",
        "2026-02-30T00:00:00Z",
        "2026-11-26T24:00:00Z",
        "2026-11-26T23:59:60Z",
        "2026-13-01T00:00:00Z",
        "2026-11-26T02:14:20+15:00",
        "2026-11-26T02:14:20+02:60",
        "NaN",
        "1e400",
        "２０２６-11-26T02:14:20Z",
        "9999-12-31T23:59:59-14:00",
        "0000-01-01T00:00:00Z",
        "2026-11-26T02:14:20Z\n",
        "-2026-11-26T02:14:20Z",
    ],
)
def test_what_is_no_moment_is_refused(value):
    with pytest.raises(MalformedValueError):
        parse_date_time(value)


@given(st.datetimes(min_value=datetime.fromisoformat("1000-01-01"), timezones=st.just(UTC)))
def test_a_written_moment_comes_back(moment):
    assert parse_date_time(format_date_time(moment)) == moment.replace(microsecond=0)


@pytest.mark.parametrize("document", [None, [], "x", {}, {"a": None}, {"a": 1}, {"a": True}])
def test_a_required_member_of_the_wrong_kind_is_named(document):
    with pytest.raises(MalformedValueError) as caught:
        member(document, "a", str, at="/here")
    assert caught.value.pointer.startswith("/here")


def test_true_is_no_number():
    with pytest.raises(MalformedValueError):
        member({"n": True}, "n", int)


def test_an_absent_member_may_be_optional_but_null_is_not_absent():
    assert optional_member({}, "a", str) is None
    with pytest.raises(MalformedValueError):
        optional_member({"a": None}, "a", str)


@pytest.mark.parametrize("value", [None, [], "", [""], ["a", 1], {"a": 1}, 5])
def test_types_must_be_names(value):
    with pytest.raises(MalformedValueError):
        types_of({"type": value})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("https://a.example/b", True),
        ("urn:uuid:1", True),
        ("did:key:z6Mk", True),
        ("mailto:a@b", True),
        ("", False),
        ("a/b", False),
        ("https://a b", False),
        ("1a:b", False),
        (None, False),
        ("a:", False),
        ("x:\x00y", False),
    ],
)
def test_urls_are_absolute(value, expected):
    assert is_url(value) is expected
