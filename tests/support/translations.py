"""Finds what a package says to people, and what of it is not said in Spanish yet.

python -m tests.support.translations issuer     extract and update issuer/web/translations/es/LC_MESSAGES/messages.po
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from tests.support.shared import ROOT
from ui.languages import LEARNER

LANGUAGE = "es"
_METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
_OPTIONS = {"**/templates/**.html": {"trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true"}}
_KEYWORDS = {
    "_": None,
    "N_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "StateError": (1,),
    "ConfigError": (1,),
}
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
Key = tuple[str | None, str | tuple[str, ...]]
_COMMANDS = (
    r"Abra|Añada|Anote|Apunte|Averigüe|Avise|Avíseles|Borre|Busque|Cambie|Cargue|Cierre|Compare|Comparta|"
    r"Compruebe|Consulte|Copie|Cree|Deje|Desmarque|Diga|Dé|Elija|Empiece|Envíe|Escanee|Escriba|Espere|Firme|"
    r"Guarde|Haga|Hable|Imprima|Inicie|Intente|Invite|Lea|Llame|Llámele|Marque|Mire|Muestre|Pegue|Pida|Ponga|"
    r"Pregunte|Pruebe|Quite|Reconozca|Recupere|Repita|Responda|Reúnase|Revise|Tome|Tómese|Use|Vaya|Vea|Vuelva|"
    r"Ábralo|Anótela|Anótelo|Bórrela|Ciérrela|Compárelo|Compruébelo|Déjelo|Désela|Deténgalo|Dígalo|Escríbalo|"
    r"Fírmela|Guárdela|Guárdelo|Imprímala|Inténtelo|Invítelas|Péguelo|Pídale|Pídalo|Recupérelo|Revíselo|Véalo|"
    r"Úsela|Úselo"
)
FORMAL = re.compile(rf"\b[Uu]sted\b|(?:^|[.:;?!] )[«¿¡]?(?:{_COMMANDS})\b")
"""Spanish that calls the reader *usted*: the word itself, or a sentence that begins with a polite command."""


def catalogue_path(package: str) -> Path:
    """Where the Spanish of ``package`` lies: in ``ui/translations`` or in ``ROLE/web/translations``."""
    folder = ROOT / package if package == "ui" else ROOT / package / "web"
    return folder / "translations" / LANGUAGE / "LC_MESSAGES" / "messages.po"


def extract(package: str) -> Catalog:
    """Every message of the package's Python modules and templates."""
    found = Catalog(domain="messages", project="learner-backpack", charset="utf-8", fuzzy=False, locale=LANGUAGE)
    rows = extract_from_dir(
        str(ROOT / package), _METHODS, _OPTIONS, _KEYWORDS, comment_tags=("translators:",), strip_comment_tags=True
    )
    for file, _line, message, comments, context in rows:
        if message and "/." not in file:
            found.add(
                message, None, [(f"{package}/{Path(file).as_posix()}", 0)], auto_comments=comments, context=context
            )
    return found


def read_catalogue(package: str) -> Catalog:
    """The stored translations of ``package``; empty if there are none yet."""
    path = catalogue_path(package)
    if not path.exists():
        return Catalog(domain="messages", locale=LANGUAGE)
    with path.open("rb") as handle:
        return read_po(handle, locale=LANGUAGE, domain="messages")


def missing_translations(package: str) -> list[str]:
    """What ``package`` says that neither it nor ``ui`` says in Spanish, or says with other placeholders."""
    known = {_key(message): message for name in ("ui", package) for message in _messages(read_catalogue(name))}
    problems = []
    for message in _messages(extract(package)):
        translated = known.get(_key(message))
        if translated is None or not _is_complete(translated):
            problems.append(f"not translated: {message.id!r}")
        elif not _has_same_placeholders(translated):
            problems.append(f"other placeholders: {message.id!r}")
    return problems


