"""Telling a story at a terminal: each step, what each party saw, and whether it came out as told."""

from __future__ import annotations

import sys
from typing import Any

from demo.town import StoryError, Town

SYMBOLS = {"passed": "✓", "failed": "✕", "indeterminate": "?"}


class Narrator:
    """Prints each step and what each party saw."""

    def __init__(self) -> None:
        self._steps = 0
        self._logins: list[tuple[str, str, str]] = []

    def step(self, sentence: str) -> None:
        """Begin a step."""
        self._steps += 1
        print(f"\n{self._steps}. {sentence}", flush=True)

    def saw(self, who: str, what: str) -> None:
        """What a party saw in this step."""
        print(f"   {who}: {what}", flush=True)

    def read(self, who: str, printed: str, *, most: int = 12) -> None:
        """The words that a command printed for a party, the first ``most`` lines of them."""
        lines = [line.rstrip() for line in printed.removeprefix("\ufeff").splitlines() if line.strip()]
        for line in lines[:most]:
            self.saw(who, line)
        if len(lines) > most:
            self.saw(who, "…")

    def facts(self, who: str, printed: str, *, most: int = 24) -> None:
        """``read``, without the lines on single checks that passed."""
        first, *others = printed.splitlines() or [""]
        lines = [line for line in others if not line.lstrip().startswith(SYMBOLS["passed"])]
        self.read(who, "\n".join([first, *lines]), most=most)

    def checks(self, who: str, report: dict[str, Any]) -> None:
        """A report, check by check."""
        marks = "  ".join(f"{SYMBOLS[check['outcome']]} {check['id']}" for check in report["checks"])
        self.saw(who, marks)
        for check in report["checks"]:
            if check["outcome"] != "passed" and "problem" in check:
                self.saw(who, f"{check['id']}: {check['problem']['detail']}")

    def introduce(self, name: str, login: str, passphrase: str) -> None:
        """Somebody else who can sign in to the wallet when the story is told."""
        self._logins.append((name, login, passphrase))

    def addresses(self, town: Town) -> None:
        """Where to look, and how to sign in."""
        print("\nEverything came out as told. Look for yourself:")
        for party in town.parties:
            if party.server is None:
                print(f"   {party.name:<28} {party.origin}   (closed in the story)")
                continue
            login = f"passphrase {party.password}" if party.module == "wallet" else f"operator / {party.password}"
            print(f"   {party.name:<28} {party.origin}   {login}")
            if party.module == "wallet":
                for name, login, passphrase in self._logins:
                    print(f"     {name:<26} signs in there as {login}, passphrase {passphrase}")

    def broken(self, error: StoryError) -> None:
        """The story did not come out as told."""
        print(f"\nThis did not come out as told: {error}", file=sys.stderr, flush=True)


def expect(holds: bool, sentence: str) -> None:
    """Stop the story unless ``holds``.

    Raises:
        StoryError: with the sentence.
    """
    if not holds:
        raise StoryError(sentence)


def open_doors(town: Town, narrator: Narrator, sentence: str) -> None:
    """The first step of every story: found every office, start every server."""
    narrator.step(sentence)
    town.open()
    for party in town.parties:
        narrator.saw(party.name, party.origin)
