"""Context processing: PyLD decides what inline contexts mean; what is not pinned or not readable is told apart."""

from __future__ import annotations

import threading
from typing import Any

import pytest

import contexts
from credkit.errors import (
    DataLossError,
    MalformedValueError,
    ProblemError,
    TooComplexError,
    UnsupportedError,
    VocabularyUnknownError,
)
from credkit.jsonld import Processor, canonicalize
from credkit.ports import JSONObject
from demo.conformance.profile import load_with_examples
from tests.credkit.jsonld.documents import badge, transcript
from tests.credkit.jsonld.oracle import OB, V2, normalize

OPEN = Processor(load_with_examples, open_vocabulary=True)
EX = "https://example.org/#"


def document(context: Any, **members: Any) -> dict[str, Any]:
    return {
        "@context": [V2, *(context if isinstance(context, list) else [context])],
        "type": "VerifiableCredential",
        **members,
    }


@pytest.mark.spec("JSON-LD11-API", "#context-processing-algorithm")
@pytest.mark.parametrize(
    "given",
    [
        document({"@vocab": EX}, word="x", Other=["y", 1, True, 2.5], type=["VerifiableCredential", "Kind"]),
        document({"@vocab": EX}, nested={"word": {"deep": "x"}}),
        document({"ex": EX, "word": "ex:word", "kind": {"@id": "ex:kind", "@type": "ex:datatype"}}, word="x", kind="y"),
        document({"word": {"@id": "ex:word"}, "ex": EX}, word="x"),
        document({"word": {"@id": EX + "word", "@type": "@id"}}, word=["urn:a", {"id": "urn:b"}]),
        document({"word": {"@id": EX + "word", "@type": "@vocab"}, "value1": EX + "1"}, word="value1"),
        document({"word": {"@id": EX + "word", "@type": "@none"}}, word="x"),
        document({"word": {"@id": EX + "word", "@type": "http://www.w3.org/2001/XMLSchema#double"}}, word=[1, 2.5]),
        document({"word": {"@id": EX + "word", "@type": "http://www.w3.org/2001/XMLSchema#decimal"}}, word=[1, 2.5]),
        document({"word": {"@id": EX + "word", "@type": "http://www.w3.org/2001/XMLSchema#string"}}, word="x"),
        document({"word": {"@id": EX + "word", "@type": "@json"}}, word=[{"a": None}, 1]),
        document({"word": {"@id": EX + "word", "@container": "@list"}}, word=["a", {"id": "urn:x"}, {"word": []}]),
        document({"word": {"@id": EX + "word", "@container": ["@set"]}}, word=["a"]),
        document({"word": {"@id": EX + "word", "@container": ["@graph", "@set"]}}, word=[{"name": "a"}, {"name": "b"}]),
        document({"word": {"@id": EX + "word", "@container": "@language"}}, word={"en": ["a", "b"], "ES": "c"}),
        document({"word": {"@id": EX + "word", "@language": "es"}}, word=["a", {"@value": "b"}]),
        document(
            {"@language": "en", "word": EX + "word", "none": {"@id": EX + "n", "@language": None}}, word="a", none="b"
        ),
        document({"word": {"@id": EX + "word", "@direction": "ltr"}}, word=["a", {"@value": "b"}]),
        document({"word": {"@id": EX + "word", "@context": {"inner": EX + "inner"}}}, word={"inner": {"inner": "x"}}),
        document(
            {"Kind": {"@id": EX + "Kind", "@context": {"inner": EX + "inner", "deeper": EX + "deeper"}}},
            credentialSubject={"type": "Kind", "inner": "x", "deeper": {"name": "y"}},
        ),
        document(
            {"A": {"@id": EX + "A", "@context": {"w": EX + "a"}}, "B": {"@id": EX + "B", "@context": {"w": EX + "b"}}},
            credentialSubject={"type": ["B", "A"], "w": "x"},
        ),
        document([{"word": EX + "one"}, {"word": EX + "two"}], word="x"),
        document([{"word": EX + "one", "gone": EX + "gone"}, {"gone": None}], word="x"),
        document([{"@vocab": EX}, {"@vocab": None, "word": EX + "w"}], word="x"),
        document({"https://example.org/#word": {"@type": "@id"}}, **{"https://example.org/#word": "urn:x"}),
        document({"@version": 1.1, "word": EX + "word"}, word="x"),
        document({}, **{EX + "absolute": "x"}, type=["VerifiableCredential", EX + "Absolute"]),
    ],
)
def test_an_inline_context_reads_as_in_pyld(given: dict[str, Any]) -> None:
    assert canonicalize(OPEN.walk(given).quads).text() == normalize(given)


