"""Cost against size: the same operation on one course and on up to a thousand of them, time per statement."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from bench.documents import course, long_record, transcript
from bench.ours import Ours, environment
from bench.pairs import ECDSA_SD, ONE_VALUE
from bench.timing import least
from credkit.keys import SoftwareSigner
from credkit.proofs import BbsSigner

SIZES = (1, 10, 60, 250, 1_000)
EVERYTHING = [f"/credentialSubject/{name}" for name in ("achievement", "result", "identifier")]
Steps = Iterator[tuple[str, Callable[[], Any]]]


def growth(sizes: Sequence[int] = SIZES) -> Iterator[str]:
    """One printed line for each operation: microseconds per statement at each size, and the largest over the least."""
    secret = bytes(range(1, 33))
    ed25519, p256 = (SoftwareSigner.from_secret(kind, secret) for kind in ("Ed25519", "P-256"))
    ours = Ours(environment(), ed25519, p256, BbsSigner(secret))
    lines: dict[str, list[str]] = {}
    costs: dict[str, list[float]] = {}
    for size in sizes:
        for document, steps in ((_transcript(ours, size), _whole), (_record(ours, size), _in_part)):
            quads = len(ours.environment.jsonld.walk(document).quads)
            for name, act in steps(ours, json.dumps(document)):
                cost = least(act) * 1000 / quads
                costs.setdefault(name, []).append(cost)
                lines.setdefault(name, []).append(f"{quads} quads {cost:.1f}")
    for name, found in costs.items():
        yield f"{name}, µs per quad: {', '.join(lines[name])}; largest over least {max(found) / min(found):.2f}"


def _transcript(ours: Ours, size: int) -> dict[str, Any]:
    issuer = ours.ed25519.verification_method.partition("#")[0]
    members = [ours.issue(json.dumps(course(index, issuer))) for index in range(size)]
    return transcript(issuer, members)


def _record(ours: Ours, size: int) -> dict[str, Any]:
    return long_record(ours.p256.verification_method.partition("#")[0], results=4 * size)


def _whole(ours: Ours, text: str) -> Steps:
    signed = json.dumps(ours.issue(text))
    yield "eddsa-rdfc-2022 issue", lambda: ours.issue(text)
    yield "eddsa-rdfc-2022 verify", lambda: ours.verify(signed)


def _in_part(ours: Ours, text: str) -> Steps:
    base = json.dumps(ours.base(text, ECDSA_SD))
    shown = json.dumps(ours.derive(base, EVERYTHING))
    yield "ecdsa-sd-2023 base", lambda: ours.base(text, ECDSA_SD)
    yield "ecdsa-sd-2023 derive one value", lambda: ours.derive(base, ONE_VALUE)
    yield "ecdsa-sd-2023 verify with everything shown", lambda: ours.verify(shown, derived=True)
