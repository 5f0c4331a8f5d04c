"""Reading N-Quads: strictly, each term in its canonical form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credkit.errors import ParsingError
from credkit.jsonld import canonicalize, parse_nquads


@pytest.mark.spec("N-QUADS", "#n-quads-grammar")
def test_every_kind_of_term_is_read() -> None:
    text = (
        '# a comment\n\n<urn:s> <urn:p> "a"@en-US <urn:g> . # the end\n'
        '_:b1 <urn:p> "1"^^<http://www.w3.org/2001/XMLSchema#integer> _:g .\r\n'
        '<urn:s><urn:p>"a"^^<http://www.w3.org/2001/XMLSchema#string>.'
    )

    assert parse_nquads(text) == (
        ("<urn:s>", "<urn:p>", '"a"@en-US', "<urn:g>"),
        ("_:b1", "<urn:p>", '"1"^^<http://www.w3.org/2001/XMLSchema#integer>', "_:g"),
        ("<urn:s>", "<urn:p>", '"a"', ""),
    )


@pytest.mark.parametrize(
    "line",
    [
        "<urn:s> <urn:p> <urn:o>",
        '"s" <urn:p> <urn:o> .',
        "<urn:s> _:p <urn:o> .",
        "<urn:s> <urn:p> plain .",
        '<urn:s> <urn:p> "a" "b" .',
        '<urn:s> <urn:p> "a\\x" .',
        '<urn:s> <urn:p> "\\UFFFFFFFF" .',
        "<urn:s> <urn:p> <urn:o o> .",
        '<urn:s> <urn:p> "a"@ .',
        '<urn:s> <urn:p> "a"^^_:b .',
    ],
)
def test_what_is_no_statement_is_refused(line: str) -> None:
    with pytest.raises(ParsingError):
        parse_nquads(line)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=30))
def test_canonical_text_reads_back_as_itself(text: str) -> None:
    escaped = "".join(f"\\U{ord(character):08X}" for character in text)
    canonical = canonicalize(parse_nquads(f'<urn:s> <urn:p> "{escaped}" .')).text()

    assert canonicalize(parse_nquads(canonical)).text() == canonical
