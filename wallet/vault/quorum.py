"""Sharing a secret out so that some of many can put it together again; the one door to ``shamir_mnemonic``."""

from __future__ import annotations

from collections.abc import Iterable

from shamir_mnemonic import MnemonicError, combine_mnemonics, generate_mnemonics
from shamir_mnemonic.share import Share

from credkit.errors import RangeValueError, WrongSecret

MOST = 16
LEAST = 2


def split(secret: bytes, *, threshold: int, shares: int) -> tuple[str, ...]:
    """``shares`` lines of 33 words, any ``threshold`` of which make ``secret`` (32 bytes) again.

    Raises:
        RangeValueError: fewer than two are needed, more than there are, or more than 16 shares.

    Spec: SLIP-0039 #shamirs-secret-sharing
    """
    if not LEAST <= threshold <= shares <= MOST:
        raise RangeValueError("at least two people are needed, and not more than are chosen")
    return tuple(generate_mnemonics(1, [(threshold, shares)], secret, iteration_exponent=0)[0])


def combine(shares: Iterable[str]) -> bytes:
    """The secret, if enough shares of one splitting are among these; others' shares are left aside.

    Raises:
        WrongSecret: there are not enough, or they do not fit together.
    """
    kinds: dict[tuple[object, ...], dict[int, str]] = {}
    for words in shares:
        try:
            share = Share.from_mnemonic(words)
        except (MnemonicError, ValueError):
            continue
        kinds.setdefault((*share.common_parameters(), share.member_threshold), {})[share.index] = words
    for (*_, threshold), found in kinds.items():
        if isinstance(threshold, int) and len(found) >= threshold:
            try:
                return bytes(combine_mnemonics([found[index] for index in sorted(found)[:threshold]]))
            except (MnemonicError, ValueError):
                continue
    raise WrongSecret("Not enough people have agreed yet.")
