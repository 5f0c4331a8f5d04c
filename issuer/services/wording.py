"""The sentences we write into records, in the office's language. They are signed, so they are few and plain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "course_description": "{title}, a course taught by {school}.",
        "course_criteria": "Taking part in the course and receiving a final grade from {school}.",
        "transcript": "School transcript, {school}",
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
        "LetterGrade": "Calificación final",
        "Percent": "Calificación final en porcentaje",
        "RawScore": "Puntuación final",
        "Status": "Estado del curso",
        "tx_code": "La escuela le entrega este código aparte de la oferta.",
    },
}


def phrase(language: str, key: str, **values: str) -> str:
    """A sentence in ``language``, with its places filled."""
    return _WORDS[language][key].format(**values)
