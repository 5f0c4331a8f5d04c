"""Which operations are measured against whom."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TypedDict

import contexts
from bench.documents import COURSES, badge, course, long_record, transcript
from bench.limits import GroupOperations, Signatures
from bench.node_peer import NodePeer, node_key
from bench.ours import Ours, environment
from bench.pyld_peer import PyldPeer
from bench.sd_jwt import FORMAT, contenders
from bench.timing import Contender, in_process, medians
from credkit.encoding import cbor_decode, multibase_decode
from credkit.keys import SoftwareSigner
from credkit.proofs import BbsSigner
from credkit.proofs.bbs_2023 import SUITE

EDDSA, ECDSA_SD, BBS = "eddsa-rdfc-2022", "ecdsa-sd-2023", "bbs-2023"
CREATED, NOW = "2026-06-12T15:00:00Z", "2026-07-01T00:00:00Z"
MANDATORY = ["/issuer", "/type", "/validFrom", "/credentialStatus", "/credentialSubject/id", "/credentialSubject/type"]
# One value is disclosed: at most four signatures are checked.
ONE_VALUE = ["/credentialSubject/achievement/name"]


class Row(TypedDict):
    """One pair, as ``bench/latest.json`` holds it; times are CPU medians in milliseconds."""

    operation: str
    document: str
    suite: str
    ours_ms: float
    peer: str
    peer_ms: float
    ratio: float
    limit_ms: float


class Bench:
    """The contenders, the documents and the signed forms that the later operations need."""

    def __init__(self, node: NodePeer) -> None:
        ed25519 = SoftwareSigner.from_secret("Ed25519", bytes(range(1, 33)))
        p256 = SoftwareSigner.from_secret("P-256", bytes(range(1, 33)))
        bbs = BbsSigner(bytes(range(1, 33)))
        self.ours = Ours(environment(), ed25519, p256, bbs)
        self.node = node
        self.pyld = PyldPeer(pinned_documents(), ed25519.secret, ed25519.verification_method)
        school, office = (_did_of(signer) for signer in (ed25519, p256))
        self.members = [self.ours.issue(json.dumps(course(index, school))) for index in range(COURSES)]
        self.whole = {"badge": badge(school), "clr60": transcript(school, self.members)}
        self.selective = {"badge": badge(office), "clr60": long_record(office)}
        self.unlinkable = {"badge": badge(_did_of(bbs))}

    def issue(self, text: str) -> dict[str, Contender]:
        key = node_key(self.ours.ed25519)
        return {
            "ours": in_process(lambda: self.ours.issue(text)),
            "digitalbazaar": self._node("issue", suite=EDDSA, key=key, created=CREATED, now=NOW, document=text),
            "pyld": in_process(lambda: self.pyld.issue(text)),
            "limit": in_process(lambda: self.ours.ed25519.sign(b"\0" * 64)),
        }

    def verify(self, text: str) -> dict[str, Contender]:
        signature = self.ours.ed25519.sign(b"\0" * 64)
        return {
            "ours": in_process(lambda: self.ours.verify(text)),
            "digitalbazaar": self._node("verify", suite=EDDSA, document=text, now=NOW),
            "pyld": in_process(lambda: self.pyld.verify(text)),
            "limit": in_process(lambda: self.ours.ed25519.public_key.verify(signature, b"\0" * 64)),
        }

    def base(self, text: str, suite: str) -> dict[str, Contender]:
        key = node_key(self.ours.bbs if suite == BBS else self.ours.p256)
        members = {"suite": suite, "key": key, "created": CREATED, "now": NOW, "mandatoryPointers": MANDATORY}
        return {
            "ours": in_process(lambda: self.ours.base(text, suite)),
            "digitalbazaar": self._node("issue", document=text, **members),
            "limit": in_process(self._limits(json.dumps(self.ours.base(text, suite)), suite).sign),
        }

    def derive(self, text: str, suite: str) -> dict[str, Contender]:
        return {
            "ours": in_process(lambda: self.ours.derive(text, ONE_VALUE)),
            "digitalbazaar": self._node("derive", suite=suite, document=text, selectivePointers=ONE_VALUE),
            "limit": in_process(self._limits(text, suite).derive),
        }

    def verify_derived(self, text: str, base: str, suite: str) -> dict[str, Contender]:
        return {
            "ours": in_process(lambda: self.ours.verify(text, derived=True)),
            "digitalbazaar": self._node("verify", suite=suite, document=text, now=NOW),
            "limit": in_process(self._limits(base if suite == BBS else text, suite).verify),
        }

    def _limits(self, text: str, suite: str) -> GroupOperations | Signatures:
        """What the operation on ``text`` needs at least: of bbs-2023 always from the base document."""
        if suite == BBS:
            return GroupOperations(self._message_count(text))
        return Signatures(self.ours.p256, _signature_count(json.loads(text)) + 1)

    def _message_count(self, text: str) -> int:
        """How many statements of a base document are signed one by one."""
        document = json.loads(text)
        return len(SUITE.prepare(document, document.pop("proof"), self.ours.environment.jsonld).grouped.others)

    def verify_all(self, document: dict[str, Any]) -> dict[str, Contender]:
        """The product's pipeline, and the peer doing as many proofs: the document's and its members'."""
        text = json.dumps(document)
        inside = document["credentialSubject"].get("verifiableCredential", [])
        verify = [self._node("verify", suite=EDDSA, document=json.dumps(each), now=NOW) for each in (document, *inside)]
        return {
            "ours": in_process(lambda: self.ours.verify_all(text)),
            "digitalbazaar": lambda count: [sum(act(1)[0] for act in verify) for _ in range(count)],
        }

    def _node(self, operation: str, **members: Any) -> Contender:
        return lambda count: self.node.measure(count, operation, **members)


