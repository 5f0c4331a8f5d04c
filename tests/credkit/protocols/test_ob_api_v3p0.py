"""The Open Badges 3.0 API as messages: pages, links, errors."""

from __future__ import annotations

import pytest

from credkit.errors import ProtocolError
from credkit.protocols.ob_api_v3p0 import (
    HIGHEST_LIMIT,
    Page,
    build_credentials,
    build_links,
    build_status_info,
    parse_page,
)
from tests.support.shared import official_schema

ORIGIN = "https://school.example"
AT = ORIGIN + "/ims/ob/v3p0/credentials?limit=10&offset="


@pytest.mark.spec("OB-3.0", "#paging")
@pytest.mark.parametrize(("offset", "total", "expected"), [
    (0, 0, {"last": 0, "first": 0}), (0, 10, {"last": 0, "first": 0}), (0, 11, {"next": 10, "last": 10, "first": 0}),
    (10, 11, {"last": 10, "first": 0, "prev": 0}), (5, 30, {"next": 15, "last": 20, "first": 0, "prev": 0}),
    (20, 30, {"last": 20, "first": 0, "prev": 10}), (90, 30, {"last": 20, "first": 0, "prev": 80}),
])
def test_links_name_next_last_first_and_prev(offset: int, total: int, expected: dict[str, int]) -> None:
    links = build_links(ORIGIN, Page(10, offset), total).split(", ")

    assert links == [f'<{AT}{place}>; rel="{name}"' for name, place in expected.items()]


def test_a_moment_without_an_escaped_plus_is_read_too() -> None:
    assert parse_page("since=2026-06-15T12:00:00+00:00") == parse_page("since=2026-06-15T12%3A00%3A00Z")
    assert parse_page(b"limit=1000&other=x").limit == HIGHEST_LIMIT


@pytest.mark.parametrize("query", ["limit=٣", "offset=+1", "limit=1 ", "since=2026-06-15T12:00:00 Z"])
def test_a_number_or_moment_in_another_spelling_is_refused(query: str) -> None:
    with pytest.raises(ProtocolError, match="must be"):
        parse_page(query)


def test_records_stand_in_the_answer_as_they_are() -> None:
    answer = build_credentials(['{"a" : 1}', "{}"], ["x.y.z"])

    assert answer == '{"credential":[{"a" : 1},{}],"compactJwsString":["x.y.z"]}'
    assert build_credentials([], []) == "{}"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 415, 418, 429, 500, 503])
def test_every_error_fits_the_published_schema(status: int) -> None:
    document = build_status_info("anything", "Something.", status)

    assert list(official_schema("open-badges/v3_0/ob_v3p0_imsx_statusinfo_schema.json").iter_errors(document)) == []