@pytest.mark.parametrize(
    "context",
    [
        {"name": EX + "name"},
        {"credentialSubject": EX + "x", "VerifiableCredential": EX + "y"},
        {"a": "b:c", "b": "a:c"},
        {"a": {"@id": "a:b"}, "": EX},
        {"": EX},
        {"word": 5},
        {"word": {"@id": 5}},
        {"word": {"@id": "relative"}},
        {"word": {"@id": "@unknown"}},
        {"word": {"@id": EX, "@type": "relative"}},
        {"word": {"@id": EX, "@type": 5}},
        {"word": {"@id": EX, "@container": 5}},
        {"word": {"@id": EX, "@container": "set"}},
        {"word": {"@id": EX, "@language": 5}},
        {"word": {"@id": EX, "@direction": "up"}},
        {"word": {"@id": EX, "extra": "x"}},
        {"word": {}},
        {"word": {"@id": EX, "@type": "@id", "@context": {"name": EX}}, "VerifiableCredential": None},
        {"word": {"@id": EX + "word", "@context": 5}},
        {"@vocab": 5},
        {"@vocab": "relative"},
        {"@language": "e n"},
        {"@protected": "yes"},
        {"@version": 1.0},
        [None],
        {f"t{index}": f"t{index + 1}:x" for index in range(2000)},
    ],
)
def test_a_context_that_contradicts_itself_or_cannot_be_read_is_malformed(context: Any) -> None:
    with pytest.raises(MalformedValueError) as caught:
        OPEN.walk(document(context, word="x"))
    assert caught.value.pointer is not None


@pytest.mark.parametrize(
    ("context", "pointer"),
    [
        ({"word": {"@reverse": EX + "word"}}, "/word"),
        ({"word": {"@id": EX + "word", "@index": EX + "i", "@container": "@index"}}, "/word"),
        ({"word": {"@id": EX + "word", "@container": "@id"}}, "/word"),
        ({"word": {"@id": EX + "word", "@container": ["@graph", "@id"]}}, "/word"),
        ({"word": {"@id": EX + "word", "@nest": "@nest"}}, "/word"),
        ({"@import": V2}, "/@context"),
        ({"@propagate": False}, "/@context"),
        ("https://example.org/unpinned", "/@context"),
    ],
)
def test_what_we_do_not_read_cannot_be_checked(context: Any, pointer: str) -> None:
    with pytest.raises(VocabularyUnknownError) as caught:
        OPEN.walk(document(context, word={"x": "y"}))
    assert caught.value.pointer == pointer


@pytest.mark.parametrize(
    ("context", "members"),
    [
        ({"@base": "https://example.org/"}, {}),
        ({"ex": EX}, {"ex:word": "x"}),
        ({"@vocab": EX, "word": EX + "signed"}, {EX + "signed": "x"}),
        ({"@vocab": EX, "other": EX + "word"}, {"word": "x"}),
        ({"word": None}, {"word": "x"}),
        ({"word": EX + "word", "other": "word"}, {"other": "x"}),
        ({"word": "@id"}, {"word": "urn:x"}),
        ({"word": "@graph"}, {"word": {"name": "x"}}),
        ({"word": "@included"}, {"word": {"name": "x"}}),
        ({"@vocab": EX}, {"a word": "x"}),
        ({"@vocab": EX}, {"type": ["VerifiableCredential", "ex:Kind extra"]}),
        (
            {"@vocab": EX},
            {"type": ["VerifiableCredential", "https://www.w3.org/2018/credentials#VerifiableCredential"]},
        ),
        ({}, {"issuer": "relative"}),
        ({"word": {"@id": EX + "word", "@container": "@language"}}, {"word": {"en": 5}}),
        ({"word": {"@id": EX + "word", "@container": "@list"}}, {"word": [["a"]]}),
        ({"word": {"@id": EX + "word", "@container": "@graph"}}, {"word": "a"}),
        ({"word": {"@id": EX + "word", "@container": "@graph"}}, {"word": {"name": []}}),
    ],
)
def test_an_open_vocabulary_is_no_licence_to_say_a_thing_twice(context: Any, members: dict[str, Any]) -> None:
    with pytest.raises(DataLossError):
        OPEN.walk(document(context, issuer="urn:i") | members)


