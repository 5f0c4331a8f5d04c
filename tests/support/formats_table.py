"""Writes ``docs/formats.md`` from the registries; ``tests/test_formats_document.py`` compares.

python -m tests.support.formats_table
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from types import ModuleType
from typing import Any

from credkit import proofs
from credkit.dids import DID_METHODS
from credkit.formats import FORMATS
from credkit.jose.jws import ALGORITHMS
from credkit.keys import KEY_TYPES, PUBLIC_KEY_TYPES
from credkit.profiles import PROFILES
from credkit.proofs import JCS_SUITES, SELECTIVE_SUITES, SUITES
from credkit.protocols import dcql
from credkit.protocols.oid4vp._v1_0_request import SD_JWT_ALGORITHMS
from credkit.protocols.oid4vp.v1_0 import PREFIXES, RESPONSE_MODES
from credkit.status import STATUS_TYPES, TOKEN_STATUS_TYPES
from issuer.services import metadata, record_forms
from issuer.services.profiles import OPEN
from tests.support.shared import ROOT
from verifier.services.requests import CRYPTOSUITES as ASKED_FOR
from wallet.services import holder, presenting

DOCUMENT = ROOT / "docs" / "formats.md"
WRITES = ("issue_", "sign_", "add_", "build_", "encode_", "pack")
PRESENTS = ("sign_vp", "choose", "bind_key", "derive")
READS = ("verify_", "decode_", "read_")

HEAD = """# What we issue, hold, present and verify

Made by `python -m tests.support.formats_table` from the registries; a test compares. What is not in a table is refused
as unsupported: never guessed, never taken for verified.
"""
BBS = """## What a bbs-2023 proof repeats

`bbsProof` is different in every presentation of one credential, even of the same choice. What stays the same when one
holder shows one credential twice, and by which two verifiers could tell that it was the same one:

- the **statements that are shown**, mandatory ones above all: names, dates, any id and any status entry among them;
- the proof's **options**: `verificationMethod`, `created`, cryptosuite, purpose;
- for the same choice the **mandatory indexes** and **selective indexes**: which places of the signed list are shown;
- the **label map**: it names a shown blank node by its place in this credential's own shuffled order, so one node has
  one name whatever else is shown;
- the **presentation header**, where the verifier sets the same one again.

So such a proof hides who somebody is only where nothing in this list is one person's own: no credential id, no subject
id, no status of its own, coarse dates, one issuer key for many. A test derives twice and finds that these and no others
repeat (`tests/credkit/proofs/test_bbs_2023.py`).

