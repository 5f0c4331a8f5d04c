"""Groups and commands: help in the person's language, a suggestion for a mistyped name, our exit codes."""

from __future__ import annotations

import difflib
import functools
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
from babel.support import NullTranslations

from credkit.errors import CredkitError
from ui.cli.console import Console
from ui.cli.problems import INTERRUPTED, tell_error, tell_unforeseen, tell_usage
from ui.languages import LANGUAGES, N_, language_of_environment, load_translations

F = TypeVar("F", bound=Callable[..., Any])


class BackpackCommand(click.Command):
    """A command; ``example`` is a whole command line shown in its help."""

    def __init__(self, *args: Any, example: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.example = example

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(
            ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), prefix=_of(ctx).gettext(N_("Usage:")) + " "
        )

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(_say(ctx, self.help))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _ = _of(ctx).gettext
        rows = []
        for parameter in self.get_params(ctx):
            if (record := parameter.get_help_record(ctx)) is not None:
                source = getattr(parameter, "help", None) or ""
                rows.append((record[0], record[1].replace(source, _(source), 1) if source else record[1]))
        if rows:
            with formatter.section(_(N_("Options"))):
                formatter.write_dl(rows)
        if isinstance(self, click.Group):
            self.format_commands(ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if self.example:
            with formatter.section(_of(ctx).gettext(N_("Example"))):
                formatter.write_text(self.example)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = N_("Show this help.")
        return option


class BackpackGroup(BackpackCommand, click.Group):
    """The command of a role; ``main`` never lets a traceback out and always ends with exit code 0, 1, 2, 3 or 130."""

    command_class = BackpackCommand
    group_class = type

    def __init__(self, *args: Any, folders: Sequence[Path] = (), role: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.folders = tuple(folders)
        self.role = role

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _ = _of(ctx).gettext
        names = [name for name in self.list_commands(ctx) if not self.commands[name].hidden]
        rows = [(name, _say(ctx, self.commands[name].help).split("\n\n")[0]) for name in names]
        if rows:
            with formatter.section(_(N_("Commands"))):
                formatter.write_dl(rows)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            _ = _of(ctx).gettext
            message = _(N_("There is no command %(name)s.")) % {"name": args[0]}
            close = difflib.get_close_matches(args[0], self.list_commands(ctx), n=1, cutoff=0.5)
            if close:
                message += " " + _(N_("Did you mean %(name)s?")) % {"name": close[0]}
            raise click.UsageError(message, ctx)
        return super().resolve_command(ctx, args)

    def main(  # type: ignore[override]  # click's overloads say when it returns; ours follows them
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> Any:
        """Run and exit. A command's returned int is the exit code."""
        given = list(sys.argv[1:] if args is None else args)
        if extra.pop("standalone_mode", True) is False:
            return super().main(given, prog_name, standalone_mode=False, **extra)
        translations = load_translations(_language_in(given), self.folders)
        try:
            result = super().main(given, prog_name or self.name, standalone_mode=False, **extra)
            sys.stdout.flush()
            code = result if isinstance(result, int) and not isinstance(result, bool) else 0
        except click.ClickException as error:
            code = tell_usage(error, translations)
        except CredkitError as error:
            code = tell_error(error, translations, as_json="--json" in given)
        except (KeyboardInterrupt, click.Abort, EOFError):
            click.echo(translations.gettext(N_("Stopped.")), err=True)
            code = INTERRUPTED
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = INTERRUPTED
        except Exception as error:  # noqa: BLE001  the edge: nothing unforeseen gets out as a traceback
            code = tell_unforeseen(error, translations)
        sys.exit(code)


_COMMON = (
    click.option(
        "--data",
        type=click.Path(file_okay=False, path_type=Path),
        envvar="BACKPACK_DATA",
        help=N_("The folder where the data lies (or BACKPACK_DATA)."),
    ),
    click.option("--json", "as_json", is_flag=True, help=N_("Print the result as JSON.")),
    click.option("--lang", type=click.Choice(list(LANGUAGES)), help=N_("Language of what is printed.")),
)


def backpack_group(name: str, *, role: str, help: str, folders: Sequence[Path] = ()) -> BackpackGroup:
    """The top of a role's command line: ``main = backpack_group("backpack-issuer", role="issuer", help=N_("…"))``.

    Args:
        folders: The role's translation folders.
    """
    return BackpackGroup(
        name, help=help, folders=folders, role=role, context_settings={"help_option_names": ["-h", "--help"]}
    )


def common_options(command: F) -> F:
    """``--data``, ``--json``, ``--lang``, given to the command as its first argument, a ``Console``."""

    @functools.wraps(command)
    def with_console(ctx: click.Context, data: Path | None, as_json: bool, lang: str | None, **arguments: Any) -> Any:
        root = ctx.find_root().command
        role = root.role if isinstance(root, BackpackGroup) else ""
        language = lang or language_of_environment(os.environ)
        console = Console(data or _default_folder(role), as_json, language, load_translations(language, _folders(ctx)))
        return command(console, **arguments)

    wrapped: Any = click.pass_context(with_console)
    for option in reversed(_COMMON):
        wrapped = option(wrapped)
    return wrapped  # type: ignore[no-any-return]


def tls_options(command: F) -> F:
    """``--cert`` and ``--key`` of a command that serves: both or neither, given as ``certificate`` and ``key``."""

    @functools.wraps(command)
    def with_both(*given: Any, certificate: Path | None, key: Path | None, **arguments: Any) -> Any:
        if (certificate is None) != (key is None):
            raise click.UsageError(_of(click.get_current_context()).gettext(N_("Give --cert and --key together.")))
        return command(*given, certificate=certificate, key=key, **arguments)

    wrapped: Any = with_both
    for name, target, text in (("--key", "key", N_("Its private key, a PEM file.")),
                               ("--cert", "certificate", N_("Speak https with this certificate, a PEM file."))):
        wrapped = click.option(name, target, type=click.Path(exists=True, dir_okay=False, path_type=Path),
                               help=text)(wrapped)
    return wrapped  # type: ignore[no-any-return]


def _default_folder(role: str) -> Path:
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "backpack" / role


def _folders(ctx: click.Context) -> tuple[Path, ...]:
    root = ctx.find_root().command
    return root.folders if isinstance(root, BackpackGroup) else ()


def _say(ctx: click.Context, text: str | None) -> str:
    return _of(ctx).gettext(text) if text else ""  # the empty msgid is the catalogue's header


def _of(ctx: click.Context) -> NullTranslations:
    return load_translations(_language_in(sys.argv), _folders(ctx))


def _language_in(arguments: Sequence[str]) -> str:
    for place, argument in enumerate(arguments):
        value = argument[7:] if argument.startswith("--lang=") else ""
        if argument == "--lang" and place + 1 < len(arguments):
            value = arguments[place + 1]
        if value in LANGUAGES:
            return value
    return language_of_environment(os.environ)
