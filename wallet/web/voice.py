"""The reader's language of the page being answered, as the services' sentences want it."""

from __future__ import annotations

from flask_babel import format_date, format_decimal, get_translations

from ui.text import one_line
from wallet.services.growth.voice import Voice
from wallet.services.record.signers import names_in
from wallet.vault import OpenVault


def page_voice(vault: OpenVault) -> Voice:
    """The language of this page; signers are called by the names this vault's family knows."""
    return Voice(
        get_translations(), day=lambda day: str(format_date(day, "long")),
        month=lambda day: str(format_date(day, "MMM y")), number=lambda value: str(format_decimal(value)),
        short=lambda text: one_line(text, 34), names=names_in(vault))
