"""From an exception to a sentence on standard error and an exit code: 1 not verified, 2 usage, 3 could not check."""

from __future__ import annotations

import json
import os
import secrets
import traceback

import click
from babel.support import NullTranslations

from credkit.errors import (
    ConfigError,
    CredkitError,
    DidNotFoundError,
    DifferentPeople,
    FetchError,
    StateError,
    StatusRetrievalError,
    UnsupportedError,
    VocabularyUnknownError,
)
from ui.errorwords import words_for
from ui.languages import N_
from ui.text import clean

NOT_VERIFIED, USAGE, COULD_NOT_CHECK, INTERRUPTED = 1, 2, 3, 130
_COULD_NOT_CHECK = (
    FetchError,
    StatusRetrievalError,
    DidNotFoundError,
    VocabularyUnknownError,
    DifferentPeople,
    UnsupportedError,
)


def exit_code_of(error: CredkitError) -> int:
    """The exit code for an error that stopped a command."""
    if isinstance(error, ConfigError):
        return USAGE
    return COULD_NOT_CHECK if isinstance(error, _COULD_NOT_CHECK) else NOT_VERIFIED


def tell_error(error: CredkitError, translations: NullTranslations, *, as_json: bool) -> int:
    """Say what happened, what was left as it was and what to do; the exit code."""
    if as_json:
        click.echo(json.dumps({"error": error.code, "detail": error.detail}, ensure_ascii=False), err=True)
        return exit_code_of(error)
    _ = translations.gettext
    words = words_for(error)
    detail = _(error.detail)
    if isinstance(error, StateError | ConfigError):
        happened, detail = detail, ""
    else:
        happened = _(words.happened)
    click.secho(f"✕ {clean(happened)}", err=True, fg="red", bold=True)
    if detail:
        click.echo(f"  ({clean(detail)})", err=True)
    click.echo(f"  {_(words.left)} {_(words.to_do)}", err=True)
    return exit_code_of(error)


def tell_usage(error: click.ClickException, translations: NullTranslations) -> int:
    """Say what is wrong with the command line, and which help to read."""
    _ = translations.gettext
    if isinstance(error, click.NoSuchOption):
        message = _(N_("There is no option %(name)s.")) % {"name": error.option_name}
        if error.possibilities:
            message += " " + _(N_("Did you mean %(name)s?")) % {"name": sorted(error.possibilities)[0]}
    elif isinstance(error, click.MissingParameter) and error.param is not None:
        message = _(N_("%(name)s is missing.")) % {
            "name": error.param.make_metavar(error.ctx)
            if isinstance(error.param, click.Argument) and error.ctx
            else (error.param.opts[-1])
        }
    else:
        message = _(error.format_message())
    click.secho(f"✕ {clean(message)}", err=True, fg="red", bold=True)
    context = getattr(error, "ctx", None)
    if context is not None:
        click.echo("  " + _(N_("Help: %(command)s")) % {"command": f"{context.command_path} --help"}, err=True)
    return USAGE


def tell_unforeseen(error: Exception, translations: NullTranslations) -> int:
    """A number and no text: the message may hold personal data. ``BACKPACK_DEBUG=1`` prints the whole story."""
    error_id = secrets.token_hex(4)
    _ = translations.gettext
    click.secho("✕ " + _(N_("Something went wrong on our side.")) + f" ({error_id})", err=True, fg="red", bold=True)
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    click.echo(f"  {type(error).__name__}: " + " < ".join(f"{f.name}:{f.lineno}" for f in reversed(frames)), err=True)
    if os.environ.get("BACKPACK_DEBUG") == "1":
        click.echo("".join(traceback.format_exception(error)), err=True)
    return COULD_NOT_CHECK