def pinned_documents() -> dict[str, Any]:
    """URL of each pinned context → its document, to hand to a peer."""
    return {entry.url: contexts.load(entry.url) for entry in contexts.pinned()}


def pairs(rounds: int) -> Iterator[Row]:
    """Every row of ``bench/latest.json``, as it is measured."""
    with NodePeer(pinned_documents()) as node:
        bench = Bench(node)
        for name, document in bench.whole.items():
            text = json.dumps(document)
            yield from rows_of("issue", name, EDDSA, bench.issue(text), rounds)
            yield from rows_of("verify", name, EDDSA, bench.verify(json.dumps(bench.ours.issue(text))), rounds)
        for suite, documents in ((ECDSA_SD, bench.selective), (BBS, bench.unlinkable)):
            for name, document in documents.items():
                text = json.dumps(document)
                base = json.dumps(bench.ours.base(text, suite))
                derived = json.dumps(bench.ours.derive(base, ONE_VALUE))
                yield from rows_of("base", name, suite, bench.base(text, suite), rounds)
                yield from rows_of("derive", name, suite, bench.derive(base, suite), rounds)
                yield from rows_of("verify-derived", name, suite, bench.verify_derived(derived, base, suite), rounds)
    with NodePeer(None, "jose_peer.mjs") as node:
        for operation, turns in contenders(node):
            yield from rows_of(operation, "badge", FORMAT, turns, rounds)


def rows_of(operation: str, document: str, suite: str, contenders: dict[str, Contender], rounds: int) -> Iterator[Row]:
    """One row per peer, all measured in the same rounds."""
    times = medians(contenders, rounds=rounds)
    for peer in [name for name in contenders if name not in {"ours", "limit"}]:
        yield {
            "operation": operation,
            "document": document,
            "suite": suite,
            "ours_ms": round(times["ours"], 4),
            "peer": peer,
            "peer_ms": round(times[peer], 4),
            "ratio": round(times[peer] / times["ours"], 2),
            "limit_ms": round(times["limit"], 4),
        }


def _signature_count(document: dict[str, Any]) -> int:
    """How many single signatures an ecdsa-sd-2023 proof value holds (VC-DI-ECDSA #ecdsa-sd-2023)."""
    proof = cbor_decode(multibase_decode(document["proof"]["proofValue"])[3:])
    return next(len(part) for part in proof if isinstance(part, list) and all(isinstance(x, bytes) for x in part))


def _did_of(signer: SoftwareSigner | BbsSigner) -> str:
    return signer.verification_method.partition("#")[0]
