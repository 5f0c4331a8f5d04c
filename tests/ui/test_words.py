"""Reports and errors in words: every check, every problem, every error, in both languages."""

from __future__ import annotations

import ast

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from credkit import errors
from tests.support.shared import ROOT
from tests.support.translations import extract, missing_translations
from ui.errorwords import ERRORS, SHOWN_AS_THEY_STAND, words_for
from ui.languages import LANGUAGES, LEARNER, language_of_environment, load_translations
from ui.web.errors import STATUS, status_of
from ui.words import exit_code, explain, is_signer_known
from ui.wordtables import AT_HOME, CHECKS, PROBLEMS, SEVERITY

ENGLISH, SPANISH = (load_translations(language) for language in LANGUAGES)


def report(verified, *checks, members=()):
    rows = []
    for check in checks:
        name, outcome, *code = check.split()
        rows.append({"id": name, "outcome": outcome} | ({"problem": {"code": code[0], "detail": "d"}} if code else {}))
    return {"verified": verified, "checks": rows} | ({"members": list(members)} if members else {})


GOOD = report(True, "proof passed", "status passed", "trust passed")
UNKNOWN = report(True, "proof passed", "status passed", "trust indeterminate")
REVOKED = report(False, "proof passed", "status failed revoked", "trust passed")
UNREACHABLE = report(False, "proof passed", "status indeterminate status_retrieval", "trust passed")


def every_error(root=errors.CredkitError):
    yield root
    for child in root.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from every_error(child)


def test_the_error_table_covers_every_error():
    assert set(every_error()) == set(ERRORS) == set(STATUS)


def test_a_protocol_error_brings_its_own_status():
    assert status_of(errors.ProtocolError("invalid_grant", "x", 418)) == 418


def test_an_error_of_a_role_has_its_parents_words():
    class Stale(errors.StateError):
        pass

    assert words_for(Stale("x")) is ERRORS[errors.StateError]
    assert status_of(Stale("x")) == 409


def test_every_problem_of_the_kernel_has_words():
    codes = {kind.code for kind in every_error(errors.ProblemError)} | {
        kind.code for kind in every_error(errors.FetchError)
    }
    assert codes - {"problem"} <= set(PROBLEMS)


def test_a_problem_speaks_only_where_it_is_at_home():
    assert set().union(*AT_HOME.values()) <= set(PROBLEMS)
    checks = explain(report(False, "holder failed issuer_binding", "proof indeterminate unsupported"), ENGLISH).checks
    assert checks[0].sentence == "Somebody else than the owner of the records sent it."
    assert checks[1].sentence == "We could not check the signature."


def test_the_trust_lists_name_for_the_signer_is_taken():
    named = GOOD | {"trusted_name": "Lincoln"}
    assert explain(named, ENGLISH).verdict.sentence == "Nobody has changed this. Lincoln signed it."
    outer = report(True, "binding passed", members=[named, named])
    assert explain(outer, ENGLISH).verdict.sentence == "Nobody has changed this. Lincoln signed it."
    other = report(True, "binding passed", members=[named, GOOD | {"trusted_name": "Hillside"}])
    assert explain(other, ENGLISH).verdict.sentence == "Nobody has changed this. We know who signed it."


def test_a_check_the_policy_does_not_require_does_not_decide():
    optional = report(False, "status indeterminate status_retrieval", "endorsements failed") | {
        "outcome": "indeterminate"
    }
    assert exit_code(optional) == 3
    assert explain(optional, ENGLISH).verdict.look == "unknown"


def test_every_check_has_a_place_in_the_order_of_severity():
    assert sorted(SEVERITY) == sorted(CHECKS)


def test_spanish_is_complete():
    assert missing_translations("ui") == []
    assert len(list(extract("ui"))) > 200


def test_a_guardian_is_never_a_tutor_alone():
    for message in extract("ui"):
        translated = SPANISH.gettext(message.id) if isinstance(message.id, str) and message.id else ""
        assert "tutor" not in translated.lower() or "legal" in translated.lower()


@pytest.mark.parametrize(
    ("given", "look", "english", "spanish", "code"),
    [
        (GOOD, "holds", "Nobody has changed this. Lincoln signed it.", "Nadie ha cambiado esto. Lo firmó Lincoln.", 0),
        (
            UNKNOWN,
            "unknown",
            "Nobody has changed this. We do not know who signed it.",
            "Nadie ha cambiado esto. No se sabe quién lo firmó.",
            0,
        ),
        (REVOKED, "fails", "Lincoln took this record back.", "Lincoln anuló este documento.", 1),
        (
            UNREACHABLE,
            "unknown",
            "We could not reach the list of taken-back records of Lincoln.",
            "No se pudo consultar la lista de documentos anulados de Lincoln.",
            3,
        ),
    ],
)
def test_the_verdict_is_one_sentence(given, look, english, spanish, code):
    verdict = explain(given, ENGLISH, signer="Lincoln").verdict
    assert (verdict.look, verdict.sentence) == (look, english)
    assert explain(given, SPANISH, signer="Lincoln").verdict.sentence == spanish
    assert exit_code(given) == code