@pytest.mark.parametrize("language", ["@none", "@value", "e_n", ""])
def test_a_language_map_has_language_tags(language: str) -> None:
    context = {"word": {"@id": EX + "word", "@container": "@language"}}

    with pytest.raises(MalformedValueError) as caught:
        OPEN.walk(document(context, word={language: "x"}))
    assert caught.value.pointer == f"/word/{language}"


def test_a_type_cannot_do_away_with_protected_terms() -> None:
    with pytest.raises(MalformedValueError) as caught:
        OPEN.walk(document({"Kind": {"@id": EX + "Kind", "@context": None}}, credentialSubject={"type": "Kind"}))
    assert caught.value.pointer == "/credentialSubject/type"


@pytest.mark.spec("JSON-LD11", "#base-direction")
def test_a_context_may_give_all_its_texts_a_direction() -> None:
    """PyLD 3.3 does not read it where it stands for a whole context."""
    given = document({"@direction": "rtl", "@language": "ar", "word": EX + "word"}, word=["a", {"@value": "b"}])
    text = canonicalize(OPEN.walk(given).quads).text()

    assert f'<{EX}word> "a"^^<https://www.w3.org/ns/i18n#ar_rtl> .' in text
    assert f'<{EX}word> "b" .' in text


def test_the_signature_may_cover_the_bytes_for_one_document_of_a_strict_processor() -> None:
    strict = Processor(load_with_examples)
    inline = document({"word": EX + "word"}, word="x")

    with pytest.raises(VocabularyUnknownError):
        strict.walk(inline)
    assert strict.walk(inline, open_vocabulary=True) == OPEN.walk(inline)
    with pytest.raises(VocabularyUnknownError):
        strict.walk(inline)


@pytest.mark.parametrize("error", [UnsupportedError("not pinned"), LookupError("not pinned"), KeyError("not pinned")])
def test_a_loader_says_that_a_context_is_not_pinned(error: Exception) -> None:
    def load(url: str) -> JSONObject:
        raise error

    with pytest.raises(VocabularyUnknownError):
        Processor(load).walk(badge())


def test_a_broken_installation_is_no_verdict_on_the_document() -> None:
    def load(url: str) -> JSONObject:
        raise contexts.CorruptContextError("changed on disk")

    with pytest.raises(contexts.CorruptContextError):
        Processor(load).walk(badge())


@pytest.mark.parametrize("loaded", [{}, {"@context": None}, {"@context": 5}])
def test_a_loaded_document_holds_a_context(loaded: JSONObject) -> None:
    with pytest.raises(MalformedValueError):
        Processor(lambda url: loaded).walk(badge())


def test_contexts_that_name_each_other_in_a_circle_are_refused() -> None:
    with pytest.raises(ProblemError):
        Processor(lambda url: {"@context": ["urn:self"]}).walk(badge())


def test_a_context_is_loaded_once_for_all_documents() -> None:
    loaded: list[str] = []

    def load(url: str) -> JSONObject:
        loaded.append(url)
        return contexts.load(url)

    processor = Processor(load)
    for number in range(3):
        processor.walk({**badge(), "id": f"urn:uuid:{number}"})

    assert loaded == [V2, OB]


def test_many_vocabularies_do_not_fill_the_memory() -> None:
    processor = Processor(load_with_examples, open_vocabulary=True)
    for number in range(40):
        words = {f"word{number}x{index}": "x" for index in range(1000)}
        processor.walk(document({"@vocab": EX}, **words))
    expected = OPEN.walk(badge())

    assert processor.walk(badge()) == expected


def test_an_inline_context_is_as_small_as_it_need_be() -> None:
    OPEN.walk(document({f"word{index}": f"{EX}{index}" for index in range(3000)}, word7="x"))
    with pytest.raises(TooComplexError) as caught:
        OPEN.walk(document({f"word{index}": f"{EX}{index}" for index in range(5000)}, word7="x"))
    assert caught.value.pointer == "/@context"


def test_an_inline_context_may_be_nested_only_so_deep() -> None:
    context: Any = {}
    for _ in range(100_000):
        context = {"word": {"@id": EX + "word", "@context": context}}
    with pytest.raises(TooComplexError):
        OPEN.walk(document(context, word="x"))


def test_threads_share_one_processor() -> None:
    processor = Processor(lambda url: contexts.load(url))  # a loader of its own: nothing is compiled yet
    expected = Processor(contexts.load).walk(transcript())
    results: list[Any] = []
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        results.extend(processor.walk(transcript()) for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert results == [expected] * 40
