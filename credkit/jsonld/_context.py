"""JSON-LD 1.1 context processing: local contexts in, active contexts out. Nothing is fetched.

Left out on purpose, as no pinned context has it: ``@import``, ``@propagate`` and ``@base``. A context that uses one of
the first two cannot be checked; ``@base`` is refused, for it lets one document name two things by one word.

Spec: JSON-LD11-API #context-processing-algorithm, #create-term-definition
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from credkit.errors import DataLossError, MalformedValueError, UnsupportedError, VocabularyUnknownError
from credkit.ports import LoadContext

KEYWORDS = frozenset({
    "@base", "@container", "@context", "@default", "@direction", "@graph", "@id", "@import", "@included", "@index",
    "@json", "@language", "@list", "@nest", "@none", "@prefix", "@propagate", "@protected", "@reverse", "@set", "@type",
    "@value", "@version", "@vocab",
})
IRI = re.compile(
    "[A-Za-z][A-Za-z0-9+.-]*:"
    "[^\x00-\x20<>\"{}|^`\\\\\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ud800-\udfff]*"
)
"""An absolute IRI that can stand between ``<`` and ``>`` unescaped."""
LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*")
DIRECTIONS = ("ltr", "rtl")

_KEYWORD_FORM = re.compile(r"@[a-zA-Z]+")
_TERM_MEMBERS = frozenset({"@id", "@reverse", "@container", "@context", "@direction", "@index", "@language", "@nest",
                           "@prefix", "@protected", "@type"})
_MAX_REMOTE_DEPTH = 8
_MAX_DEFINITION_DEPTH = 32
_UNREADABLE = "the contexts of the document contradict each other or cannot be read"


@dataclass(frozen=True, slots=True)
class Term:
    """A term definition (JSON-LD11-API #dfn-term-definition).

    Attributes:
        iri: Absolute IRI, keyword, or None if the term means nothing.
        scope: The term's own local context; ``has_scope`` tells a null one from none, as ``says_…`` do for the others.
        unsupported: It uses ``@reverse``, ``@index`` or ``@nest``, which cannot be walked.
    """

    iri: str | None
    prefix: bool = False
    protected: bool = False
    type: str | None = None
    container: frozenset[str] = frozenset()
    language: str | None = None
    says_language: bool = False
    direction: str | None = None
    says_direction: bool = False
    scope: Any = None
    has_scope: bool = False
    unsupported: bool = False

    def is_same(self, other: Term) -> bool:
        """Whether both say the same, ``protected`` aside."""
        return replace(self, protected=other.protected) == other


@dataclass(frozen=True, slots=True)
class Active:
    """An active context (JSON-LD11-API #dfn-active-context). ``previous`` is what nested nodes return to."""

    terms: dict[str, Term]
    vocab: str | None = None
    language: str | None = None
    direction: str | None = None
    previous: Active | None = None


EMPTY = Active({})


class ContextReader:
    """Processes local contexts on top of active ones; stateless beside its loader.

    Args:
        load: Gives a pinned context's document, or raises ``UnsupportedError`` or ``LookupError``.
        open_vocabulary: Accept ``@vocab``; otherwise such a context cannot be checked.
    """

    def __init__(self, load: LoadContext, *, open_vocabulary: bool) -> None:
        self._load = load
        self._open = open_vocabulary

    def process(self, active: Active, local: Any, *, override_protected: bool = False, propagate: bool = True,
                depth: int = 0) -> Active:
        """The active context after ``local``: a URL, an object, null, or an array of these.

        Raises:
            VocabularyUnknownError: a URL that is not pinned, or a feature that cannot be checked.
            MalformedValueError: a contradiction, among them a protected term that is defined anew.
        """
        if depth > _MAX_REMOTE_DEPTH:
            raise MalformedValueError(_UNREADABLE)
        result = active
        for item in local if isinstance(local, list) else [local]:
            if item is None:
                if not override_protected and any(term.protected for term in result.terms.values()):
                    raise MalformedValueError(_UNREADABLE)
                result = EMPTY
            elif isinstance(item, str):
                result = self.process(result, self._remote(item), depth=depth + 1)
            elif isinstance(item, dict):
                result = self._define(result, item, override_protected, depth)
            else:
                raise MalformedValueError(_UNREADABLE)
        return result if propagate else replace(result, previous=active.previous or active)

    def _remote(self, url: str) -> Any:
        try:
            document = self._load(url)
        except (LookupError, UnsupportedError) as error:
            raise VocabularyUnknownError("the document uses a context we do not hold") from error
        if not isinstance(document.get("@context"), (dict, list)):
            raise MalformedValueError(_UNREADABLE)
        return document["@context"]

    def _define(self, active: Active, local: dict[str, Any], override_protected: bool, depth: int) -> Active:
        if "@import" in local or "@propagate" in local:
            raise VocabularyUnknownError("the document uses a kind of context we cannot check")
        if "@base" in local:
            raise DataLossError("a context gives names a base, so that one name can mean two things")
        if local.get("@version", 1.1) != 1.1:
            raise MalformedValueError(_UNREADABLE)
        base = replace(
            active, terms=dict(active.terms), vocab=self._vocab(active, local),
            language=_language(local["@language"]) if "@language" in local else active.language,
            direction=_direction(local["@direction"]) if "@direction" in local else active.direction,
        )
        definitions = _Definitions(base, local, override_protected)
        for name in local:
            definitions.create(name)
        return base

    def _vocab(self, active: Active, local: dict[str, Any]) -> str | None:
        if "@vocab" not in local or local["@vocab"] is None:
            return None if "@vocab" in local else active.vocab
        if not self._open:
            raise VocabularyUnknownError("the document uses words that its signature does not fix")
        vocab = local["@vocab"]
        if not isinstance(vocab, str) or not IRI.fullmatch(vocab):
            raise MalformedValueError(_UNREADABLE)
        return vocab


def _language(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not LANGUAGE.fullmatch(value):
        raise MalformedValueError(_UNREADABLE)
    return value.lower()


def _direction(value: Any) -> str | None:
    if value is not None and value not in DIRECTIONS:
        raise MalformedValueError(_UNREADABLE)
    return value  # type: ignore[no-any-return]


def expand(active: Active, value: str, definitions: _Definitions | None = None) -> str | None:
    """``value`` as a term, compact IRI or word of the vocabulary → IRI or keyword; None if it means nothing.

    A relative reference comes back as it is, for there is no base.

    Spec: JSON-LD11-API #iri-expansion
    """
    if value in KEYWORDS:
        return value
    if _KEYWORD_FORM.fullmatch(value):
        return None
    if definitions is not None:
        definitions.create(value)
    term = active.terms.get(value)
    if term is not None:
        return term.iri
    colon = value.find(":", 1)
    if colon > 0:
        prefix, suffix = value[:colon], value[colon + 1:]
        if prefix == "_" or suffix.startswith("//"):
            return value
        if definitions is not None:
            definitions.create(prefix)
        term = active.terms.get(prefix)
        if term is not None and term.prefix and term.iri is not None:
            return term.iri + suffix
        if IRI.fullmatch(value):
            return value
    return value if active.vocab is None else active.vocab + value


class _Definitions:
    """Creates the terms of one local context, in any order (JSON-LD11-API #create-term-definition)."""

    def __init__(self, active: Active, local: dict[str, Any], override_protected: bool) -> None:
        self._active = active
        self._local = local
        self._override = override_protected
        self._done: dict[str, bool] = {}
        self._depth = 0
        protected = local.get("@protected", False)
        if not isinstance(protected, bool):
            raise MalformedValueError(_UNREADABLE)
        self._protected = protected

    def create(self, name: str) -> None:
        """Define ``name`` if this local context does and has not yet."""
        if name not in self._local or self._done.get(name):
            return
        if name == "" or name in self._done or self._depth > _MAX_DEFINITION_DEPTH:
            raise MalformedValueError(_UNREADABLE)
        if name in KEYWORDS or _KEYWORD_FORM.fullmatch(name):
            return
        self._done[name] = False
        self._depth += 1
        previous = self._active.terms.pop(name, None)
        term = self._read(name, self._local[name])
        self._depth -= 1
        if previous is not None and previous.protected and not self._override:
            if not previous.is_same(term):
                raise MalformedValueError(_UNREADABLE)
            term = previous
        self._active.terms[name] = term
        self._done[name] = True

    def _read(self, name: str, value: Any) -> Term:
        simple = isinstance(value, str)
        value = {"@id": value} if simple or value is None else value
        if not isinstance(value, dict) or not value.keys() <= _TERM_MEMBERS:
            raise MalformedValueError(_UNREADABLE)
        protected = value.get("@protected", self._protected)
        if "@reverse" in value or "@index" in value or "@nest" in value:
            return Term(None, protected=protected, unsupported=True)
        iri = self._iri(name, value)
        return Term(
            iri, prefix=self._is_prefix(name, value, iri, simple), protected=protected, type=self._type(value),
            container=_container(value.get("@container")), scope=value.get("@context"), has_scope="@context" in value,
            language=_language(value.get("@language")), says_language="@language" in value,
            direction=_direction(value.get("@direction")), says_direction="@direction" in value,
        )

    def _iri(self, name: str, value: dict[str, Any]) -> str | None:
        if value.get("@id", name) != name:
            target = value["@id"]
            if target is None:
                return None
            iri = expand(self._active, target, self) if isinstance(target, str) else None
            if iri is None or not (iri in KEYWORDS or IRI.fullmatch(iri)):
                raise MalformedValueError(_UNREADABLE)
            return iri
        self.create(name[:max(name.find(":", 1), 0)])
        iri = expand(self._active, name)
        if iri is None or not IRI.fullmatch(iri):
            raise MalformedValueError(_UNREADABLE)
        return iri

    def _is_prefix(self, name: str, value: dict[str, Any], iri: str | None, simple: bool) -> bool:
        if ":" in name or "/" in name or iri is None:
            return False
        return bool(value.get("@prefix", simple and iri[-1:] in ":/?#[]@"))

    def _type(self, value: dict[str, Any]) -> str | None:
        if "@type" not in value:
            return None
        kind = expand(self._active, value["@type"], self) if isinstance(value["@type"], str) else None
        if kind is None or not (kind in ("@id", "@vocab", "@json", "@none") or IRI.fullmatch(kind)):
            raise MalformedValueError(_UNREADABLE)
        return None if kind == "@none" else kind


def _container(value: Any) -> frozenset[str]:
    names = value if isinstance(value, list) else [] if value is None else [value]
    if not all(isinstance(name, str) and name in KEYWORDS for name in names):
        raise MalformedValueError(_UNREADABLE)
    return frozenset(names) - {"@set"}
