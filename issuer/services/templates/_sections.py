"""Records in sections of text: each is a result of its own, so that a family can show the goals and nothing else."""

from __future__ import annotations

from issuer.services.templates._template import Answers, Measure, Words


def sections(answers: Answers, words: Words, *names: str) -> tuple[Measure, ...]:
    """One result for each of these answers that is not empty."""
    return tuple(Measure(name.replace("_", "-"), words(f"section_{name}"), "Result", answers.get(name))
                 for name in names if answers.get(name))
