"""Every sample credential, changed in every way a machine thinks of: nothing but what was signed is ever taken for
signed.

A mutant may be accepted only if it says the same as its original (design.md, "Equal for us"). No mutant may raise.
Under `make test` a tenth of the mutants run, drawn with a fixed seed; `make full` runs them all. Spec: security.md
A01, A05, P1, P3.
"""

from __future__ import annotations

import copy
import json
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from credkit.environment import Environment, SystemRandomness
from credkit.errors import CredkitError
from credkit.keys import SoftwareSigner
from credkit.profiles import clr_2
from credkit.profiles.endorsement import build_endorsement
from credkit.profiles.openbadges_3 import Profile
from credkit.proofs import add_proof, derive
from credkit.verification import Outcome, Policy, Report
from tests.credkit.profiles.families import documents as family_documents
from tests.support.amount import amount
from tests.support.shared import SHARED, read_json
from tests.support.world import Holder, School, World
from verifier.services.checking import check_document, check_input
from verifier.services.stories import Source, signature_held, tell

MUTANTS, FLIPS = 40_000, 20_000
SEED = 20261126
_WRONG = (
    None,
    True,
    False,
    0,
    -1,
    1.5,
    10**30,
    "",
    "x",
    "\u202e",
    "https://x.example",
    "2020-01-01T00:00:00Z",
    [],
    {},
    [[]],
    [None],
    [""],
    {"id": "https://x.example"},
    {"@value": "x"},
    {"@id": "x"},
    {"@list": []},
    {"en": "x"},
    "A" * 5000,
)
_EXTRA: tuple[tuple[str, Any], ...] = (
    ("zz", "x"),
    ("name", "Somebody else"),
    ("id", "urn:x:1"),
    ("@id", "urn:x:1"),
    ("type", "Profile"),
    ("@type", "Profile"),
    ("@context", {"name": "https://x.example/"}),
    ("@context", "https://www.w3.org/ns/credentials/v2"),
    ("@graph", []),
    ("@included", {"name": "x"}),
    ("@reverse", {}),
    ("@nest", {"name": "x"}),
    ("@value", "x"),
    ("@index", "x"),
    ("value", "A+"),
    ("https://schema.org/name", "x"),
    ("https://purl.imsglobal.org/spec/vc/ob/vocab.html#gpa", "4.0"),
    ("", ""),
    ("__proto__", {}),
    ("credentialSubject", {"id": "urn:x:2"}),
    ("proof", {}),
    ("validUntil", "9999-01-01T00:00:00Z"),
    ("description", {"en": "x"}),
)
Path_ = tuple[str | int, ...]
Mutation = Callable[[Any], Any]


@dataclass(frozen=True)
class Sample:
    """A signed document whose signature holds."""

    name: str
    document: dict[str, Any]
    policy: Policy = Policy(bind_issuer=False)


@cache
def world() -> World:
    made = World()
    keys = SHARED / "samples/vectors/1edtech-impl-guide/keypair.json"
    if keys.exists():
        who = "https://example.edu/issuers/565049"
        multikey = read_json(keys)["publicKeyMultibase"]
        method = {"id": f"{who}#{multikey}", "type": "Multikey", "controller": who, "publicKeyMultibase": multikey}
        made.web.serve_json(who, {"id": who, "verificationMethod": [method], "assertionMethod": [method["id"]]})
    return made


@cache
def environment() -> Environment:
    return world().environment()


@cache
def corpus() -> tuple[Sample, ...]:
    """What others signed; what others wrote and we sign; what we write and sign, whole and in part."""
    return (*_signed_by_others(), *_written_by_others(), *_ours())


def _documents() -> Iterator[tuple[str, dict[str, Any]]]:
    for place in sorted((SHARED / "samples").glob("**/*.json")):
        if place.relative_to(SHARED / "samples").parts[0] in ("ob3", "clr2", "dcc", "vectors"):
            document = read_json(place)
            if isinstance(document, dict) and "credentialSubject" in document:
                yield str(place.relative_to(SHARED / "samples")), document


def _signed_by_others() -> Iterator[Sample]:
    for name, document in _documents():
        if "proof" in document:
            yield Sample(name, document)


