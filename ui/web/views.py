"""What every template can use: filters for dates, numbers and foreign text, and what was typed into a form before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from babel import Locale, UnknownLocaleError
from flask import Flask, current_app, g, request
from flask_babel import format_date, format_datetime, format_decimal, format_time, format_timedelta, get_translations
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from ui import words
from ui.qr import qr_data_url
from ui.text import clean, one_line
from ui.web.locale import current_language
from ui.web.markdown import render_markdown
from ui.web.outside import outside_link, safe_url


def no_marks() -> Iterable[tuple[str, str]]:
    """What every form carries beside its token: nothing, unless a role puts a function of its own in its place."""
    return ()


def finalize(value: object) -> object:
    """What Jinja prints for an expression: nothing for None, foreign strings without hidden or moving characters."""
    if value is None:
        return ""
    if isinstance(value, Markup):
        return Markup(clean(value))  # noqa: S704  taking characters away from escaped text opens nothing
    return clean(value) if isinstance(value, str) else value


def install(app: Flask) -> None:
    """Give the templates of ``app`` the filters and functions of this module."""
    app.jinja_env.filters.update(
        date=show_date,
        moment=show_moment,
        number=show_number,
        markdown=render_markdown,
        plain=one_line,
        duration=show_duration,
        qr=qr_data_url,
        groupby_kept=group_kept,
        safe_url=safe_url,
        passage=passage,
    )
    app.jinja_env.globals.update(
        typed=typed,
        typed_list=typed_list,
        was_typed=was_typed,
        outside_link=outside_link,
        explain=explain,
        help_contact=help_contact,
        start_url=start_url,
        form_marks=no_marks,
        role=app.config["BACKPACK_ROLE"],
        office=app.config["BACKPACK_OFFICE"],
        origin=app.config["BACKPACK_ORIGIN"],
    )


def explain(
    report: Mapping[str, Any],
    signer: str | None = None,
    title: str | None = None,
    members: Sequence[tuple[str | None, str | None]] = (),
) -> words.Explained:
    """A report in the language of this page; see ``words.explain``."""
    return words.explain(report, get_translations(), signer=signer, title=title, members=members)


def show_date(value: object, form: str = "long") -> str:
    """A day in the page's language: ``April 21, 2026``, ``21 de abril de 2026``. Takes dates, times and ISO strings."""
    moment = _moment(value)
    if moment is None:
        return "" if value is None else str(value)
    return str(format_date(moment, form, rebase=isinstance(moment, datetime)))


def show_moment(value: object, form: str = "medium") -> str:
    """Day, hour and minute with the zone's name."""
    moment = _moment(value)
    if not isinstance(moment, datetime):
        return show_date(value)
    return f"{format_date(moment, form)}, {format_time(moment, 'short')} {format_datetime(moment, 'z')}"


def show_number(value: object) -> str:
    """A number in the page's language; anything that is no number as it stands."""
    return str(format_decimal(value)) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def show_duration(seconds: float) -> str:
    """A length of time in the page's language, rounded: ``3 minutes``."""
    return str(format_timedelta(timedelta(seconds=float(seconds)), granularity="second", threshold=1.2))


def group_kept(rows: Iterable[Any], attribute: str) -> list[tuple[Any, list[Any]]]:
    """Neighbours with the same ``attribute`` together, in the order they came."""
    return [(key, list(group)) for key, group in groupby(rows, key=attrgetter(attribute))]


def passage(text: object, language: str | None = None) -> Markup:
    """Foreign text in a span that names its language, if known and not the page's, and isolates its direction."""
    code = language_tag(language)
    attribute = Markup(' lang="{}"').format(code) if code and code != current_language() else ""
    return Markup('<span{} dir="auto">{}</span>').format(attribute, finalize(text))


def language_tag(language: object) -> str | None:
    """``language`` if it is a well-formed language tag Babel knows, else None."""
    if not isinstance(language, str) or len(language) > 35:
        return None
    try:
        Locale.parse(language, sep="-")
    except (ValueError, UnknownLocaleError):
        return None
    return language


def typed(name: str, value: object = "") -> object:
    """What the person typed into the field ``name`` of this page's form, else ``value``."""
    form = _typed_form()
    return form.get(name, "") if form is not None and name in form else value


def typed_list(name: str, values: Iterable[object] = ()) -> list[str]:
    """Every choice made for ``name`` in this page's form, else ``values``."""
    form = _typed_form()
    return form.getlist(name) if form is not None else [str(value) for value in values]


def was_typed() -> bool:
    """Whether this page shows a form again that was filled in before."""
    return _typed_form() is not None


def start_url() -> str:
    """The role's first page."""
    return request.script_root + "/"


def help_contact() -> str | None:
    """Whom to ask for help, as the role's settings say now."""
    contact: str | Callable[[], str | None] | None = current_app.config["BACKPACK_CONTACT"]
    return contact() if callable(contact) else contact


def _typed_form() -> MultiDict[str, str] | None:
    kept: MultiDict[str, str] | None = g.get("kept_form")
    return request.form if kept is None and request.method == "POST" else kept


def _moment(value: object) -> datetime | date | None:
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return value if isinstance(value, date) else None
