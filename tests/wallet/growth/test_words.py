"""What people read: short, complete in both languages, with a glossary entry for every field."""

from __future__ import annotations

import re

import pytest

from tests.wallet.growth.voices import voice
from wallet.services.growth import alertwords, glossary, growthwords, masterywords
from wallet.services.growth.standing import Limit, Standing

MOST_WORDS = 20
SENTENCES = [
    *growthwords._UP.values(), *growthwords._DOWN.values(), growthwords._NONE, growthwords._SAME, growthwords._UNKNOWN,
    *growthwords._PACE.values(), *growthwords._STEPS.values(), *growthwords._LIMITS.values(),
    *alertwords._SAID.values(), *alertwords._NEXT.values(), *masterywords.STATES.values(),
    *(text for entry in glossary.ENTRIES.values() for text in entry),
]
CODES = [*growthwords._LIMITS, "no-error", "accommodations"]


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_sentence_is_short(language: str) -> None:
    speaker = voice(language)
    for text in SENTENCES:
        for sentence in re.split(r"[.:;](?:\s|$)", speaker.gettext(text)):
            assert len(sentence.split()) <= MOST_WORDS, sentence


def test_every_sentence_is_said_in_spanish() -> None:
    spanish = voice("es")

    assert [text for text in SENTENCES if spanish.gettext(text) == text] == []


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_limit_has_a_sentence(language: str, count: int) -> None:
    said = growthwords.limit_sentences(tuple(Limit(code, count, 3) for code in CODES), voice(language))

    assert len(set(said)) == len(CODES) and all(sentence.endswith(".") and "%" not in sentence for sentence in said)


@pytest.mark.parametrize("fields", [glossary.GROWTH, glossary.STANDING, glossary.MASTERY, glossary.ALERTS])
def test_every_field_that_is_shown_has_an_entry(fields: tuple[str, ...]) -> None:
    for language in ("en", "es"):
        assert all(name and meaning for name, meaning in glossary.words_of(fields, voice(language).gettext))


def test_what_is_weak_says_so_in_both_languages() -> None:
    weak = Standing((), 0.1, "same", True, ())

    assert growthwords.standing_sentence(weak, voice("en")).endswith("Take this with care.")
    assert growthwords.standing_sentence(weak, voice("es")).endswith("Tómese con cautela.")