def test_failed_beats_could_not_check():
    mixed = report(False, "status indeterminate status_retrieval", "proof failed proof_verification")
    assert explain(mixed, ENGLISH).verdict.look == "fails"
    assert exit_code(mixed) == 1


def test_a_signer_off_the_list_is_said_to_be_off_the_list():
    verdict = explain(report(False, "proof passed", "trust failed issuer_not_trusted"), ENGLISH).verdict
    assert verdict.look == "fails"
    assert verdict.sentence == "Nobody has changed this. But: The signer is not on the list of signers we trust."


def test_never_green_by_default():
    for empty in (
        {},
        {"verified": False, "checks": []},
        {"verified": True, "checks": []},
        {"verified": "yes", "checks": []},
    ):
        assert explain(empty, ENGLISH).verdict.look == "unknown"
    assert exit_code({}) == 3


def test_a_presentation_is_known_only_if_every_signer_is():
    assert is_signer_known(report(True, "binding passed", members=[GOOD, GOOD]))
    assert not is_signer_known(report(True, "binding passed", members=[GOOD, UNKNOWN]))
    assert explain(report(True, "binding passed", members=[GOOD, UNKNOWN]), ENGLISH).verdict.look == "unknown"


def test_a_single_record_inside_speaks_for_the_whole():
    outer = report(False, "binding passed", "credentials failed", members=[REVOKED])
    explained = explain(outer, ENGLISH, members=[("Algebra", "Lincoln")])
    assert explained.verdict.sentence == "Lincoln took this record back."
    assert explained.members[0].title == "Algebra"


def test_an_unknown_check_and_an_unknown_problem_get_honest_words():
    check = explain(report(False, "brand-new failed", "proof failed no-such-code"), ENGLISH).checks
    assert check[0].sentence == "This check did not come out well."
    assert check[1].sentence == "It was changed after it was signed, or it was never signed."


def test_the_technical_words_are_kept_apart():
    check = explain(REVOKED, ENGLISH).checks[1]
    assert check.technical == (("check", "status"), ("code", "revoked"), ("detail", "d"))
    assert "d" not in check.sentence.split()


def test_sentences_are_short():
    for message in extract("ui"):
        for text in [message.id] if isinstance(message.id, str) else message.id:
            for sentence in text.replace("?", ".").split("."):
                assert len(sentence.split()) <= 20, text


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({"LANG": "es_MX.UTF-8"}, "es"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({}, "en"),
        ({"LC_ALL": "en_US", "LANG": "es_ES"}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"LC_ALL": "", "LANG": "es"}, "es"),
    ],
)
def test_a_terminal_is_answered_in_its_language(environ, language):
    assert language_of_environment(environ) == language


def test_what_is_said_to_a_learner_replaces_what_is_said_to_all(tmp_path):
    catalogue = Catalog(locale="es")
    catalogue.add("Choose.", "Elija.")
    catalogue.add("Choose.", "Elige.", context=LEARNER)
    catalogue.add(("%(num)s thing of yours", "%(num)s things of yours"), ("%(num)s cosa suya", "%(num)s cosas suyas"))
    catalogue.add(("%(num)s thing of yours", "%(num)s things of yours"), ("%(num)s cosa tuya", "%(num)s cosas tuyas"),
                  context=LEARNER)
    catalogue.add("Done.", "Listo.")
    catalogue.add("Wait.", "Espere.")
    catalogue.add("Wait.", "", context=LEARNER)
    folder = tmp_path / "es" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.po").open("wb") as handle:
        write_po(handle, catalogue)

    to_all, to_learner = (load_translations("es", [tmp_path], who) for who in (None, LEARNER))

    assert [to_all.gettext(each) for each in ("Choose.", "Done.", "Wait.")] == ["Elija.", "Listo.", "Espere."]
    assert [to_learner.gettext(each) for each in ("Choose.", "Done.", "Wait.")] == ["Elige.", "Listo.", "Espere."]
    assert to_all.ngettext("%(num)s thing of yours", "%(num)s things of yours", 2) == "%(num)s cosas suyas"
    assert to_learner.ngettext("%(num)s thing of yours", "%(num)s things of yours", 2) == "%(num)s cosas tuyas"


def test_every_sentence_of_a_settings_error_of_the_kernel_is_translated():
    sentences = {
        node.args[0].value
        for path in (ROOT / "credkit").rglob("*.py") for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ConfigError"
        and isinstance(node.args[0], ast.Constant) and node.args[0].value[0].isupper()}
    assert sentences == set(SHOWN_AS_THEY_STAND)
