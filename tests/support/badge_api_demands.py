"""What the Open Badges 3.0 API demands of the issuer, with the tests that hold it; ``protocols_table`` shows it."""

from __future__ import annotations

from tests.support.protocols_row import Row

_LEAVES, _BADGES = "issuer/test_app_access.py::", "issuer/test_badge_api.py::"
BADGE_API = tuple(Row(demand, tuple(f"{file}test_{name}" for name in names.split())) for file, demand, names in (
    (_LEAVES, "Open Badges 3.0 API: service description, dynamic registration (RFC 7591)",
     "the_service_description_names_every_address_at_the_configured_origin "
     "a_registration_is_answered_with_all_that_was_said_and_a_secret a_registration_that_breaks_a_rule_is_refused"),
    (_LEAVES, "its code grant: PKCE S256, state, exact address, one use; refresh by rotation; revocation (RFC 7009)",
     "a_request_that_breaks_a_rule_goes_back_with_its_code a_second_use_of_a_code_takes_the_tokens_with_it "
     "a_refresh_token_that_comes_again_ends_the_whole_family an_app_gives_tokens_back "
     "tokens_and_codes_of_one_protocol_are_of_no_use_at_the_other"),
    (_BADGES, "`getCredentials` with its pages, `upsertCredential`",
     "a_learners_badges_are_read_and_each_of_them_holds pages_lead_to_each_other_and_show_each_badge_once "
     "a_badge_of_somebody_else_is_handed_in_and_comes_out_byte_for_byte what_was_tampered_with_is_refused"),
    (_BADGES, "`getProfile`, `putProfile`",
     "the_profile_is_the_schools_word_about_the_learner "
     "a_profile_with_a_wrong_member_is_refused_and_changes_nothing"),
))
"""Each demand and its tests, as in ``protocols_table.Row``."""
