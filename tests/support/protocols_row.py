"""What a line of ``docs/protocols.md`` is, and the lines about the High Assurance Interoperability Profile."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One demand.

    Attributes:
        tests: ``path under tests/`` and name of each test that holds it, separated by ``::``.
        why_not: One sentence, where none does.
    """

    demand: str
    tests: tuple[str, ...] = ()
    why_not: str = ""


@dataclass(frozen=True)
class Client:
    """Somebody else's software that was spoken with.

    Attributes:
        package: Its name in the registry; the version is that of the lock file.
        part: What it was.
        tests: As in ``Row``.
    """

    package: str
    part: str
    what: str
    tests: tuple[str, ...]


_PROFILE = "issuer/test_haip.py::"
_LIBRARY = "interop/test_openid4vc_wallet.py::"
HAIP_ISSUER = (
    Row(
        "HAIP 1.0: what it demands",
        (
            _PROFILE + "test_the_metadata_say_what_the_profile_demands_and_nothing_that_it_forbids",
            _PROFILE + "test_a_record_comes_by_the_whole_flow_with_its_signer_s_certificate",
            _PROFILE + "test_keys_are_attested_where_that_is_demanded",
            "flows/test_haip.py::test_a_badge_goes_from_office_to_college_under_the_profile",
        ),
    ),
    Row(
        "HAIP 1.0: what it forbids",
        (
            _PROFILE + "test_a_wallet_is_let_in_only_as_the_profile_wants_it",
            _PROFILE + "test_a_request_must_be_pushed_and_say_by_scope_what_it_wants",
            _PROFILE + "test_a_token_is_given_for_no_other_code_and_to_nobody_without_a_key",
            _PROFILE + "test_what_the_profile_forbids_at_the_credential_endpoint_gets_its_error",
            _PROFILE + "test_what_the_profile_forbids_is_not_offered",
        ),
    ),
    Row(
        "HAIP 1.0: refresh tokens; a list index of its own for a record that is collected again",
        why_not="recommended only, offers serve instead; a record keeps its one place, so that it is taken back whole",
    ),
)
HAIP_WALLET = (
    Row(
        "an attestation of the wallet, where whoever runs it has a certificate for that",
        ("flows/test_haip.py::test_a_badge_goes_from_office_to_college_under_the_profile",),
    ),
    Row("attestations of its keys, at no level, from whoever runs it; where hardware is demanded the offer is refused",
        (_LIBRARY + "test_a_key_is_vouched_for_where_the_issuer_wants_that",
         _LIBRARY + "test_no_key_is_vouched_for_by_nobody_by_a_stranger_or_as_kept_in_hardware")),
)
HAIP_VERIFIER = (
    Row(
        "HAIP 1.0",
        (
            "verifier/test_haip.py::test_what_the_profile_demands_is_on_without_being_asked_for",
            "verifier/test_haip.py::test_what_the_profile_forbids_is_not_asked",
            "verifier/test_haip.py::test_the_page_asks_for_what_the_profile_allows_and_says_what_it_is",
        ),
    ),
)
