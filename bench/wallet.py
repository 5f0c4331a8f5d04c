"""A backpack with a thousand records: the server's time to list, search and match them, each from a fresh request."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.documents import course
from bench.ours import NoNetwork
from bench.timing import in_process, medians
from credkit.protocols import dcql
from credkit.protocols.oid4vp.messages import AuthorizationRequest, ClientId
from wallet.bootstrap import Services, build_services
from wallet.config import Config, GuessCost
from wallet.services.matching import match_request
from wallet.services.people.people import About
from wallet.services.record import library
from wallet.services.record.items import CREDENTIAL

RECORDS = 1_000
_PASSPHRASE = "a long passphrase for the bench"


def thousand(rounds: int) -> Iterator[str]:
    """One printed line for each thing a page does with all records."""
    with tempfile.TemporaryDirectory(prefix="backpack-bench-") as folder:
        services = build_services(Config(Path(folder), f"sqlite:///{folder}/wallet.sqlite3",
                                         guess_cost=GuessCost(19 * 1024, 2, 1)), fetcher=NoNetwork())
        owner_id, cookie = _fill(services)

        def visit() -> library.Shelf:
            record = services.vault.resume_session(cookie).for_learner(owner_id)
            return library.shelf(record)

        def match() -> None:
            record = services.vault.resume_session(cookie).for_learner(owner_id)
            found = match_request(record, _question(), services.presenting.environment)
            if len(found.asked[0].candidates) != RECORDS:
                raise RuntimeError("not every record was matched")

        acts = {"list": visit, "search": lambda: library.search(visit(), "record 77"), "match": match}
        visit()
        times = medians({name: in_process(act) for name, act in acts.items()}, rounds=max(1, rounds // 3))
    for name, value in times.items():
        yield f"{name} {RECORDS} records in one backpack: {value:.0f} ms of server time"


def _fill(services: Services) -> tuple[str, str]:
    unlocked = services.vault.create(_PASSPHRASE)
    record = services.people.add_learner(unlocked.vault, About("Bench", "2012-05-05", "UTC", "en"), basis="parent")
    for index in range(RECORDS):
        document = {**course(index, "did:web:school.example"), "id": f"https://school.example/credentials/{index}"}
        key = record.new_holder_key()
        record.add(CREDENTIAL, {
            "credential": document, "received_at": "2026-06-01T00:00:00Z", "received_from": "https://school.example",
            "status": "good", "checked_at": "2026-06-01T00:00:00Z", "issuance_id": None,
            "key_method": key.verification_method}, keys=(key,))
    return record.owner_id, services.vault.begin_session(unlocked)


def _question() -> AuthorizationRequest:
    query = dcql.parse_query({"credentials": [{
        "id": "courses", "format": "ldp_vc", "multiple": True,
        "meta": {"type_values": [["https://purl.imsglobal.org/spec/vc/ob/vocab.html#OpenBadgeCredential"]]},
        "claims": [{"path": ["credentialSubject", "achievement", "name"]}]}]})
    return AuthorizationRequest(
        ClientId("decentralized_identifier:did:web:college.example", "decentralized_identifier",
                 "did:web:college.example"),
        "did:web:college.example", "https://college.example", "https://college.example/response", "nonce", None, query)
