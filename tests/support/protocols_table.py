"""Writes ``docs/protocols.md``: each demand of the protocols with the test that holds it, or why it is not met.

python -m tests.support.protocols_table
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.support.badge_api_demands import BADGE_API
from tests.support.protocols_row import HAIP_ISSUER, HAIP_VERIFIER, HAIP_WALLET, Client, Row
from tests.support.shared import ROOT

DOCUMENT = ROOT / "docs" / "protocols.md"
_LOCKED = ROOT / "tests" / "interop" / "node" / "package-lock.json"

HEAD = """# What is spoken on the wire

Made by `python -m tests.support.protocols_table`; a test compares, and looks for each test that is named. Versions:
OpenID4VCI 1.0, OpenID4VP 1.0 with DCQL, HAIP 1.0 (issuer, verifier), RFC 9126 (PAR), RFC 7636 (PKCE), RFC 9207 (`iss`),
RFC 9449 (DPoP), RFC 7591 (registration), RFC 7009 (revocation), the API of Open Badges 3.0.
"""


_ISSUING, _ENDPOINT = "issuer/test_issuing.py::", "issuer/test_credential_endpoint.py::"
_FORMS, _KEYS, _SCRIPTS = (
    "issuer/test_record_forms.py::",
    "issuer/test_key_attestations.py::",
    "issuer/test_scripting.py::",
)
_BACK = "issuer/test_sent_back.py::"
_CODES, _WALLETS = "issuer/test_authorizing.py::", "issuer/test_attestation.py::"
_THEIR_READER = "interop/test_badge_client.py::"
_ASKING, _TAKING, _ATTACKS = (
    "verifier/test_asking.py::",
    "verifier/test_formats_asked.py::",
    "verifier/test_attacks.py::",
)
_ANSWERS = "verifier/test_answers.py::"
_OBJECTS, _ASKERS = "credkit/protocols/oid4vp/test_request_objects.py::", "credkit/protocols/oid4vp/test_who_asks.py::"
_RECEIVING, _PAGES = "wallet/services/test_receiving.py::", "wallet/web/test_any_issuer.py::"
_ASKED_PAGES, _SUITES = "wallet/web/test_any_asker.py::", "wallet/services/test_any_suite.py::"
_THEIR_WALLET, _OUR_WALLET = "interop/test_oid4vci_wallets.py::", "interop/test_openid4vc_wallet.py::"
_THEIR_ANSWER, _THEIR_LOGIN = "interop/test_openid4vp_wallet.py::", "interop/test_openid4vc_oauth.py::"

ISSUER = (
    Row(
        "metadata inserted, appended and with a trailing slash",
        (_ENDPOINT + "test_the_metadata_lie_in_every_place_where_wallets_look",),
    ),
    Row("signed metadata", (_ENDPOINT + "test_signed_metadata_are_given_to_whoever_asks_for_them",)),
    Row(
        "configurations with what their format needs; binding methods exactly where proof types are",
        (_FORMS + "test_the_metadata_name_every_form_with_what_its_format_needs",),
    ),
    Row("authorization server metadata", (_CODES + "test_the_server_says_what_it_can",)),
    Row("offers by reference and by value", (_SCRIPTS + "test_the_offer_is_told_by_value_too",)),
    Row(
        "offers with a pre-authorized code or `issuer_state`",
        (
            _SCRIPTS + "test_by_way_of_authorization_the_offer_holds_no_code",
            _SCRIPTS + "test_a_code_is_asked_for_where_that_is_said",
        ),
    ),
    Row(
        "`tx_code` sent exactly where it is expected",
        (_CODES + "test_a_tx_code_is_sent_exactly_if_the_offer_asks_for_one",),
    ),
    Row(
        "wrong codes counted, also on the page; the code dies",
        (
            _CODES + "test_wrong_codes_are_counted_on_the_page_as_at_the_token_endpoint",
            "issuer/test_races.py::test_no_more_codes_are_guessed_than_there_are_tries",
        ),
    ),
    Row(
        "a code is good once",
        (
            "issuer/test_races.py::test_a_pre_authorized_code_gives_one_token",
            "issuer/test_races.py::test_an_authorization_code_gives_one_token",
        ),
    ),
    Row(
        "PAR: once, for its client, for minutes",
        (
            _CODES + "test_a_pushed_request_is_good_once_for_its_client_and_for_minutes",
            "issuer/test_races.py::test_a_pushed_request_leads_on_once",
        ),
    ),
    Row(
        "PKCE S256, exact `redirect_uri`, `client_id`", (_CODES + "test_a_code_is_good_only_with_what_it_is_bound_to",)
    ),
    Row(
        "a code used again takes the first token with it",
        (_CODES + "test_a_code_that_comes_again_takes_the_first_token_with_it",),
    ),
    Row(
        "nobody is sent back without a living offer's secret or an answer on our page (decision 0025); `state`, `iss`",
        (
            _BACK + "test_an_error_is_a_page_until_the_address_is_known_to_be_good",
            _BACK + "test_another_error_goes_back_to_the_wallet_with_the_secret_of_an_offer_and_is_a_page_without",
            _BACK + "test_a_stranger_s_request_sends_nobody_to_the_stranger",
        ),
    ),
    Row(
        "`scope`, `authorization_details`, `credential_identifiers`",
        (
            _CODES + "test_a_scope_limits_the_token_to_what_it_names",
            _CODES + "test_details_that_were_asked_for_are_answered_with_identifiers",
        ),
    ),
    Row(
        "DPoP: `htm`, `htu`, `ath`, nonces, replays; a bound token as Bearer refused",
        (
            _CODES + "test_a_token_is_bound_to_the_key_that_asked_for_it",
            _CODES + "test_the_server_asks_for_its_nonce_and_takes_each_proof_once",
            "credkit/protocols/test_dpop.py::test_the_proofs_of_the_rfc_hold_but_for_the_nonce_that_we_want",
        ),
    ),
    Row(
        "nonce endpoint; a nonce is used once, after every signature held",
        (
            _ENDPOINT + "test_a_nonce_is_used_up_only_when_every_signature_holds_and_then_once",
            "issuer/test_races.py::test_a_nonce_is_used_once",
        ),
    ),
    Row("identifier or configuration, exactly one", (_ENDPOINT + "test_exactly_one_of_the_two_names_is_needed",)),
    Row(
        "an identifier must be used where the token gave some",
        why_not="not demanded: a token of the code grant knows identifiers that its wallet never asked for",
    ),
    Row(
        "`jwt` proofs: `jwk`, `kid`, `x5c`",
        (
            _FORMS + "test_a_key_named_as_a_jwk_or_by_a_did_jwk_is_the_holder_s_too",
            _KEYS + "test_a_key_may_be_named_by_a_certificate",
        ),
    ),
    Row(
        "`di_vp` proofs",
        (
            _ENDPOINT + "test_a_presentation_proves_a_key_alone_or_in_an_array",
            _ENDPOINT + "test_a_presentation_for_others_or_changed_proves_nothing",
        ),
    ),
    Row(
        "`attestation` proofs and attested keys",
        (
            _KEYS + "test_an_attestation_alone_brings_a_copy_for_each_key",
            _KEYS + "test_an_attestation_that_is_bad_is_refused",
        ),
    ),
    Row(
        "the `status` of a key attestation: taken back or not to be looked up is refused",
        (
            _KEYS + "test_an_attestation_that_was_taken_back_is_refused",
            _KEYS + "test_what_cannot_be_looked_up_has_not_passed",
        ),
    ),
    Row("batch", (_FORMS + "test_a_batch_brings_one_copy_for_each_key_and_the_same_again",)),
    Row(
        "deferred",
        (
            _ENDPOINT + "test_what_a_registrar_has_still_to_approve_is_deferred_then_given_once",
            _ENDPOINT + "test_a_deferral_outlives_a_restart",
        ),
    ),
    Row(
        "sealed requests and answers; errors never sealed",
        (_ENDPOINT + "test_a_sealed_request_gets_a_sealed_answer", _ENDPOINT + "test_errors_are_never_sealed"),
    ),
    Row(
        "exact errors; wrong types change nothing",
        (
            _ENDPOINT + "test_a_member_of_a_wrong_type_gets_its_exact_error_and_changes_nothing",
            _ENDPOINT + "test_the_other_endpoints_answer_wrong_types_alike",
        ),
    ),
    Row("unknown members ignored", (_ENDPOINT + "test_unknown_members_are_ignored",)),
    Row(
        "wallet attestation, two shapes, challenge",
        (
            _WALLETS + "test_a_good_attestation_is_taken_and_a_bad_one_refused",
            _WALLETS + "test_only_by_a_setting_is_a_wallet_without_one_refused",
        ),
    ),
    Row(
        "`ldp_vc`, `dc+sd-jwt`, `jwt_vc_json`: one record, one status",
        (_FORMS + "test_each_form_holds_is_bound_to_its_holder_and_is_taken_back_with_the_record",),
    ),
    Row(
        "requests of draft 13",
        (
            _ENDPOINT + "test_draft_13_is_answered_in_both_ways_and_logged",
            _ENDPOINT + "test_strict_mode_takes_none_of_it",
        ),
    ),
    *BADGE_API,
    *HAIP_ISSUER,
    Row("`mso_mdoc`, OpenID Federation", why_not="not in our profile"),
)
WALLET = (
    Row(
        "offers by value and reference; nothing is sent before consent",
        (_RECEIVING + "test_reading_an_offer_sends_no_code_and_keeps_nothing",),
    ),
    Row(
        "issuer and authorization server are who was asked (E09)",
        (
            _RECEIVING + "test_metadata_of_another_issuer_is_refused",
            _PAGES + "test_another_servers_token_must_be_of_no_use_to_the_school",
        ),
    ),
    Row("a stale nonce is replaced once", (_OUR_WALLET + "test_a_stale_nonce_is_replaced_once",)),
    Row(
        "202 and its interval; several entries",
        (
            _OUR_WALLET + "test_a_record_that_is_not_made_yet_is_asked_for_again_when_the_issuer_says",
            _OUR_WALLET + "test_several_copies_of_one_record_are_kept_once",
        ),
    ),
    Row(
        "a new key for each record, of the kind the issuer takes",
        (_OUR_WALLET + "test_the_key_is_of_the_kind_and_name_that_the_issuer_takes",),
    ),
    Row(
        "verified before it is kept (E10)",
        (
            _OUR_WALLET + "test_a_record_that_is_not_what_it_should_be_is_not_kept",
            _SUITES + "test_a_record_that_was_changed_is_kept_under_no_suite",
        ),
    ),
    Row(
        "code grant with PAR, PKCE, `iss`, DPoP",
        (
            _OUR_WALLET + "test_every_format_comes_by_every_grant",
            _OUR_WALLET + "test_an_answer_from_somebody_else_or_a_no_ends_the_login",
            _PAGES + "test_any_other_answer_takes_nothing_and_spends_no_code",
        ),
    ),
    Row(
        "sealed messages where the issuer wants them",
        (_OUR_WALLET + "test_an_answer_that_is_not_sealed_for_us_is_not_taken",),
    ),
    Row("several proofs in one request", why_not="the wallet asks for one copy of a record; it takes several"),
    *HAIP_WALLET,
    Row(
        "`client_id` of the signed object, by its prefix (E07, E08)",
        (
            _ASKERS + "test_the_answer_goes_to_the_host_of_the_certificate",
            _ASKERS + "test_a_certificate_that_nobody_trusted_vouches_for_is_refused",
            _OBJECTS + "test_link_and_signed_request_must_name_the_same_party",
        ),
    ),
    Row(
        "`verifier_attestation`, `openid_federation`, pre-registered clients",
        why_not="refused with a sentence: not in our profile",
    ),
    Row(
        "`typ`, `aud`, GET and POST, `wallet_nonce`",
        (
            _OBJECTS + "test_a_request_with_a_wrong_header_is_refused",
            _OBJECTS + "test_a_request_for_somebody_else_is_refused",
            _OBJECTS + "test_a_request_that_does_not_repeat_the_wallets_nonce_is_refused",
        ),
    ),
    Row(
        "one of `dcql_query` and `scope`; `transaction_data` refused",
        (
            _OBJECTS + "test_a_request_with_something_wrong_in_it_is_refused",
            _OBJECTS + "test_a_request_to_authorize_something_is_refused",
        ),
    ),
    Row(
        "DCQL: sets, values, several, nothing without claims (E11)",
        (
            _OUR_WALLET + "test_the_first_set_that_can_be_met_is_answered",
            _OUR_WALLET + "test_without_claims_nothing_that_can_be_kept_back_leaves",
            _OUR_WALLET + "test_what_cannot_be_met_gives_nothing_and_says_not_why",
        ),
    ),
    Row(
        "direct_post, direct_post.jwt, `state`",
        (
            _OUR_WALLET + "test_an_answer_is_sealed_as_the_verifier_wants",
            _ASKED_PAGES + "test_an_unsigned_request_is_answered_sealed_for_its_key",
        ),
    ),
    Row(
        "holder binding in each format, or none where none is asked for",
        (
            _OUR_WALLET + "test_what_was_made_for_one_request_is_refused_for_another",
            _OUR_WALLET + "test_who_needs_no_proof_of_the_holder_gets_none",
        ),
    ),
    Row(
        "links of HAIP by a setting",
        ("wallet/cli/test_any_issuer.py::test_links_of_the_high_assurance_profile_are_taken_by_a_setting_only",),
    ),
    Row("Digital Credentials API", why_not="needs a platform's wallet and cannot be tried here"),
)
VERIFIER = (
    Row(
        "nonce, state and address of each request its own (E12)",
        (
            _ANSWERS + "test_every_request_has_a_nonce_state_and_address_of_its_own",
            _ATTACKS + "test_e12_numbers_are_long_fresh_and_never_the_same_again_not_even_in_forked_workers",
        ),
    ),
    Row(
        "signed request by reference, GET and POST",
        (
            _ASKING + "test_a_request_is_fetched_by_post_with_or_without_a_nonce",
            _THEIR_ANSWER + "test_they_fetch_the_request_in_both_ways",
        ),
    ),
    Row(
        "names: did:web, did:jwk, `x509_san_dns`, `x509_hash`, `redirect_uri`",
        (
            _ASKING + "test_a_request_is_asked_answered_and_told_under_every_name",
            _ASKING + "test_an_answer_made_for_another_name_of_ours_is_refused",
        ),
    ),
    Row(
        "`client_metadata` holds what is asked for and no more",
        ("credkit/protocols/oid4vp/test_asking.py::test_the_metadata_lists_what_is_asked_for_and_no_more",),
    ),
    Row(
        "an encryption key for each request",
        (_ASKING + "test_every_sealed_request_has_a_key_of_its_own_that_goes_with_the_answer",),
    ),
    Row(
        "an answer is checked whole against its request (E04, E05)",
        (
            _ATTACKS + "test_e04_what_was_made_for_another_nonce_or_audience_is_refused_and_uses_nothing_up",
            _ATTACKS + "test_e05_the_verdict_is_true_only_if_every_required_check_passed",
            "verifier/test_spoiled_answers.py::test_whatever_stands_in_an_answer_it_is_refused_by_code_or_told",
        ),
    ),
    Row(
        "DCQL: claims, values, sets, several, authorities",
        (
            _TAKING + "test_claims_are_checked_by_path_and_value",
            _TAKING + "test_one_of_the_sets_of_claims_is_enough",
            _TAKING + "test_one_option_of_each_required_set_must_be_there",
            _TAKING + "test_several_records_come_only_where_several_were_asked_for",
            _TAKING + "test_who_must_have_signed_is_told_by_our_list_and_not_against_the_certificates",
        ),
    ),
    Row(
        "records without a holder only where none is asked for",
        (_TAKING + "test_records_without_a_holder_are_taken_where_none_is_asked_for",),
    ),
    Row("one answer is taken (E13)", (_ATTACKS + "test_e13_of_64_answers_at_once_exactly_one_is_taken",)),
    Row(
        "response code and session (E06)",
        (_ATTACKS + "test_e06_who_relays_a_request_does_not_get_the_result_and_who_answers_it_neither",),
    ),
    Row("the response code in the fragment", why_not="it stands in the query, so that the page works without script"),
    Row(
        "a code on a screen lives two minutes and is scanned once (E07)",
        (_ATTACKS + "test_e07_a_code_that_somebody_photographs_is_old_in_two_minutes_and_dead_once_it_was_scanned",),
    ),
    Row(
        "what a wallet says instead of an answer",
        (_ASKING + "test_a_wallet_that_says_no_is_told_as_such_and_ends_the_request",),
    ),
    *HAIP_VERIFIER,
    Row(
        "departures of older drafts",
        (
            _TAKING + "test_departures_of_older_drafts_are_taken_and_logged_by_name_and_refused_in_strict_mode",
            _TAKING + "test_a_departure_softens_neither_nonce_nor_audience_nor_query",
        ),
    ),
    Row(
        "encrypted request objects; queries for `vc+jwt` and `vc+sd-jwt`",
        why_not="OpenID4VP 1.0 names no such formats; requests go in clear",
    ),
)
EXCHANGES = (
    Row(
        "interaction URLs and their map, both spellings of OpenID's protocols",
        (
            "issuer/test_exchanges.py::test_wallets_get_a_map_and_browsers_the_claim_page",
            "verifier/test_exchanges.py::test_wallets_get_a_map_and_browsers_the_wallet_s_page",
            "credkit/protocols/test_exchanges.py::test_both_names_of_openid_s_protocols_are_read_and_written",
        ),
    ),
    Row(
        "issuing: DIDAuthentication, a challenge once, every record whole",
        (
            "issuer/test_exchanges.py::test_one_signature_brings_every_record_whole",
            "issuer/test_exchanges.py::test_a_challenge_is_good_for_its_own_exchange_once_and_in_time",
            "issuer/test_exchanges.py::test_no_base_proof_ever_leaves_by_an_exchange",
        ),
    ),
    Row(
        "asking: QueryByExample, the same checks, one answer by one protocol",
        (
            "verifier/test_exchanges.py::test_the_question_becomes_examples_and_a_signature_for_us",
            "verifier/test_exchanges.py::test_what_is_not_bound_to_this_request_is_refused_and_uses_nothing_up",
            "verifier/test_exchanges.py::test_a_request_is_answered_by_one_protocol_or_the_other",
        ),
    ),
    Row(
        "in the wallet: OpenID's way first, consent, hidden records invisible",
        (
            "flows/test_exchanges.py::test_openid_s_way_is_taken_where_the_map_has_one",
            "flows/test_exchanges.py::test_what_is_hidden_does_not_answer_and_nothing_leaves",
            "flows/test_exchanges.py::test_every_record_of_an_exchange_is_checked_and_kept",
        ),
    ),
    Row(
        "in the inbox until a yes or no",
        ("wallet/web/test_interactions.py::test_it_waits_in_the_inbox_once_and_can_be_taken_later",),
    ),
    Row(
        "links of the Learner Credential Wallet",
        (
            "credkit/protocols/test_exchanges.py::test_links_of_the_learner_credential_wallet_hold_the_map",
            "credkit/protocols/test_exchanges.py::test_a_link_we_build_is_one_that_we_read",
        ),
    ),
    Row("its older links with `vc_request_url`", why_not="named and not taken: no server of ours speaks that way"),
    Row(
        "Ed25519Signature2020 presentations, by the compat modules",
        (
            "issuer/test_exchanges.py::test_the_older_signature_is_taken_and_logged",
            "verifier/test_exchanges.py::test_the_older_signature_is_taken_and_logged_and_refused_in_strict_mode",
        ),
    ),
    Row(
        "wrong types change nothing",
        (
            "issuer/test_exchanges.py::test_a_wrong_type_at_every_member_changes_nothing",
            "verifier/test_exchanges.py::test_a_wrong_type_at_every_member_changes_nothing",
        ),
    ),
    Row("service endpoints for credentials and presentations", why_not="the conformance profile alone has them"),
    Row("CHAPI", why_not="interaction URLs give the same map; the mediator is another site"),
)
CLIENTS = (
    Client(
        "@openid4vc/oauth2",
        "client of our authorization server",
        "both grants, with and without transaction code and DPoP, PAR, attestation; an office under HAIP",
        (
            "interop/test_haip.py::test_the_library_collects_as_the_profile_wants_it",
            "interop/test_haip.py::test_the_library_is_refused_where_a_step_is_not_as_the_profile_wants_it",
            _THEIR_LOGIN + "test_the_library_collects_with_a_pre_authorized_code",
            _THEIR_LOGIN + "test_the_library_collects_with_an_authorization_code",
            _THEIR_LOGIN + "test_a_spoiled_authorization_code_is_refused",
        ),
    ),
    Client(
        "@openid4vc/oauth2",
        "program at our Open Badges API",
        "registration, code with PKCE, refresh, every page of badges, profile",
        (_THEIR_READER + "test_the_library_goes_from_the_service_description_to_every_badge",),
    ),
    Client(
        "@openid4vc/openid4vci",
        "wallet at our issuer",
        "every form by both grants, batch, deferred, each kind of key",
        (
            _THEIR_WALLET + "test_openid4vc_collects_every_form_by_both_grants",
            _THEIR_WALLET + "test_openid4vc_collects_a_batch",
            _THEIR_WALLET + "test_openid4vc_spoiled_in_one_thing_gets_nothing",
        ),
    ),
    Client(
        "@digitalbazaar/oid4-client",
        "wallet at our issuer, over TLS",
        "the forms it speaks, by 1.0 and by draft 13",
        (
            _THEIR_WALLET + "test_oid4client_collects_what_it_speaks",
            _THEIR_WALLET + "test_oid4client_spoiled_in_one_thing_gets_nothing",
        ),
    ),
    Client(
        "jose",
        "the other end of sealed messages",
        "A128GCM and A256GCM, both ways",
        (_THEIR_WALLET + "test_jose_seals_the_request_and_opens_the_answer",),
    ),
    Client(
        "@openid4vc/openid4vci",
        "issuer for our wallet",
        "every format by every grant, deferred, sealed",
        (
            _OUR_WALLET + "test_every_format_comes_by_every_grant",
            _OUR_WALLET + "test_a_record_that_is_not_what_it_should_be_is_not_kept",
        ),
    ),
    Client(
        "@openid4vc/openid4vp",
        "verifier for our wallet",
        "every format under every kind of name, in clear and sealed",
        (
            _OUR_WALLET + "test_every_format_is_shown_to_every_kind_of_verifier",
            _OUR_WALLET + "test_a_request_with_something_wrong_in_it_is_refused",
        ),
    ),
    Client(
        "@openid4vc/openid4vp",
        "wallet at our verifier",
        "every format under every name, in every mode",
        (
            _THEIR_ANSWER + "test_their_wallet_reads_our_request_and_we_take_its_answer",
            _THEIR_ANSWER + "test_the_spoiled_twin_is_refused_or_told_as_failed",
        ),
    ),
    Client(
        "@digitalbazaar/vc",
        "wallet at, and server for, our VC-API exchanges",
        "collecting and answering, both ways; Ed25519Signature2020 and eddsa-rdfc-2022",
        (
            "interop/test_vcapi.py::test_their_wallet_collects_from_our_issuer",
            "interop/test_vcapi.py::test_their_wallet_answers_our_verifier",
            "interop/test_vcapi.py::test_our_wallet_collects_from_their_server",
            "interop/test_vcapi.py::test_our_wallet_answers_their_server",
            "interop/test_vcapi.py::test_their_answer_spoiled_in_one_thing_is_refused",
        ),
    ),
)


def text() -> str:
    """The whole document."""
    parts = (("Issuer", ISSUER), ("Wallet", WALLET), ("Verifier", VERIFIER), ("Exchanges (VCALM 1.0)", EXCHANGES))
    return "\n".join([HEAD, *_clients(), *(line for title, rows in parts for line in _part(title, rows))])


def named() -> Iterator[str]:
    """Every test that is named, as ``path::name``."""
    every: tuple[Row | Client, ...] = (*ISSUER, *WALLET, *VERIFIER, *EXCHANGES, *CLIENTS)
    for each in every:
        yield from each.tests


def _clients() -> Iterator[str]:
    locked = json.loads(_LOCKED.read_text(encoding="utf-8"))["packages"]
    yield "## Proven with\n"
    yield "| client | version | as | what | tests |\n|---|---|---|---|---|"
    for each in CLIENTS:
        version = locked[f"node_modules/{each.package}"]["version"]
        yield f"| {each.package} | {version} | {each.part} | {each.what} | {_tests(each.tests)} |"
    yield ""


def _part(title: str, rows: tuple[Row, ...]) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| what | held by |\n|---|---|"
    for row in rows:
        yield f"| {row.demand} | {_tests(row.tests) if row.tests else 'no: ' + row.why_not} |"
    yield ""


def _tests(tests: tuple[str, ...]) -> str:
    return ", ".join(f"`{each.partition('::')[2]}`" for each in tests)


if __name__ == "__main__":
    DOCUMENT.write_text(text(), encoding="utf-8")
