"""What a command talks through: results on standard output, everything else on standard error, in one language."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from babel.dates import format_date, format_datetime
from babel.support import NullTranslations
from rich.console import Console as RichConsole
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ui import words
from ui.qr import qr_terminal
from ui.text import clean, one_line

_COLOURS: Mapping[words.Look, str] = {"holds": "green", "fails": "red", "unknown": "yellow"}
Advance = Callable[[int], None]


@dataclass(frozen=True)
class Console:
    """The common options of a command and the ways to speak.

    Attributes:
        data: The role's data folder; it need not exist yet.
        json: Print one JSON value on standard output instead of text.
        language: ``en`` or ``es``.
    """

    data: Path
    json: bool
    language: str
    translations: NullTranslations

    def gettext(self, message: str) -> str:
        """``message`` in the person's language; fill it with ``%`` afterwards."""
        return self.translations.gettext(message)

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        """The form for ``count``, with ``%(num)s`` filled in."""
        return self.translations.ngettext(singular, plural, count) % {"num": count}

    def say(self, text: str = "", *, bold: bool = False) -> None:
        """A line of the result on standard output."""
        click.secho(clean(text), bold=bold or None)

    def note(self, text: str) -> None:
        """A line beside the result (progress, a hint, a problem) on standard error."""
        click.echo(clean(text), err=True)

    def emit(self, value: Any) -> None:
        """A result for machines: one JSON document on standard output."""
        click.echo(json.dumps(value, ensure_ascii=False, indent=2))

    def day(self, moment: datetime | date) -> str:
        """A day in the person's language."""
        return format_date(moment, "long", locale=self.language)

    def moment(self, moment: datetime) -> str:
        """Day and time in the person's language, in UTC."""
        return f"{format_datetime(moment, 'medium', locale=self.language)} UTC"

    def table(self, headers: Sequence[str], rows: Sequence[Sequence[str]], *, width: int = 60) -> None:
        """Aligned columns; a cell longer than ``width`` is cut with an ellipsis."""
        cells = [[one_line(str(cell), width) for cell in row] for row in (headers, *rows)]
        widths = [max(len(row[column]) for row in cells) for column in range(len(headers))]
        for number, row in enumerate(cells):
            line = "  ".join(cell.ljust(space) for cell, space in zip(row, widths, strict=True)).rstrip()
            click.secho(line, bold=True if number == 0 else None)

    def qr(self, text: str) -> None:
        """The code for ``text``, followed by the text itself, on standard output."""
        click.echo(qr_terminal(text))
        click.echo(clean(text))

    def report(
        self,
        report: Mapping[str, Any],
        *,
        signer: str | None = None,
        title: str | None = None,
        members: Sequence[tuple[str | None, str | None]] = (),
    ) -> int:
        """Print a report check by check, in words (or as JSON), and return the exit code: 0, 1 or 3."""
        if self.json:
            self.emit(report)
        else:
            self._explained(words.explain(report, self.translations, signer=signer, title=title, members=members), 0)
        return words.exit_code(report)

    @contextmanager
    def progress(self, title: str, total: int) -> Iterator[Advance]:
        """A bar on standard error if that is a terminal. Call what it yields with each step's count."""
        terminal = RichConsole(stderr=True)
        if not terminal.is_terminal or self.json:
            yield lambda count: None
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=terminal) as bar:
            task = bar.add_task(title, total=total)
            yield lambda count: bar.advance(task, count)

    def _explained(self, explained: words.Explained, depth: int) -> None:
        indent = "  " * depth
        if explained.title:
            self.say(f"{indent}{one_line(explained.title)}", bold=True)
        verdict = explained.verdict
        sign = click.style(f"{verdict.symbol} {verdict.word}", fg=_COLOURS[verdict.look], bold=True)
        click.echo(f"{indent}{sign}: {clean(verdict.sentence)}")
        if verdict.advice:
            self.say(f"{indent}  {verdict.advice}")
        self.say()
        for check in explained.checks:
            symbol = click.style(check.symbol, fg=_COLOURS[check.look], bold=True)
            click.echo(f"{indent}  {symbol} {clean(check.title)} {clean(check.sentence)}")
            if check.look != "holds":
                facts = ", ".join(f"{name}: {one_line(value)}" for name, value in check.technical)
                self.say(f"{indent}      ({facts})")
        for remark in explained.remarks:
            self.say(f"{indent}  · {clean(remark.sentence)}")
            self.say(f"{indent}      ({remark.code}: {one_line(', '.join(remark.places), 300)})")
        for number, member in enumerate(explained.members, start=1):
            self.say()
            name = member.title or self.gettext("Record %(number)s") % {"number": number}
            self.say(f"{indent}  {one_line(name)}", bold=True)
            self._explained(replace(member, title=None), depth + 1)
