"""What the checks and problems of a report are called in plain words: msgids, put together by ``ui.words``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ui.languages import N_


@dataclass(frozen=True)
class CheckWords:
    """A check: the question it answers, and the answer for each outcome."""

    title: str
    passed: str
    failed: str
    indeterminate: str


@dataclass(frozen=True)
class ProblemWords:
    """A problem: what came out, the same naming the signer (``%(signer)s``) if known, and what to do."""

    sentence: str
    advice: str = ""
    with_signer: str = ""


CHECKS: Mapping[str, CheckWords] = {
    "shape": CheckWords(
        N_("Is it a complete record?"),
        N_("It is built the way such records are built."),
        N_("It is not built the way such records are built."),
        N_("We could not tell whether it is complete."),
    ),
    "vocabulary": CheckWords(
        N_("Does the signature cover every word?"),
        N_("The signature covers every word."),
        N_("The signature does not cover part of it."),
        N_("It uses words its signature does not fix."),
    ),
    "proof": CheckWords(
        N_("Has anybody changed it?"),
        N_("Nobody has changed it since it was signed."),
        N_("It was changed after it was signed, or it was never signed."),
        N_("We could not check the signature."),
    ),
    "issuer-binding": CheckWords(
        N_("Is it the signature of the named signer?"),
        N_("The signature belongs to the named signer."),
        N_("The signature does not belong to the named signer."),
        N_("We could not check whose signature it is."),
    ),
    "validity": CheckWords(
        N_("Is it valid today?"),
        N_("It is valid today."),
        N_("It is not valid today."),
        N_("We could not tell whether it is valid today."),
    ),
    "schema": CheckWords(
        N_("Does it have the form its schema asks for?"),
        N_("It has the form its schema asks for."),
        N_("It does not have the form its schema asks for."),
        N_("We do not have the schema, so we could not compare its form."),
    ),
    "status": CheckWords(
        N_("Was it taken back?"),
        N_("It was not taken back."),
        N_("It was taken back."),
        N_("We could not check whether it was taken back."),
    ),
    "trust": CheckWords(
        N_("Do we know who signed it?"),
        N_("We know who signed it."),
        N_("The signer is not on the list of signers we trust."),
        N_("We do not know who signed it."),
    ),
    "members": CheckWords(
        N_("Do the records inside hold?"),
        N_("Every record inside holds."),
        N_("A record inside does not hold."),
        N_("A record inside could not be checked."),
    ),
    "endorsements": CheckWords(
        N_("Do the comments that travel with it hold?"),
        N_("Every comment that travels with it holds."),
        N_("A comment that travels with it does not hold."),
        N_("A comment that travels with it could not be checked."),
    ),
    "binding": CheckWords(
        N_("Was it made for this request?"),
        N_("It was made for this request and no other."),
        N_("It was made for another request."),
        N_("We could not check whom it was made for."),
    ),
    "holder": CheckWords(
        N_("Did the owner of the records send it?"),
        N_("The owner of the records sent it."),
        N_("Somebody else than the owner of the records sent it."),
        N_("We could not tell who sent it."),
    ),
    "credentials": CheckWords(
        N_("Do the records sent hold?"),
        N_("Every record sent holds."),
        N_("A record sent does not hold."),
        N_("A record sent could not be checked."),
    ),
    "query": CheckWords(
        N_("Is it what was asked for?"),
        N_("It is what was asked for."),
        N_("It is not what was asked for."),
        N_("We could not compare it with what was asked for."),
    ),
    "same-person": CheckWords(
        N_("Do all records belong to one person?"),
        N_("All records belong to one person."),
        N_("The records belong to different people."),
        N_("These records may belong to different people."),
    ),
    "about": CheckWords(
        N_("Is the comment about this record?"),
        N_("The comment is about this record."),
        N_("The comment is about another record."),
        N_("We could not tell what the comment is about."),
    ),
    "authority": CheckWords(
        N_("May this person act for the student?"),
        N_("The permission that was shown allows it."),
        N_("The permission that was shown does not hold."),
        N_("We could not check who gave the permission."),
    ),
}

AT_HOME: Mapping[str, frozenset[str]] = {
    "shape": frozenset({"parsing_error", "malformed_value", "out_of_range", "too_complex"}),
    "vocabulary": frozenset({"data_loss", "too_complex", "vocabulary_unknown"}),
    "proof": frozenset(
        {"proof_verification", "cryptographic_security", "data_loss", "proof_transformation", "parsing_error"}
    ),
    "issuer-binding": frozenset(
        {"issuer_binding", "did_not_found", "did_error", "invalid_did", "invalid_did_document", "fetch_failed"}
    ),
    "validity": frozenset({"not_yet_valid", "expired"}),
    "status": frozenset({"revoked", "suspended", "status_retrieval", "status_verification", "status_list_length"}),
    "trust": frozenset({"issuer_not_trusted"}),
    "binding": frozenset({"invalid_domain", "invalid_challenge"}),
    "authority": frozenset({"expired", "not_yet_valid", "revoked", "suspended", "not_permitted"}),
}
"""The problems whose own sentence says more than the check's; a problem elsewhere is told by the check's sentence."""

SEVERITY: tuple[str, ...] = (
    "proof",
    "vocabulary",
    "issuer-binding",
    "shape",
    "schema",
    "members",
    "credentials",
    "holder",
    "authority",
    "binding",
    "query",
    "status",
    "validity",
    "same-person",
    "about",
    "endorsements",
    "trust",
)
"""Which check speaks first when several did not pass."""

_ASK_NEW = N_("Ask whoever gave it to you for a new copy.")
_LATER = N_("Try again later, or call the office that signed it.")

PROBLEMS: Mapping[str, ProblemWords] = {
    "parsing_error": ProblemWords(N_("This could not be read. It may be cut off or damaged."), _ASK_NEW),
    "malformed_value": ProblemWords(N_("A part of it does not have the right form."), _ASK_NEW),
    "out_of_range": ProblemWords(N_("A number or date in it is not possible."), _ASK_NEW),
    "cryptographic_security": ProblemWords(N_("Its signature is of a kind that is not safe."), _ASK_NEW),
    "data_loss": ProblemWords(
        N_("The signature does not cover part of it, so anybody could have changed that part."), _ASK_NEW
    ),
    "too_complex": ProblemWords(N_("It is too large or too tangled to check."), _ASK_NEW),
    "vocabulary_unknown": ProblemWords(
        N_("It uses words its signature does not fix."), N_("Ask the signer for a record in the usual form.")
    ),
    "proof_generation": ProblemWords(N_("The signature could not be made."), N_("Try again.")),
    "proof_transformation": ProblemWords(N_("The signature and the record do not fit together."), _ASK_NEW),
    "proof_verification": ProblemWords(
        N_("It was changed after it was signed, or it was never signed."),
        _ASK_NEW,
        N_("It was changed after it was signed, or %(signer)s never signed it."),
    ),
    "invalid_domain": ProblemWords(N_("It was made for somebody else."), N_("Ask for it again.")),
    "invalid_challenge": ProblemWords(N_("It was made for another request."), N_("Ask for it again.")),
    "status_retrieval": ProblemWords(
        N_("We could not reach the list of taken-back records."),
        _LATER,
        N_("We could not reach the list of taken-back records of %(signer)s."),
    ),
    "status_verification": ProblemWords(
        N_("The list of taken-back records does not hold."),
        _LATER,
        N_("The list of taken-back records of %(signer)s does not hold."),
    ),
    "status_list_length": ProblemWords(N_("The list of taken-back records is too short."), _LATER),
    "did_error": ProblemWords(N_("We could not look up the signer."), _LATER),
    "invalid_did": ProblemWords(N_("The signer's address is not written as it should be."), _ASK_NEW),
    "did_not_found": ProblemWords(
        N_("We could not reach the signer to check whose signature it is."),
        _LATER,
        N_("We could not reach %(signer)s to check whose signature it is."),
    ),
    "invalid_did_document": ProblemWords(N_("What the signer says about its signatures cannot be read."), _LATER),
    "policy": ProblemWords(N_("It does not meet what is required.")),
    "not_yet_valid": ProblemWords(N_("It is not valid yet."), N_("Wait for the day it starts.")),
    "expired": ProblemWords(N_("It is no longer valid."), N_("Ask the signer for a new one.")),
    "revoked": ProblemWords(
        N_("Whoever signed this record took it back."),
        N_("Ask the signer why, or ask for a new record."),
        N_("%(signer)s took this record back."),
    ),
    "suspended": ProblemWords(
        N_("Whoever signed this record put it on hold."),
        N_("Ask the signer why and until when."),
        N_("%(signer)s put this record on hold."),
    ),
    "issuer_binding": ProblemWords(
        N_("The signature does not belong to the named signer."),
        N_("Do not rely on it. Ask the named signer."),
        N_("The signature does not belong to %(signer)s."),
    ),
    "issuer_unknown": ProblemWords(
        N_("We do not know who signed it."),
        N_("Find out who the signer is before you rely on it."),
    ),
    "issuer_not_trusted": ProblemWords(
        N_("The signer is not on the list of signers we trust."),
        N_("Find out who the signer is before you rely on it."),
        N_("%(signer)s is not on the list of signers we trust."),
    ),
    "query_not_satisfied": ProblemWords(N_("It is not what was asked for."), N_("Ask again.")),
    "different_people": ProblemWords(
        N_("These records may belong to different people."), N_("Ask for a record that names the person.")
    ),
    "not_permitted": ProblemWords(
        N_("The permission that was shown does not allow sharing for this student."),
        N_("Ask who let this person act for the student."),
    ),
    "fetch_failed": ProblemWords(N_("We could not reach an address the record names."), N_("Try again later.")),
    "unsafe_url": ProblemWords(N_("The record names an address that is not safe to visit."), _ASK_NEW),
    "too_large": ProblemWords(N_("An answer from the network was too large."), N_("Try again later.")),
    "timeout": ProblemWords(N_("An answer from the network took too long."), N_("Try again later.")),
    "unsupported": ProblemWords(
        N_("It uses a kind of signature or list that we do not know."),
        N_("Ask the signer for a record in the usual form."),
    ),
}
