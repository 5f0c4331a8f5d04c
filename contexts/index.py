"""Which contexts are pinned, byte for byte, and where the bytes came from.

Adding one: put the file under ``files/``, add its row here with the SHA-256 of its bytes, and say in ``LICENSES.md``
whose it is. A publisher may change a context under its own URL (1EdTech did so with Open Badges 3.0.3): the hash
decides which text is meant.
"""

from __future__ import annotations

from dataclasses import dataclass

W3C = "W3C-20150513"
BSD = "BSD-3-Clause"
ONE_EDTECH = "LicenseRef-1EdTech-Specification"
APACHE = "Apache-2.0"

FAMILY_V1 = "urn:uuid:ac6beeb9-7e2f-404c-a9c6-2fc3464147cc"
"""Our own vocabulary: a constant name that nobody can own (docs/decisions/0010)."""


@dataclass(frozen=True)
class Origin:
    """The published package the bytes were taken from, ``path`` lies inside it.

    ``registry`` is ``pypi`` or ``npm``, or ``ours`` for a vocabulary that this project publishes itself.
    """

    registry: str
    package: str
    version: str
    path: str


@dataclass(frozen=True)
class PinnedContext:
    """``url`` as documents name it, ``file`` under ``files/``, ``sha256`` of its bytes in hex, SPDX ``licence``."""

    url: str
    file: str
    sha256: str
    origin: Origin
    licence: str


def _openbadgeslib(path: str) -> Origin:
    return Origin("pypi", "openbadgeslib", "4.6.3", f"openbadgeslib/ob3/contexts/{path}")


def _npm(package: str, version: str, file: str) -> Origin:
    return Origin("npm", package, version, f"contexts/{file}")


PINNED = (
    PinnedContext(
        "https://www.w3.org/2018/credentials/v1",
        "credentials-v1.jsonld",
        "00d7dd6d3ad8b920e3e550dd3a3d9090bffcac84cdbf943da6924b3e0a5c8bb8",
        _npm("@digitalbazaar/credentials-context", "3.2.0", "v1.jsonld"),
        W3C,
    ),
    PinnedContext(
        "https://www.w3.org/ns/credentials/v2",
        "credentials-v2.jsonld",
        "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
        _openbadgeslib("credentials-v2.json"),
        W3C,
    ),
    PinnedContext(
        "https://w3id.org/security/data-integrity/v1",
        "data-integrity-v1.jsonld",
        "b5d829bd09aa7c42abc6efa0c8ed7635313b5487f37ccfce3ecd149ca9418554",
        _npm("@digitalbazaar/data-integrity-context", "2.0.1", "data-integrity-v1.jsonld"),
        BSD,
    ),
    PinnedContext(
        "https://w3id.org/security/data-integrity/v2",
        "data-integrity-v2.jsonld",
        "67f21e6e33a6c14e5ccfd2fc7865f7474fb71a04af7e94136cb399dfac8ae8f4",
        _openbadgeslib("security-data-integrity-v2.json"),
        W3C,
    ),
    PinnedContext(
        "https://w3id.org/security/multikey/v1",
        "multikey-v1.jsonld",
        "ba2c182de2d92f7e47184bcca8fcf0beaee6d3986c527bf664c195bbc7c58597",
        _openbadgeslib("security-multikey-v1.json"),
        W3C,
    ),
    PinnedContext(
        "https://w3id.org/security/suites/ed25519-2020/v1",
        "ed25519-signature-2020-v1.jsonld",
        "b9e1ab971fd8bf2c7553e0c4a9438e0b9450afde1ea1ca5b2492368b9f549588",
        _npm("ed25519-signature-2020-context", "1.1.0", "ed25519-signature-2020-v1.jsonld"),
        BSD,
    ),
    PinnedContext(
        "https://w3id.org/vc/status-list/2021/v1",
        "status-list-2021-v1.jsonld",
        "634d71c159289f068c96012e4511c657fdf82ac4231900081bda3ba24e2e1160",
        _npm("@digitalbazaar/vc-status-list-context", "3.1.1", "vc-status-list-v1.jsonld"),
        BSD,
    ),
    PinnedContext(
        "https://www.w3.org/ns/credentials/status/v1",
        "bitstring-status-list-v1.jsonld",
        "fd08cbf28ddd829ab2f1978c48f43ab07a112c1c90245a0cfac7ba721c65170c",
        _npm("@digitalbazaar/vc-bitstring-status-list-context", "1.1.0", "vc-bitstring-status-list-v1.jsonld"),
        BSD,
    ),
    PinnedContext(
        "https://www.w3.org/ns/did/v1",
        "did-v1.jsonld",
        "62c1054bf404d6dd3a4b26b64f830fd72095f6a26edc4469908c94351352ce5f",
        _npm("did-context", "3.1.1", "did-v1.jsonld"),
        W3C,
    ),
    PinnedContext(
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json",
        "open-badges-3.0.1.jsonld",
        "5f3d9dd6288ef437ff8286cf95ffbff609c748a66f24a1e9450c45ca64be1571",
        _openbadgeslib("ob-v3p0-context-3.0.1.json"),
        ONE_EDTECH,
    ),
    PinnedContext(
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json",
        "open-badges-3.0.2.jsonld",
        "00666ad080ba407687ed1846b7f5e7495f5019042b202a727de47c48a1755c53",
        _openbadgeslib("ob-v3p0-context-3.0.2.json"),
        ONE_EDTECH,
    ),
    PinnedContext(
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        "open-badges-3.0.3.jsonld",
        "3d34f4d4ef1bce691106e63798beb5e7b862ba841423f5ee1e53ab7ddf3bca84",
        _openbadgeslib("ob-v3p0-context-3.0.3.json"),
        ONE_EDTECH,
    ),
    PinnedContext(
        "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
        "open-badges-extensions.jsonld",
        "87c06c81bc2317663bf288d740d94fddd2818c4342b186270ff6371dfaa63f93",
        _openbadgeslib("ob-v3p0-extensions.json"),
        ONE_EDTECH,
    ),
    PinnedContext(
        "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json",
        "clr-2.0.1.jsonld",
        "880f1902d4158f2f33ce06af41b90719977cd1ea337a9de2e41edb3ff5e543d6",
        _openbadgeslib("clr_context_2.0.1.json"),
        ONE_EDTECH,
    ),
    PinnedContext(
        FAMILY_V1,
        "family-v1.jsonld",
        "fe147cee270d91f005bc202852b487a9e96ee54cc60bdadfb2bd67e3561697a4",
        Origin("ours", "learner-backpack", "1", "contexts/files/family-v1.jsonld"),
        APACHE,
    ),
)