def _written_by_others() -> Iterator[Sample]:
    signer = SoftwareSigner.from_secret("Ed25519", b"\x07" * 32)
    for name, document in _documents():
        if "proof" in document:
            continue
        try:
            yield Sample(
                name,
                add_proof(
                    document,
                    suite="eddsa-rdfc-2022",
                    signer=signer,
                    processor=world().processor,
                    created=world().clock.now(),
                ),
            )
        except CredkitError:
            continue  # words that no signature fixes are never signed; that they are refused is tested with the kernel


def _ours() -> Iterator[Sample]:
    school, holder = School(world()), Holder(world())
    course = school.course(subject_id=holder.did)
    for suite in ("eddsa-rdfc-2022", "eddsa-jcs-2022", "ecdsa-rdfc-2019", "ecdsa-jcs-2019"):
        yield Sample(f"course {suite}", school.sign(course, suite))
    base = school.sign_base(course)
    for count, pointers in enumerate(
        (
            (),
            ("/credentialSubject/achievement/name", "/credentialSubject/result/0/value"),
            (
                "/credentialSubject/identifier/1/identityHash",
                "/credentialSubject/term",
                "/credentialSubject/achievement",
            ),
        )
    ):
        yield Sample(f"course derived {count}", derive(base, pointers, world().processor, SystemRandomness()), Policy())
    members = [school.sign(school.course(index=index, subject_id=holder.did)) for index in (7, 8, 9)]
    transcript = school.sign(school.transcript(members, subject_id=holder.did))
    yield Sample("transcript", transcript, Policy())
    shown = derive(base, (), world().processor, SystemRandomness())
    yield Sample("presentation", holder.present(shown, challenge="c", domain="d"), Policy())
    yield from _a_familys(school, holder, members[0], shown)


def _a_familys(
    school: School, holder: Holder, course: dict[str, Any], shown: dict[str, Any]
) -> Iterator[Sample]:
    """What a family signs: its grants, its comments, and selections with comments that travel."""
    family = SoftwareSigner.from_secret("Ed25519", b"\x08" * 32)
    did = family.verification_method.partition("#")[0]
    moment = world().clock.now()

    def sign(document: dict[str, Any]) -> dict[str, Any]:
        return school.sign(document, signer=family)

    said = sign(
        build_endorsement(
            "urn:uuid:1", "A comment", course["id"], "She was ill.", Profile(did, "Mother"), moment, "en"
        )
    )
    for kind, document in family_documents().items():
        if kind not in ("guardian", "tutor", "limit"):
            continue
        yield Sample(f"family {kind}", sign(document), Policy(bind_issuer=False, check_status=False))
    selection = clr_2.Selection(
        "urn:uuid:2", "For a college", "Admission", did, (), "urn:uuid:3", moment, None, [course], [said]
    )
    yield Sample("selection with a comment", sign(clr_2.build_selection(selection)), Policy())
    yield Sample("presentation with a comment", holder.present(shown, said, challenge="c", domain="d"), Policy())


def _report(sample: Sample, document: dict[str, Any]) -> Report:
    return check_document(document, sample.policy, environment(), challenge="c", domain="d")


def _held(report: Report) -> Iterator[dict[str, Any]]:
    """Every document, outside or inside, that is taken for signed."""
    inner = report.check("holder") is not None
    checks = {check.id: check.outcome for check in report.checks}
    if (
        signature_held(report)
        or inner
        and all(checks[name] == "passed" for name in ("shape", "vocabulary", "proof", "holder"))
    ):
        yield report.peek_document
    for member in (*report.members, *report.endorsements):
        yield from _held(member)


# What a document says, without what is equal for us.


def says(document: Any) -> frozenset[Any]:
    """The statements of a document, members by node id, in no order.

    Contexts are left out: what they make of the words is what the proof compares. Credentials inside share the graph,
    so that it does not matter whether the school's address stands on the transcript, on its courses or on both; each
    course is held to its own proof besides.
    """
    statements: set[Any] = set()
    root = _node({name: value for name, value in document.items() if name != "@context"}, statements)
    return frozenset({*statements, ("root", root)})


def _node(value: dict[str, Any], statements: set[Any]) -> Any:
    if set(value) == {"@value"}:
        return _value("", value["@value"], statements)
    members = frozenset(
        (name, said)
        for name, item in value.items()
        if name not in ("id", "@context")
        for said in _values(name, item, statements)
    )
    if "id" not in value:
        return members
    statements.update((value["id"], member) for member in members)
    return ("text", value["id"])


