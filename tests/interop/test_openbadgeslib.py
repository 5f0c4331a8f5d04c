"""Badges in pictures against PyPI openbadgeslib: its reader reads ours, and we read its, for both standards."""

from __future__ import annotations

from typing import Any

import pytest

from credkit.baking import BakedBadge, bake, unbake
from tests.credkit.baking.test_baking import JSON, JWS, PNG, SVG

theirs: Any = pytest.importorskip("openbadgeslib.baking", reason="openbadgeslib (extra interop) is not installed")
TEXTS = {"data integrity": JSON, "token": JWS}


@pytest.mark.spec("OB-3.0", "#baking")
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_openbadgeslib_reads_what_we_put_in(text: str) -> None:
    assert theirs.extract_png(bake(PNG, text), keyword=theirs.ITXT_KEYWORD_OB3) == text
    assert theirs.extract_svg(bake(SVG, text), element=theirs.SVG_ELEMENT_OB3, text_fallback=True) == text
    assert theirs.has_png(bake(PNG, text), keyword=theirs.ITXT_KEYWORD_OB3)


@pytest.mark.spec("OB-3.0", "#baking")
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_we_read_what_openbadgeslib_put_in(text: str) -> None:
    three = BakedBadge(text, "3.0")
    assert unbake(theirs.bake_png(PNG, text, "a comment", keyword=theirs.ITXT_KEYWORD_OB3)) == three
    baked = theirs.bake_svg(SVG, text, "a comment", element=theirs.SVG_ELEMENT_OB3, namespace=theirs.SVG_NS_OB3,
                            as_text=text == JSON)
    assert unbake(baked) == three


@pytest.mark.spec("OB-2.0", "#baking")
def test_we_read_what_openbadgeslib_put_in_for_open_badges_2() -> None:
    two = BakedBadge(JWS, "2.0")
    assert unbake(theirs.bake_png(PNG, JWS)) == two
    assert unbake(theirs.bake_svg(SVG, JWS)) == two
