"""What several records of one answer name alike is asked for once; the next answer asks anew."""

from __future__ import annotations

import pytest

from credkit.errors import FetchError, TooLargeError
from credkit.http import AskingOnce
from credkit.http.asking_once import MOST
from tests.support.fakeweb import FakeWeb

LIST = "https://school.example/status/1"


@pytest.fixture
def web() -> FakeWeb:
    web = FakeWeb()
    for number in range(MOST + 2):
        web.serve_json(f"https://school.example/status/{number}", {"list": number})
    return web


def test_one_address_is_asked_for_once_and_the_next_one_who_looks_asks_again(web: FakeWeb) -> None:
    fetcher = AskingOnce(web)

    assert fetcher.get(LIST) is fetcher.get(LIST) and len(web.requests) == 1
    AskingOnce(web).get(LIST)
    assert len(web.requests) == 2


def test_another_form_another_size_and_other_headers_are_other_questions(web: FakeWeb) -> None:
    fetcher = AskingOnce(web)

    for _again in range(2):
        fetcher.get(LIST)
        fetcher.get(LIST, accept="application/statuslist+jwt")
        fetcher.get(LIST, headers={"X-Other": "1"})
        with pytest.raises(TooLargeError):
            fetcher.get(LIST, max_bytes=3)
    assert len(web.requests) == 4


def test_whoever_does_not_answer_is_waited_for_once(web: FakeWeb) -> None:
    web.unreachable("https://school.example")
    fetcher = AskingOnce(web)

    for _again in range(24):
        with pytest.raises(FetchError, match="could not be reached"):
            fetcher.get(LIST)
    assert len(web.requests) == 1


def test_only_so_many_answers_are_kept(web: FakeWeb) -> None:
    fetcher = AskingOnce(web)
    for number in range(MOST + 1):
        fetcher.get(f"https://school.example/status/{number}")

    fetcher.get(f"https://school.example/status/{MOST}")
    assert len(web.requests) == MOST + 1
    fetcher.get("https://school.example/status/0")
    assert len(web.requests) == MOST + 2


def test_every_message_is_sent(web: FakeWeb) -> None:
    fetcher = AskingOnce(web)

    for _again in range(2):
        fetcher.post(LIST, body=b"{}", content_type="application/json")
    assert len(web.requests) == 2
