"""Every form of token, changed in every way a machine thinks of: nothing but what was signed is ever taken for signed.

Three kinds of mutants: a byte flipped, dropped, doubled or put in; a part written in another way; and honest signatures
over hostile words, for a key that lies is still a key. `make test` runs a tenth, with a fixed seed; `make hostile` all.
Spec: security.md A08, B01 to B11, C02, C04, C08, D06
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import pytest

from credkit.dids import did_key_of
from credkit.encoding import base64url_decode, base64url_encode
from credkit.environment import Environment, SystemRandomness
from credkit.errors import CredkitError
from credkit.formats import sd_jwt_vc, vc_sd_jwt
from credkit.formats.cose_vc import sign_vc_cose
from credkit.formats.jwt_vc import sign_jwt_vc_json, sign_vc_jwt, sign_vp_jwt
from credkit.jose import sign_compact
from credkit.keys import SoftwareSigner, public_key_from_jwk, public_key_from_multibase
from credkit.status import bitstring, token_status_list
from credkit.verification import Policy, Report, verify_credential, verify_presentation, verify_sd_jwt_presentation
from tests.support.amount import amount
from tests.support.world import NOW, V2, Holder, School, World

FLIPS, RESIGNED, LISTS, KEYS = 700_000, 40_000, 60_000, 200_000
SEED = 20261126
NONCE, AUDIENCE = "n-0S6_WzA2Mj", "x509_san_dns:college.example"
V1 = "https://www.w3.org/2018/credentials/v1"
_LETTERS = "AQgwZz09-_=+/.~,: \n\"\\{}[]\x00é"
_WRONG: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 10**30, 2**53, "", "x", "\u202e", "did:web:other.example", "did:key:z6Mk", "none",
    "2020-01-01T00:00:00Z", [], {}, [[]], [None], [""], ["a", "a"], {"id": "x"}, {"...": "x"}, {"_sd": ["x"]},
    "A" * 5000, {"keys": []}, {"@value": "x"}, {"jwk": {"kty": "EC"}}, "__proto__",
)
_NAMES = ("iss", "sub", "aud", "exp", "nbf", "iat", "jti", "nonce", "cnf", "status", "vct", "vc", "vp", "_sd",
          "_sd_alg", "...", "proof", "@context", "type", "credentialStatus", "credentialSubject", "validUntil",
          "alg", "crit", "zz")


@dataclass(frozen=True)
class Form:
    """One way to write a record, with its verifier and the key that signed it.

    Attributes:
        text: The token; bytes for COSE.
        verify: Judges any text in its place.
        says: What may be shown of it; less may be shown only if ``partial``.
    """

    text: str | bytes
    verify: Callable[[Any], Report]
    says: dict[str, Any]
    partial: bool = False


@cache
def world() -> World:
    return World()


@cache
def school() -> School:
    made = School(world())
    packed = token_status_list.pack({}, 2, 1024)
    url = "https://school.example/statuslists/1"
    signed = token_status_list.sign_status_list(
        packed, url=url, signer=made.p256, issued_at=NOW, expires_at=NOW + timedelta(days=1),
        header={"kid": made.p256.verification_method})
    world().web.serve_json(url, signed.encode(), content_type=token_status_list.MEDIA_TYPE)
    return made


@cache
def holder() -> Holder:
    return Holder(world())


@cache
def environment() -> Environment:
    return world().environment()


def _verify(secured: Any) -> Report:
    return verify_credential(secured, Policy(), environment())


def _verify_vp(secured: Any) -> Report:
    return verify_presentation(secured, Policy(), environment(), challenge=NONCE, domain=AUDIENCE)


def _verify_shown(secured: Any) -> Report:
    return verify_sd_jwt_presentation(secured, Policy(), environment(), nonce=NONCE, audience=AUDIENCE)


def _claims() -> dict[str, Any]:
    return {"vct": "https://school.example/vct/course", "iss": school().did, "iat": int(NOW.timestamp()),
            "cnf": {"jwk": holder().signer.public_key.to_jwk()}, "student": "Lucía Ramírez",
            "status": token_status_list.build_reference(7, "https://school.example/statuslists/1"),
            "course": {"title": "Algebra I", "grade": "A-", "terms": ["Fall", "Spring"]}}


def _older() -> dict[str, Any]:
    return {"@context": [V1], "id": "urn:uuid:4", "type": ["VerifiableCredential"], "issuer": school().did,
            "issuanceDate": "2026-06-01T00:00:00Z", "credentialSubject": {"id": "did:example:student"}}


def _sd_jwt() -> str:
    return sd_jwt_vc.issue_sd_jwt_vc(
        _claims(), school().p256, selective=[("student",), ("course", "grade"), ("course", "terms", 0)],
        randomness=SystemRandomness(), header={"kid": school().p256.verification_method}, decoys=2)


def _badge_token(badge: dict[str, Any]) -> str:
    claims = {**badge, "iss": school().did, "jti": badge["id"], "sub": "did:example:student"}
    return sign_compact(claims, school().p256, typ=None, header={"kid": school().p256.verification_method})


@cache
def forms() -> dict[str, Form]:
    """Every form, made once."""
    course, mine = school().course(), school().course(subject_id=holder().did)
    badge = school().course(subject_id="did:example:student")
    envelope = {"@context": V2, "type": "EnvelopedVerifiableCredential",
                "id": "data:application/vc+jwt," + sign_vc_jwt(mine, school().p256)}
    presentation = {"@context": [V2], "type": ["VerifiablePresentation"], "holder": holder().did,
                    "verifiableCredential": [envelope]}
    shown = sd_jwt_vc.choose(sd_jwt_vc.parse_sd_jwt(_sd_jwt()), [("student",)])
    bound = sd_jwt_vc.bind_key(shown, holder().signer, nonce=NONCE, audience=AUDIENCE, now=NOW)
    selective = vc_sd_jwt.sign_vc_sd_jwt(
        course, school().p256, selective=[("credentialSubject", "achievement", "description")],
        randomness=SystemRandomness(), decoys=1)
    claims = {name: value for name, value in _claims().items() if name != "course"}
    return {
        "vc+jwt": Form(sign_vc_jwt(course, school().p256), _verify, course),
        "vc+jwt of Ed25519": Form(sign_vc_jwt(course, school().ed25519), _verify, course),
        "jwt_vc_json": Form(sign_jwt_vc_json(_older(), school().ed25519), _verify, _older()),
        "open badges": Form(_badge_token(badge), _verify, badge),
        "vp+jwt": Form(sign_vp_jwt(presentation, holder().signer, nonce=NONCE, audience=AUDIENCE), _verify_vp,
                       presentation),
        "dc+sd-jwt": Form(_sd_jwt(), _verify, _claims(), partial=True),
        "dc+sd-jwt+kb": Form(str(bound), _verify_shown,
                             {**claims, "course": {"title": "Algebra I", "terms": ["Spring"]}}),
        "vc+sd-jwt": Form(selective, _verify, course, partial=True),
        "vc+cose": Form(sign_vc_cose(course, school().p256), _verify, course),
    }


FORMS = ("vc+jwt", "vc+jwt of Ed25519", "jwt_vc_json", "open badges", "vp+jwt", "dc+sd-jwt", "dc+sd-jwt+kb",
         "vc+sd-jwt", "vc+cose")


def _is_part(shown: Any, whole: Any) -> bool:
    """Whether everything in ``shown`` is in ``whole``, at its place and in its order."""
    if isinstance(shown, dict) and isinstance(whole, dict):
        return all(name in whole and _is_part(value, whole[name]) for name, value in shown.items())
    if isinstance(shown, list) and isinstance(whole, list):
        rest = iter(whole)
        return all(any(_is_part(entry, other) for other in rest) for entry in shown)
    return bool(type(shown) is type(whole) and shown == whole)


def _judge(form: Form, mutant: Any, what: object) -> None:
    report = form.verify(mutant)
    json.dumps(report.to_json())
    if report.verified:
        said = report.document
        assert said == form.says or form.partial and _is_part(said, form.says), what


def _changed(text: Any, draw: random.Random) -> Any:
    """``text`` with one to three places flipped, dropped, doubled, put in, or moved."""
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        place = draw.randrange(len(text)) if text else 0
        one = text[place:place + 1]
        if isinstance(text, bytes):
            put: Any = bytes((draw.randrange(256),))
        else:
            put = draw.choice((draw.choice(_LETTERS), chr(ord(one or "A") ^ 1 << draw.randrange(7)), one.swapcase()))
        kind = draw.randrange(6)
        middle = (put, text[:0], one * 2, put + one, one + put, text[place:place + 9][::-1])[kind]
        text = text[:place] + middle + text[place + (9 if kind == 5 else 1):]
    return text


@pytest.mark.parametrize("name", FORMS)
def test_no_changed_text_is_taken_for_what_was_signed(name: str) -> None:
    form, draw = forms()[name], random.Random(SEED)
    assert form.verify(form.text).verified
    assert form.verify(form.text).document == form.says
    for number in range(amount(FLIPS) // len(FORMS)):
        _judge(form, _changed(form.text, draw), number)


# Honest signatures over hostile words.


def _hostile(value: Any, draw: random.Random) -> Any:
    """``value`` with one member or element somewhere in it put wrong, renamed, added or taken away."""
    places = list(_places(value))
    path = draw.choice(places)
    node = value
    for part in path[:-1]:
        node = node[part]
    kind = draw.randrange(5)
    if not path or kind == 0:
        target = node[path[-1]] if path else value
        if isinstance(target, dict):
            target[draw.choice(_NAMES)] = copy.deepcopy(draw.choice(_WRONG))
            return value
    if path and kind == 1:
        del node[path[-1]]
    elif path and kind == 2 and isinstance(node, dict):
        node[draw.choice(_NAMES)] = node.pop(path[-1])
    elif path:
        node[path[-1]] = copy.deepcopy(draw.choice(_WRONG))
    return value


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    for name, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _places(item, (*path, name))


def _resigned(name: str, draw: random.Random) -> Any:
    """The payload or the header of a form, hostile, and signed by who signed it before."""
    form = forms()[name]
    assert isinstance(form.text, str)
    jwt, tilde, rest = form.text.partition("~")
    header, payload = (json.loads(base64url_decode(part)) for part in jwt.split(".")[:2])
    if draw.random() < 0.8:
        payload = _hostile(payload, draw)
    else:
        header = _hostile(header, draw)
    schools = school().ed25519 if header.get("alg") == "EdDSA" else school().p256
    signer = holder().signer if name == "vp+jwt" else schools
    text = ".".join(base64url_encode(json.dumps(part).encode()) for part in (header, payload))
    return f"{text}.{base64url_encode(signer.sign(text.encode()))}{tilde}{rest}"


@pytest.mark.parametrize("name", [name for name in FORMS if name != "vc+cose"])
def test_hostile_words_under_an_honest_signature_are_a_report_and_never_an_error(name: str) -> None:
    draw = random.Random(SEED)
    for _ in range(amount(RESIGNED) // len(FORMS)):
        report = forms()[name].verify(_resigned(name, draw))
        json.dumps(report.to_json())
        if report.verified:
            assert report.document.get("issuer", report.document.get("iss", school().did)) is not None


# What the record points to: lists and keys.


def test_a_changed_status_list_is_refused_or_says_the_same() -> None:
    good = bitstring.encode_list({7, 130_000})
    bits, draw = bitstring.decode_list(good), random.Random(SEED)
    packed = token_status_list.pack({3: 1, 1000: 2}, 2, 1024)
    claim = token_status_list.encode_list(packed)
    for number in range(amount(LISTS)):
        try:
            if number % 2:
                assert bitstring.decode_list(_changed(good, draw)) == bits
            else:
                assert token_status_list.decode_list({**claim, "lst": _changed(claim["lst"], draw)}) == packed
        except CredkitError:
            continue


def test_a_changed_key_is_refused_or_is_another_key_of_its_kind() -> None:
    draw = random.Random(SEED)
    keys = [SoftwareSigner.generate(kind).public_key for kind in ("Ed25519", "P-256", "P-384", "P-521")]
    for number in range(amount(KEYS)):
        key = keys[number % len(keys)]
        try:
            if number % 3:
                read = public_key_from_multibase(_changed(key.to_multibase(), draw))
            else:
                jwk: dict[str, Any] = dict(key.to_jwk())
                jwk = _hostile(jwk, draw) if draw.random() < 0.5 else {**jwk, "x": _changed(jwk["x"], draw)}
                read = public_key_from_jwk(jwk)
        except CredkitError:
            continue
        assert public_key_from_multibase(read.to_multibase()) == read


def test_a_changed_identifier_is_refused_or_resolves_to_itself() -> None:
    draw = random.Random(SEED)
    dids = [did_key_of(SoftwareSigner.generate(kind).public_key) for kind in ("Ed25519", "P-256", "P-384")]
    for number in range(amount(KEYS) // 4):
        changed = _changed((*dids, school().did)[number % 4], draw)
        try:
            document = environment().resolver.resolve(changed)
        except CredkitError:
            continue
        assert document.id == changed
