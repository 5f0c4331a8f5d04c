"""What a person reads when an error stops a step: on pages, in the terminal. Every text is a msgid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from credkit import errors
from ui.languages import N_

_NOTHING_CHANGED = N_("Nothing was changed.")
_TRY_AGAIN = N_("Try again in a few minutes. If it happens again, ask for help.")
_ASK_SENDER = N_("Ask whoever sent it to you for a new one.")


@dataclass(frozen=True)
class ErrorWords:
    """What happened, what to do next, what was left as it was: msgids."""

    happened: str
    to_do: str
    left: str = _NOTHING_CHANGED


_UNREADABLE = ErrorWords(N_("What was sent could not be read."), _ASK_SENDER)
_DOES_NOT_HOLD = ErrorWords(N_("This record does not hold."), _ASK_SENDER)
_UNREACHABLE = ErrorWords(N_("We could not reach the other office's server."), _TRY_AGAIN)
_SIGNER_UNKNOWN = ErrorWords(N_("The signer could not be looked up."), _ASK_SENDER)

ERRORS: Mapping[type[errors.CredkitError], ErrorWords] = {
    errors.CredkitError: ErrorWords(N_("This could not be done."), _TRY_AGAIN),
    errors.ProblemError: _UNREADABLE,
    errors.ParsingError: _UNREADABLE,
    errors.MalformedValueError: ErrorWords(N_("A part of what was sent does not have the right form."), _ASK_SENDER),
    errors.RangeValueError: ErrorWords(N_("A number or date in it is not possible."), _ASK_SENDER),
    errors.CryptographicSecurityError: ErrorWords(N_("Its signature is of a kind that is not safe."), _ASK_SENDER),
    errors.DataLossError: ErrorWords(N_("The signature does not cover part of this record."), _ASK_SENDER),
    errors.TooComplexError: ErrorWords(N_("It is too large or too tangled to check."), _ASK_SENDER),
    errors.VocabularyUnknownError: ErrorWords(N_("It uses words its signature does not fix."), _ASK_SENDER),
    errors.ProofGenerationError: ErrorWords(N_("The signature could not be made."), _TRY_AGAIN),
    errors.ProofTransformationError: _DOES_NOT_HOLD,
    errors.ProofVerificationError: ErrorWords(
        N_("It was changed after it was signed, or it was never signed."), _ASK_SENDER
    ),
    errors.InvalidDomainError: ErrorWords(N_("It was made for somebody else."), _ASK_SENDER),
    errors.InvalidChallengeError: ErrorWords(N_("It was made for another request."), _ASK_SENDER),
    errors.StatusRetrievalError: ErrorWords(N_("We could not reach the list of taken-back records."), _TRY_AGAIN),
    errors.StatusVerificationError: ErrorWords(N_("The list of taken-back records does not hold."), _TRY_AGAIN),
    errors.StatusListLengthError: ErrorWords(N_("The list of taken-back records is too short."), _TRY_AGAIN),
    errors.DidError: _SIGNER_UNKNOWN,
    errors.InvalidDidError: ErrorWords(N_("The signer's address is not written as it should be."), _ASK_SENDER),
    errors.DidNotFoundError: ErrorWords(
        N_("We could not reach the signer to check whose signature it is."), _TRY_AGAIN
    ),
    errors.InvalidDidDocumentError: _SIGNER_UNKNOWN,
    errors.PolicyError: ErrorWords(N_("This record does not meet what is required."), _ASK_SENDER),
    errors.NotYetValid: ErrorWords(N_("This record is not valid yet."), N_("Wait for the day it starts.")),
    errors.Expired: ErrorWords(N_("This record is no longer valid."), N_("Ask the signer for a new one.")),
    errors.Revoked: ErrorWords(
        N_("Whoever signed this record took it back."), N_("Ask the signer why, or ask for a new record.")
    ),
    errors.Suspended: ErrorWords(
        N_("Whoever signed this record put it on hold."), N_("Ask the signer why and until when.")
    ),
    errors.IssuerBindingError: ErrorWords(
        N_("The signature does not belong to the named signer."), N_("Do not rely on it. Ask the named signer.")
    ),
    errors.IssuerNotTrusted: ErrorWords(
        N_("The signer is not on the list of signers we trust."),
        N_("Find out who the signer is before you rely on it."),
    ),
    errors.IssuerUnknown: ErrorWords(
        N_("We do not know who signed it."),
        N_("Find out who the signer is before you rely on it."),
    ),
    errors.QueryNotSatisfied: ErrorWords(N_("What was sent is not what was asked for."), N_("Ask again.")),
    errors.DifferentPeople: ErrorWords(
        N_("These records may belong to different people."), N_("Ask for a record that names the person.")
    ),
    errors.NotPermitted: ErrorWords(
        N_("The permission that was shown does not cover this."), N_("Ask the family for a permission that does.")
    ),
    errors.ProtocolError: ErrorWords(
        N_("The other side did not accept this step."), N_("Ask whoever sent the link for a new one.")
    ),
    errors.FetchError: _UNREACHABLE,
    errors.UnsafeUrlError: ErrorWords(N_("The link leads to an address that is not safe to visit."), _ASK_SENDER),
    errors.TooLargeError: ErrorWords(N_("The answer of the other office's server was too large."), _TRY_AGAIN),
    errors.TimeoutExceeded: ErrorWords(N_("The other office's server took too long to answer."), _TRY_AGAIN),
    errors.VaultError: ErrorWords(N_("The records could not be opened."), _TRY_AGAIN),
    errors.VaultLocked: ErrorWords(N_("The records are locked."), N_("Unlock them with the passphrase and go on.")),
    errors.WrongSecret: ErrorWords(
        N_("This passphrase does not open the records."), N_("Check the spelling and try again.")
    ),
    errors.SealBroken: ErrorWords(
        N_("A stored record was damaged or exchanged, so it was not opened."),
        N_("Restore it from a backup, or ask the signer for a new one."),
    ),
    errors.StateError: ErrorWords(
        N_("This step is not possible any more. The link may be used up or too old."),
        N_("Ask whoever sent the link for a new one."),
    ),
    errors.UnsupportedError: ErrorWords(
        N_("This is of a kind that we do not know."), N_("Ask the signer for a record in the usual form.")
    ),
    errors.ConfigError: ErrorWords(N_("This office's settings are not complete."), N_("Ask the office for help.")),
}


SHOWN_AS_THEY_STAND = (
    N_("The data folder cannot be written."),
    N_("A key file can be read by others. Make it yours alone (chmod 600)."),
    N_("A key file cannot be read. Run init first."),
    N_("The file of settings cannot be read."),
    N_("This cannot be a setting."),
    N_("A line of the file of settings is no setting."),
    N_("The file of trust anchors cannot be read."),
    N_("The certificate or its key cannot be read; both must be PEM files without a password."),
    N_("The certificate and the key do not belong together."),
    N_("The profile haip needs a certificate for a P-256 key that is not signed by itself."),
    N_("The certificate must be for a key on the curve P-256, P-384, P-521 or Ed25519."),
)
"""Sentences of the kernel's settings errors: they are the message, so their translation lies here."""


def words_for(error: errors.CredkitError) -> ErrorWords:
    """The row for ``error``: its own class's, else its nearest parent's."""
    return next(ERRORS[kind] for kind in type(error).__mro__ if kind in ERRORS)
