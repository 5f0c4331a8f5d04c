"""The languages people can choose, and their catalogues: ``.po`` files, so a fresh clone needs no build step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

LANGUAGES: Mapping[str, str] = {"en": "English", "es": "Español"}
"""Code → the language's own name. English is the source language."""

OWN_CATALOGUES = Path(__file__).parent / "translations"


def N_(message: str) -> str:
    """Mark ``message`` for translation; it is translated where it is shown."""
    return message


LEARNER = "learner"
"""The message context of what is said to a learner, whom Spanish calls *tú*; everybody else is *usted*."""


def load_translations(language: str, folders: Iterable[Path] = (), addressee: str | None = None) -> NullTranslations:
    """The catalogue of ``ui`` with those in ``folders`` laid over it; English is the source text itself.

    Args:
        language: A key of ``LANGUAGES``.
        folders: Folders that hold ``es/LC_MESSAGES/messages.po`` and so on; one without that language adds nothing.
        addressee: Who is spoken to (``LEARNER``): what the catalogue says in that context replaces what it says to
            all, so that no page has to ask for each sentence.
    """
    merged = Translations()
    for folder in (OWN_CATALOGUES, *folders):
        source = folder / language / "LC_MESSAGES" / "messages.po"
        if source.is_file():
            merged.merge(_compile(source, language, addressee))
    return merged


def language_of_environment(environ: Mapping[str, str]) -> str:
    """The language a terminal asks for (``LC_ALL``, ``LC_MESSAGES``, ``LANG``), English if we do not speak it."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environ.get(name):
            code = value[:2].lower()
            return code if code in LANGUAGES else "en"
    return "en"


@cache
def _compile(source: Path, language: str, addressee: str | None) -> Translations:
    with source.open("rb") as handle:
        catalogue = read_po(handle, locale=language, domain="messages")
    for message in [each for each in catalogue if addressee is not None and each.context == addressee]:
        if message.string and all(message.string):
            catalogue.delete(message.id)
            catalogue.add(message.id, message.string)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled, domain="messages")
