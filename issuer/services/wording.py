"""The sentences we write into records, in the office's language. They are signed, so they are few and plain."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from babel.dates import format_date

from issuer.services import _template_words

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "course_description": "{title}, a course taught by {school}.",
        "course_criteria": "Taking part in the course and receiving a final grade from {school}.",
        "transcript": "School transcript, {school}",
        "endorsement_name": "Representative work",
        "endorsement_comment": "{comment}\n\n{teacher} chose this as representative work.",
        "reissued": "Made anew for a fresh key, as the family asked.",
        "full_record": "Full school record, {school}",
        "sent_to_school": "{school} sent a copy of the full record to {name} ({host}) on {day}. This is your own copy.",
        "LetterGrade": "Final grade",
        "Percent": "Final grade in percent",
        "RawScore": "Final score",
        "Status": "State of the course",
        "tx_code": "The school gives you this code apart from the offer.",
    },
    "es": {
        "course_description": "{title}, un curso impartido por {school}.",
        "course_criteria": "Participar en el curso y recibir una calificación final de {school}.",
        "transcript": "Expediente académico, {school}",
        "endorsement_name": "Trabajo representativo",
        "endorsement_comment": "{comment}\n\n{teacher} eligió esto como trabajo representativo.",
        "reissued": "Hecho de nuevo para una clave nueva, a petición de la familia.",
        "full_record": "Expediente escolar completo, {school}",
        "sent_to_school":
            "{school} envió una copia del expediente completo a {name} ({host}) el {day}. Esta es la copia de ustedes.",
        "LetterGrade": "Calificación final",
        "Percent": "Calificación final en porcentaje",
        "RawScore": "Puntuación final",
        "Status": "Estado del curso",
        "tx_code": "La escuela le entrega este código aparte de la oferta.",
    },
}


def phrase(language: str, key: str, **values: str) -> str:
    """A sentence in ``language``, with its places filled."""
    words = _WORDS[language]
    return (words[key] if key in words else _template_words.WORDS[language][key]).format(**values)


def day_words(language: str, day: date) -> str:
    """A day as people write it in ``language``."""
    return str(format_date(day, "long", locale=language))
