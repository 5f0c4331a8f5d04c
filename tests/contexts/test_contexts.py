"""The pinned contexts: right bytes, no sharing, no guessing."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import contexts
from demo.conformance.profile import CITIZENSHIP_V4RC1, EXAMPLES_V2, load_with_examples
from tests.support.shared import samples

FILES = Path(contexts.__file__).parent / "files"
BY_URL = {entry.url: entry for entry in contexts.pinned()}

# The normative hash of VC-DATA-MODEL-2.0 #base-context, and those of the official 1EdTech validator's files.
DECIDED_ELSEWHERE = {
    "https://www.w3.org/ns/credentials/v2": "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
    "https://w3id.org/security/data-integrity/v2": "67f21e6e33a6c14e5ccfd2fc7865f7474fb71a04af7e94136cb399dfac8ae8f4",
    "https://w3id.org/security/multikey/v1": "ba2c182de2d92f7e47184bcca8fcf0beaee6d3986c527bf664c195bbc7c58597",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json": (
        "5f3d9dd6288ef437ff8286cf95ffbff609c748a66f24a1e9450c45ca64be1571"
    ),
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json": (
        "00666ad080ba407687ed1846b7f5e7495f5019042b202a727de47c48a1755c53"
    ),
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json": (
        "3d34f4d4ef1bce691106e63798beb5e7b862ba841423f5ee1e53ab7ddf3bca84"
    ),
    "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json": (
        "87c06c81bc2317663bf288d740d94fddd2818c4342b186270ff6371dfaa63f93"
    ),
    "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json": (
        "880f1902d4158f2f33ce06af41b90719977cd1ea337a9de2e41edb3ff5e543d6"
    ),
}


@pytest.mark.spec("VC-DATA-MODEL-2.0", "#base-context")
@pytest.mark.parametrize("url", sorted(DECIDED_ELSEWHERE))
def test_the_bytes_are_the_ones_their_publisher_or_its_validator_names(url: str) -> None:
    content = (FILES / BY_URL[url].file).read_bytes()

    assert hashlib.sha256(content).hexdigest() == DECIDED_ELSEWHERE[url] == BY_URL[url].sha256


def test_open_badges_3_0_3_is_the_one_where_endorsement_jwt_is_a_word_everywhere() -> None:
    terms = contexts.load("https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json")["@context"]

    assert {"endorsementJwt", "jti"} <= set(terms)


def test_the_sample_contexts_beside_the_checkout_are_byte_for_byte_ours() -> None:
    theirs = {hashlib.sha256(path.read_bytes()).hexdigest() for path in samples("contexts").rglob("*.json")}

    assert theirs <= {entry.sha256 for entry in contexts.pinned()}


@pytest.mark.parametrize("url", sorted(BY_URL))
def test_every_pinned_context_loads_as_a_context_document(url: str) -> None:
    assert set(contexts.load(url)) == {"@context"}


def test_no_two_rows_name_one_url_and_no_file_lies_about_without_a_row() -> None:
    assert len(BY_URL) == len(contexts.pinned())
    assert {path.name for path in FILES.iterdir()} == {entry.file for entry in contexts.pinned()}


@pytest.mark.parametrize(
    "url",
    [
        "https://www.w3.org/ns/credentials/examples/v2",
        "https://purl.imsglobal.org/spec/clr/v2p0/context.json",
        "http://www.w3.org/ns/credentials/v2",
        "https://www.w3.org/ns/credentials/v2/",
        "https://www.w3.org/ns/credentials/v2#",
        "../files/credentials-v2.jsonld",
        "",
    ],
)
def test_what_is_not_pinned_is_refused_and_never_fetched(url: str) -> None:
    with pytest.raises(contexts.UnpinnedContextError) as caught:
        contexts.load(url)

    assert isinstance(caught.value, LookupError)
    assert caught.value.url == url


def test_a_caller_who_changes_what_it_got_changes_nothing_for_others() -> None:
    url = "https://www.w3.org/ns/credentials/v2"
    contexts.load(url)["@context"].clear()

    assert "VerifiableCredential" in contexts.load(url)["@context"]


def test_a_file_changed_on_disk_is_noticed(tmp_path: Path) -> None:
    entry = contexts.pinned()[0]
    copy = tmp_path / "contexts"
    shutil.copytree(FILES.parent, copy)
    content = (copy / "files" / entry.file).read_bytes()
    (copy / "files" / entry.file).write_bytes(content.replace(b"credentials#", b"credentialz#"))

    program = f"import contexts; contexts.load({entry.url!r})"
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "CorruptContextError: the pinned context credentials-v1.jsonld has been changed on disk" in done.stderr


def test_only_the_conformance_profile_knows_the_contexts_of_the_vectors() -> None:
    assert load_with_examples(EXAMPLES_V2) == {"@context": {"@vocab": "https://www.w3.org/ns/credentials/examples#"}}
    assert "PermanentResidentCard" in load_with_examples(CITIZENSHIP_V4RC1)["@context"]
    assert load_with_examples("https://www.w3.org/ns/did/v1") == contexts.load("https://www.w3.org/ns/did/v1")
    with pytest.raises(contexts.UnpinnedContextError):
        contexts.load(CITIZENSHIP_V4RC1)