def update(package: str) -> int:
    """Bring the package's ``.po`` up to its sources; how many messages still lack Spanish.

    What it says to a learner (``ui.languages.LEARNER``) needs no mark in the sources: it stays as long as the sentence.
    """
    found, stored = extract(package), read_catalogue(package)
    shared = (
        set()
        if package == "ui"
        else {_key(message) for message in _messages(read_catalogue("ui")) if _is_complete(message)}
    )
    kept = {_key(message): message for message in _messages(stored)}
    fresh = Catalog(
        domain="messages",
        project="learner-backpack",
        charset="utf-8",
        fuzzy=False,
        locale=LANGUAGE,
        header_comment=f"# {package} in Spanish. Updated by: python -m tests.support.translations {package}",
    )
    for message in _messages(found):
        if _key(message) not in shared:
            old = kept.get(_key(message))
            fresh.add(message.id, old.string if old else None, message.locations, context=message.context)
    said = {_key(message)[1]: message.locations for message in _messages(found) if message.context is None}
    heard = said | (_said_by_ui() if package != "ui" else {})
    for key, message in kept.items():
        if key[0] == LEARNER and key[1] in heard and fresh.get(message.id, LEARNER) is None:
            fresh.add(message.id, message.string, said.get(key[1], ()), context=LEARNER)
    path = catalogue_path(package)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as handle:
        write_po(handle, fresh, width=120, sort_output=True, omit_header=False, include_lineno=False)
    text = re.sub(
        r'^"(Project-Id-Version|POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Language-Team|Report-Msgid-Bugs-To):.*\n',
        "",
        path.read_text(encoding="utf-8"),
        flags=re.MULTILINE,
    )
    path.write_text(text, encoding="utf-8")
    return sum(1 for message in _messages(fresh) if not _is_complete(message))


def formal_to_learners(package: str, folders: Iterable[str]) -> list[str]:
    """What ``package`` and ``ui`` say to everybody as *usted* and have no *tú* for, or say as *usted* to a learner.

    Args:
        package: The role whose pages a learner reads.
        folders: Beginnings of the sources whose sentences no learner reads on a page: letters, sheets for others.
    """
    unread, problems = tuple(folders), []
    stored = [*_messages(read_catalogue("ui")), *_messages(read_catalogue(package))]
    addressed = {_key(message)[1]: message for message in stored if message.context == LEARNER}
    for message in stored:
        if message.context not in (None, LEARNER) or not FORMAL.search(_spanish(message)):
            continue
        places = [place for place, _line in message.locations]
        if message.context == LEARNER:
            problems.append(f"usted to a learner: {message.id!r}")
        elif _key(message)[1] not in addressed and not all(place.startswith(unread) for place in places):
            problems.append(f"no word for a learner: {message.id!r}")
    return problems


def _said_by_ui() -> dict[str | tuple[str, ...], Sequence[tuple[str, int]]]:
    return {_key(message)[1]: message.locations for message in _messages(extract("ui")) if message.context is None}


def _spanish(message: Message) -> str:
    return message.string if isinstance(message.string, str) else " / ".join(message.string or ())


def _messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id and not message.fuzzy)


def _key(message: Message) -> Key:
    return message.context, message.id if isinstance(message.id, str) else tuple(message.id)


def _is_complete(message: Message) -> bool:
    strings = [message.string] if isinstance(message.string, str) else list(message.string or [""])
    return all(strings)


def _has_same_placeholders(message: Message) -> bool:
    ids = [message.id] if isinstance(message.id, str) else list(message.id)
    strings = [message.string] if isinstance(message.string, str) else list(message.string or ())
    wanted = set(_PLACEHOLDER.findall(" ".join(ids)))
    return (
        all(set(_PLACEHOLDER.findall(text)) <= wanted for text in strings)
        and set(_PLACEHOLDER.findall(" ".join(strings))) == wanted
    )


if __name__ == "__main__":
    for name in sys.argv[1:]:
        sys.stdout.write(f"{catalogue_path(name).relative_to(ROOT)}: {update(name)} to translate\n")
