"""The verifier's database: what is used once stays used, what is old goes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import verifier
from credkit.storage import migrate, open_engine
from credkit.trust.allow_list import TrustedIssuer
from verifier.store import RequestRecord, ResultRecord, Store

NOW = datetime(2026, 11, 26, 12, 0, 0, 123000, tzinfo=UTC)
LATER = NOW + timedelta(minutes=20)
REQUEST = RequestRecord(
    id="r1",
    owner_hash="o",
    question={"asks": ["courses"]},
    query={"credentials": []},
    nonce="n",
    state="s",
    created_at=NOW,
    expires_at=LATER,
    client_id="decentralized_identifier:did:web:college.example",
    response_mode="direct_post",
)
RESULT = ResultRecord(
    id="a1", kind="answer", created_at=NOW, expires_at=NOW + timedelta(hours=24), story={"verdict": "holds"}
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    engine = open_engine(f"sqlite:///{tmp_path / 'v.sqlite3'}")
    migrate(engine, Path(verifier.__file__).parent / "migrations")
    yield Store(engine)
    engine.dispose()


def test_a_request_comes_back_as_it_was_stored(store: Store) -> None:
    store.add_request(REQUEST)

    assert store.request("r1") == REQUEST
    assert store.request("r2") is None


def test_only_the_first_opening_counts(store: Store) -> None:
    store.add_request(REQUEST)

    assert store.open_request("r1", NOW, LATER, "w1")
    assert not store.open_request("r1", NOW + timedelta(seconds=1), LATER + timedelta(hours=1), "w2")
    stored = store.request("r1")
    assert stored is not None and (stored.fetched_at, stored.expires_at, stored.opened_by) == (NOW, LATER, "w1")


def test_an_answered_request_takes_no_second_answer_and_no_refusal(store: Store) -> None:
    store.add_request(REQUEST)

    assert store.answer_request("r1", NOW, RESULT, "code")
    assert not store.answer_request("r1", NOW, replace(RESULT, id="a2"), "code")
    assert not store.refuse_request("r1", NOW, "access_denied")
    assert not store.extend_request("r1", NOW, LATER)
    assert store.result("a1", NOW) == RESULT
    assert store.result("a2", NOW) is None


def test_a_request_that_is_too_old_takes_nothing(store: Store) -> None:
    store.add_request(REQUEST)

    for attempt in (
        store.answer_request("r1", LATER, RESULT, "code"),
        store.refuse_request("r1", LATER, "access_denied"),
        store.extend_request("r1", LATER, LATER),
        store.open_request("r1", LATER, LATER, "w1"),
    ):
        assert not attempt
    assert store.result("a1", NOW) is None


def test_of_many_answers_at_once_exactly_one_is_taken(store: Store) -> None:
    store.add_request(REQUEST)
    taken: list[bool] = []
    gate = threading.Barrier(8)

    def answer(number: int) -> None:
        gate.wait()
        taken.append(store.answer_request("r1", NOW, replace(RESULT, id=f"a{number}"), "code"))

    threads = [threading.Thread(target=answer, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(taken) == [False] * 7 + [True]
    assert len(store.results(NOW, limit=20)) == 1


def test_old_results_go_and_their_requests_with_them(store: Store) -> None:
    store.add_request(REQUEST)
    store.answer_request("r1", NOW, RESULT, "code")
    store.remember_status_list("https://x.example/status/1", {"a": 1}, NOW)

    store.remove_expired(NOW + timedelta(hours=23), keep_requests_s=86400, keep_lists_s=86400)
    assert store.result("a1", NOW + timedelta(hours=23)) == RESULT

    end = NOW + timedelta(hours=25)
    assert store.result("a1", end) is None
    store.remove_expired(end, keep_requests_s=86400, keep_lists_s=86400)
    assert store.results(NOW, limit=9) == []
    assert store.request("r1") is None
    assert store.last_status_list("https://x.example/status/1") is None


def test_the_last_status_list_is_remembered(store: Store) -> None:
    store.remember_status_list("https://x.example/status/1", {"a": 1}, NOW)
    store.remember_status_list("https://x.example/status/1", {"a": 2}, LATER)

    assert store.last_status_list("https://x.example/status/1") == ({"a": 2}, LATER)
    assert store.last_status_list("https://x.example/status/2") is None


def test_an_issuer_is_trusted_under_its_newest_name_until_removed(store: Store) -> None:
    store.trust(TrustedIssuer("did:web:x.example", "X"), NOW)
    store.trust(TrustedIssuer("did:web:x.example", "Y"), NOW)

    assert store.allow_list().issuers == (TrustedIssuer("did:web:x.example", "Y"),)
    assert store.distrust("did:web:x.example")
    assert not store.distrust("did:web:x.example")


def test_a_verifier_is_set_up_once(store: Store) -> None:
    assert store.begin_settings({"origin": "https://a.example"}, "operator", "hash")
    assert not store.begin_settings({"origin": "https://b.example"}, "operator", "other")
    assert (store.setting("origin"), store.password_hash("operator")) == ("https://a.example", "hash")
