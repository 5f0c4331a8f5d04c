"""The languages people can choose, and their catalogues: ``.po`` files, so a fresh clone needs no build step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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


def load_translations(language: str, folders: Iterable[Path] = ()) -> NullTranslations:
    """The catalogue of ``ui`` with those in ``folders`` laid over it; English is the source text itself.

    Args:
        language: A key of ``LANGUAGES``.
        folders: Folders that hold ``es/LC_MESSAGES/messages.po`` and so on; one without that language adds nothing.
    """
    merged = Translations()
    for folder in (OWN_CATALOGUES, *folders):
        source = folder / language / "LC_MESSAGES" / "messages.po"
        if source.is_file():
            merged.merge(_compile(source, language))
    return merged


def language_of_environment(environ: Mapping[str, str]) -> str:
    """The language a terminal asks for (``LC_ALL``, ``LC_MESSAGES``, ``LANG``), English if we do not speak it."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environ.get(name):
            code = value[:2].lower()
            return code if code in LANGUAGES else "en"
    return "en"


def _compile(source: Path, language: str) -> Translations:
    with source.open("rb") as handle:
        catalogue = read_po(handle, locale=language, domain="messages")
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled, domain="messages")
