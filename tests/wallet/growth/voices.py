"""A reader for the tests of sentences: English or Spanish, plain numbers, signers by the names they claim."""

from __future__ import annotations

from tests.support.shared import ROOT
from ui.languages import load_translations
from wallet.services.growth.voice import Voice


def voice(language: str = "en") -> Voice:
    return Voice(
        load_translations(language, [ROOT / "wallet" / "web" / "translations"]), day=lambda day: day.isoformat(),
        month=lambda day: day.isoformat()[:7], number=lambda value: f"{float(value):g}", short=lambda text: text[:40],
        names=lambda issuer: issuer.name)