A record of the profile `unlinkable` (`credkit/profiles/unlinkable.py`) has none of what would tell it from another of
its form: no id of its own, no subject's id, no status, only first days of months as dates, that of the proof included,
and labels in the order of the document. Only of such a record do our pages say that it cannot be linked.
"""


def text() -> str:
    """The whole document."""
    parts = [HEAD, roles(), formats(), suites(), keys(), dids(), statuses(), profiles(), BBS]
    return "\n".join(parts)


def roles() -> str:
    """What each role does over the wire, from what it declares."""
    kinds = metadata.CONFIGURATIONS.values()
    issued = [(each.format, suite, each.id) for each in kinds for suite in each.signing_algs]
    issued += [(each.format, each.algorithm, name) for name, each in record_forms.FORMS.items()]
    pairs = dict.fromkeys(each[:2] for each in issued)
    rows = [("issuer", f"issues {form}, {suite}", ", ".join(each[2] for each in issued if each[:2] == (form, suite)))
            for form, suite in pairs]
    bindings = {name for each in kinds for name in each.binding_methods}
    algorithms = {*OPEN.algorithms, *metadata._SUITE_NAMES}
    rows += [("issuer", "binds to a holder's key", f"{listed(bindings)}; {listed(algorithms)}"),
             ("wallet", "accepts by OpenID4VCI, holds", ", ".join(holder._BINDINGS)),
             ("wallet", "presents by OpenID4VP",
              f"{dcql.FORMAT} in a presentation with {' or '.join(presenting._SUITES.values())}; {dcql.SD_JWT} with "
              f"key binding; {dcql.JWT_VC} in a JWT presentation"),
             ("verifier", "asks for by OpenID4VP",
              f"{dcql.FORMAT}: {', '.join(ASKED_FOR)}; {dcql.SD_JWT}, {dcql.JWT_VC}: {', '.join(SD_JWT_ALGORITHMS)}"),
             ("verifier", "names itself, is answered by", f"{', '.join(PREFIXES)}; {', '.join(RESPONSE_MODES)}"),
             ("verifier", "checks what it is given", ", ".join(each.name for each in FORMATS))]
    return table("By role", ("role", "does", "with"), rows)


def formats() -> str:
    """Every format, and the functions of the kernel for it."""
    rows = []
    for each in FORMATS:
        module = sys.modules[type(each).__module__]
        source = proofs if not functions(module, (*WRITES, *READS)) else module
        rows.append((each.name, functions(source, WRITES, PRESENTS), functions(source, PRESENTS),
                     functions(source, READS), first_sentence(module)))
    return table("Formats", ("format", "issue", "present", "verify", "what it is"), rows)


def suites() -> str:
    """Every Data Integrity suite."""
    rows = [(each.name, each.proof_type, listed(each.key_types), "in part" if each in SELECTIVE_SUITES else "whole",
             "JSON bytes" if each.name in JCS_SUITES else "RDF statements",
             "yes" if hasattr(each, "create_proof_value") or hasattr(each, "create_base_proof_value") else "no", "yes")
            for each in SUITES]
    return table("Cryptosuites", ("suite", "proof type", "keys", "shown", "signs", "issue", "verify"), rows)


def keys() -> str:
    """Every kind of key."""
    rows = []
    for each in PUBLIC_KEY_TYPES:
        uses = [suite.name for suite in SUITES if each.name in suite.key_types]
        tokens = [alg for alg, needed in ALGORITHMS.items() if needed == each.algorithm]
        rows.append((each.name, f"{each.kty} {each.name}", f"0x{each.public_codec.hex()}", ", ".join(tokens) or "none",
                     ", ".join(uses) or "none", "yes" if each in KEY_TYPES else "lists of messages only"))
    rows.append(("RSA, 2,048 bits up", "RSA", "none", "RS256, on verifying Open Badges only", "none", "no"))
    return table("Keys", ("key", "JWK", "multicodec", "tokens", "cryptosuites", "signs"), rows)


def dids() -> str:
    """Every way to name a key."""
    rows = [(", ".join(each.prefixes), "no" if each.is_offline else "yes",
             first_sentence(sys.modules[type(each).__module__])) for each in DID_METHODS]
    return table("DID methods and controller documents", ("identifier", "fetched", "what it is"), rows)


def statuses() -> str:
    """Every kind of status entry."""
    rows = []
    for place, entries in (("credentialStatus", STATUS_TYPES), ("claim status", TOKEN_STATUS_TYPES)):
        for name, module in entries:
            rows.append((name, place, "yes" if functions(module, WRITES) else "no", "yes", first_sentence(module)))
    return table("Status", ("type", "stands in", "issue", "verify", "what it is"), rows)


def profiles() -> str:
    """Every profile."""
    rows = []
    for _, check in PROFILES:
        module = sys.modules[check.__module__]
        rows.append((module.__name__.rpartition(".")[2], "yes" if functions(module, WRITES) else "no", "yes",
                     first_sentence(module)))
    return table("Profiles", ("profile", "issue", "verify", "what it is"), rows)


def functions(module: ModuleType, prefixes: Sequence[str], but: Sequence[str] = ()) -> str:
    """The public functions of a module that begin so, as they are called."""
    names = getattr(module, "__all__", None) or [name for name, value in vars(module).items()
                                                  if getattr(value, "__module__", None) == module.__name__]
    return ", ".join(f"`{name}`" for name in names if name.startswith(tuple(prefixes)) and not
                     name.startswith(tuple(but) or ("_",)) and callable(getattr(module, name)))


def first_sentence(module: ModuleType) -> str:
    """What a module says of itself."""
    said = re.sub(r"\s+", " ", (module.__doc__ or "").strip())
    return re.split(r"(?<=\.)\s", said)[0].rstrip(".")


def listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A section with a table; an empty cell says "none"."""
    lines = [f"## {title}", "", row(columns), "|" + "---|" * len(columns)]
    lines += [row([str(cell) or "none" for cell in cells]) for cells in rows]
    return "\n".join(lines) + "\n"


def row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    DOCUMENT.write_text(text(), encoding="utf-8")