def _values(name: str, value: Any, statements: set[Any]) -> Iterator[Any]:
    entries = value if isinstance(value, list) else [value]
    if name == "proof":
        yield from (says(entry) if isinstance(entry, dict) else _value(name, entry, statements) for entry in entries)
    elif name == "allowedValue" and isinstance(value, list):
        yield tuple(_value(name, entry, statements) for entry in value)
    else:
        yield from (_value(name, entry, statements) for entry in entries)


def _value(name: str, value: Any, statements: set[Any]) -> Any:
    if isinstance(value, dict):
        return _node(value, statements)
    if isinstance(value, list):
        return tuple(_value(name, entry, statements) for entry in value)
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, (int, float)):
        return ("number", float(value)) if abs(value) < 2**53 else ("number", str(value))
    if name == "type" and value == "AchievementCredential":
        return ("text", "OpenBadgeCredential")
    return ("text", value)


# Mutants.


def _places(value: Any, path: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    yield path, value
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in entries:
        yield from _places(item, (*path, name))


def _mutations(document: dict[str, Any]) -> list[tuple[str, Mutation]]:
    found: list[tuple[str, Mutation]] = []
    texts = [value for _, value in _places(document) if isinstance(value, str)]
    for index, (path, value) in enumerate(_places(document)):
        if path:
            found.append((f"remove {path}", _removing(path)))
            likely = (texts[(index * 7 + 3) % len(texts)], [value], [value, value], {"@value": value}, *_changed(value))
            found += [(f"put {str(wrong)[:40]!r} at {path}", _putting(path, wrong)) for wrong in (*_WRONG, *likely)]
        if isinstance(value, dict):
            found += [
                (f"add {name!r} at {path}", _putting((*path, name), extra))
                for name, extra in _EXTRA
                if name not in value
            ]
            found += [
                (f"rename {name!r} at {path}", _renaming(path, name, other))
                for name in value
                for other in _spellings(name)
            ]
        if isinstance(value, list):
            found.append((f"reverse {path}", _putting(path, value[::-1])))
            found.append((f"append to {path}", _putting(path, [*value, "x"])))
            found.append((f"halve {path}", _putting(path, value[: len(value) // 2])))
    return found


def _changed(value: Any) -> tuple[Any, ...]:
    if isinstance(value, str) and value:
        return (value + " ", value[:-1], value.swapcase(), value + "\u200b", value.replace("A", "B", 1), "A+")
    if isinstance(value, bool):
        return (not value, str(value).lower())
    if isinstance(value, (int, float)):
        return (value + 1, -value, str(value), value * 1.0000001)
    return ()


def _spellings(name: str) -> tuple[str, ...]:
    return (
        name.capitalize(),
        name.upper(),
        "@" + name,
        f"https://www.w3.org/2018/credentials#{name}",
        name + " ",
        "_:" + name,
    )


def _removing(path: Path_) -> Mutation:
    def act(document: Any) -> Any:
        del _parent(document, path)[path[-1]]
        return document

    return act


def _putting(path: Path_, value: Any) -> Mutation:
    def act(document: Any) -> Any:
        _parent(document, path)[path[-1]] = copy.deepcopy(value)
        return document

    return act


def _renaming(path: Path_, name: str, other: str) -> Mutation:
    def act(document: Any) -> Any:
        node = _parent(document, (*path, name))
        node[other] = node.pop(name)
        return document

    return act


def _parent(document: Any, path: Path_) -> Any:
    for part in path[:-1]:
        document = document[part]
    return document


def _names() -> list[str]:
    return [sample.name for sample in corpus()]


def _sample(name: str) -> Sample:
    return next(sample for sample in corpus() if sample.name == name)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", _names())


@pytest.mark.skipif(not (SHARED / "samples").exists(), reason="shared/samples is not beside the checkout")
def test_the_corpus_holds_the_samples_of_others_and_ours() -> None:
    assert len(corpus()) >= 35


def test_the_signature_of_every_sample_holds(name: str) -> None:
    sample = _sample(name)
    report = _report(sample, sample.document)

    if any(document is sample.document for document in _held(report)):
        return
    proof, vocabulary = report.check("proof"), report.check("vocabulary")
    assert proof is not None and proof.outcome is Outcome.PASSED
    # Only a record inside without a proof of its own may keep a signed sample from holding.
    assert vocabulary is not None and vocabulary.problem is not None
    assert vocabulary.problem["code"] == "vocabulary_unknown"
    assert "proof of its own" in vocabulary.problem["detail"]


def _share(sample: Sample, whole: int) -> int:
    """How much of ``whole`` falls to this sample: the larger it is, the longer each takes, the fewer."""
    return round(amount(whole) * _weights()[sample.name] / sum(_weights().values()))


@cache
def _weights() -> dict[str, float]:
    return {sample.name: 1 / math.sqrt(len(json.dumps(sample.document))) for sample in corpus()}


def test_no_mutant_is_taken_for_what_was_signed(name: str) -> None:
    sample = _sample(name)
    originals = {says(document) for document in _held(_report(sample, sample.document))}
    mutations = _mutations(sample.document)
    wanted = min(len(mutations), max(20, _share(sample, MUTANTS)))
    for what, mutate in random.Random(SEED).sample(mutations, wanted):
        mutant = mutate(copy.deepcopy(sample.document))
        report = _report(sample, mutant)
        json.dumps(tell(report, Source()))
        for held in _held(report):
            assert says(held) in originals, what
        if report.verified:
            assert any(held is mutant for held in _held(report)), what


def test_no_flipped_byte_is_taken_for_what_was_signed(name: str) -> None:
    sample = _sample(name)
    originals = {says(document) for document in _held(_report(sample, sample.document))}
    raw, draw = json.dumps(sample.document, ensure_ascii=False).encode(), random.Random(SEED)
    for _ in range(max(10, _share(sample, FLIPS))):
        place, kind = draw.randrange(len(raw)), draw.randrange(4)
        changed = bytes((raw[place] ^ (1 << draw.randrange(8)),))
        middle = (changed, b"", raw[place : place + 1] * 2, changed + raw[place : place + 1])[kind]
        report = check_input(
            raw[:place] + middle + raw[place + 1 :], sample.policy, environment(), challenge="c", domain="d"
        )
        for held in _held(report):
            assert says(held) in originals, (place, kind)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b" \n\t",
        b"\x00",
        b"\xff\xfe{\x00}\x00",
        b"\xef\xbb\xbf{}",
        b"{",
        b"}",
        b"[]",
        b"null",
        b"0",
        b'"x"',
        b"{}" * 2,
        b"{]",
        b"\x89PNG\r\n\x1a\n",
        b'{"a":1,"a":2}',
        b'{"a":NaN}',
        b'{"a":1e999}',
        b'{"a":"\\ud800"}',
        b"{" + b'"a":' * 10,
        b"[" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b"{" + b'"a":"' + b"x" * 10_485_760 + b'"}',
        b"A" * 10_485_760,
        b"a.b.c",
        b"..",
        b"e30.e30.",
        b"eyJhbGciOiJub25lIn0.e30.",
        b"eyJhbGciOltdfQ.e30.AA",
        b"eyJhbGciOiJIUzI1NiJ9.e30.AAAA",
        '{"ñ":"\u202e"}'.encode("utf-16"),
        '{"ñ":1}'.encode("latin-1"),
        bytes(range(256)) * 40,
        b"<svg/>",
    ],
    ids=lambda raw: repr(raw[:24]),
)
def test_what_cannot_be_read_fails_in_one_sentence(raw: bytes) -> None:
    report = check_input(raw, Policy(), environment())

    shape = report.check("shape")
    assert report.verified is False
    assert shape is not None and shape.outcome == "failed"
    assert shape.problem is not None and 10 < len(shape.problem["detail"]) < 120


def test_a_token_that_holds_no_record_is_refused() -> None:
    report = check_input(b"\neyJhbGciOiJFUzI1NiIsInR5cCI6InZjK2p3dCJ9.e30.AAAA\n", Policy(), environment())

    assert [(check.id, str(check.outcome)) for check in report.checks] == [("shape", "failed")]


@pytest.mark.parametrize(
    "proof",
    [
        None,
        [],
        {},
        "",
        "x",
        0,
        True,
        [[]],
        [None],
        [{}],
        {"type": []},
        {"type": "DataIntegrityProof"},
        {"type": {"a": 1}},
        [1, 2],
        {"type": "DataIntegrityProof", "cryptosuite": []},
        {"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "proofValue": []},
    ],
)
def test_no_proof_is_no_proof(proof: Any) -> None:
    sample = _sample("course eddsa-rdfc-2022")

    assert not _report(sample, {**sample.document, "proof": proof}).verified
    assert not _report(sample, {**sample.document, "proof": [proof, sample.document["proof"]]}).verified
    assert not _report(sample, {**sample.document, "proof": [sample.document["proof"], proof]}).verified
