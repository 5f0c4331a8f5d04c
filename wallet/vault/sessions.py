"""Unlocking, and what an unlocked browser session is: a master key sealed under a key that only its cookie holds."""

from __future__ import annotations

import hmac
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from credkit.encoding import base64url_decode, base64url_encode, sha256
from credkit.errors import ParsingError, RangeValueError, SealBroken, StateError, VaultLocked, WrongSecret
from credkit.ports import Clock, Randomness
from wallet.store import SessionRow, Store
from wallet.vault.backup import Saved, restore
from wallet.vault.index import Summarize
from wallet.vault.items import Entitle, Everybody, Means, OpenVault
from wallet.vault.manifest import Counters, NoCounters, OlderCopy
from wallet.vault.methods.passphrase import Cost
from wallet.vault.parties import create_party, open_party, open_slot, waste_a_guess
from wallet.vault.sealing import seal, unseal

_TRY_WINDOW_S = 15 * 60
_TRIES_PER_CLIENT = 10
_TRIES_OVERALL = 60
FIRST_LOGIN: Final = "me"


class TooManyTries(VaultLocked):
    """Too many wrong passphrases; also the right one must wait (security.md F08)."""

    code = "too_many_tries"


@dataclass(frozen=True, repr=False)
class Unlocked:
    """A vault opened in this process, with what a session needs to open it again."""

    vault: OpenVault
    _master: bytes


class Vault:
    """The locked vault: it makes parties, unlocks, and keeps sessions.

    Args:
        idle_s: A session not used for so many seconds ends.
        cost: What one guess at a new passphrase costs.
        summarize: Type and body of an item → its line in lists.
        login_key: Hashes the names people sign in with; it lies outside the database.
        entitle: Who may open what.
    """

    def __init__(self, store: Store, clock: Clock, randomness: Randomness, summarize: Summarize, *,
                 idle_s: int, cost: Cost, login_key: bytes, entitle: Entitle = Everybody) -> None:
        self._store = store
        self._clock = clock
        self._randomness = randomness
        self._summarize = summarize
        self._entitle = entitle
        self._idle_s = idle_s
        self._cost = cost
        self._login_key = login_key

    @property
    def idle_s(self) -> int:
        """Seconds after which an unused session ends."""
        return self._idle_s

    @property
    def cost(self) -> Cost:
        """What one guess at a new passphrase costs."""
        return self._cost

    def is_set_up(self) -> bool:
        """Whether somebody has made a passphrase."""
        return bool(self._store.parties())

    def asks_for_login(self) -> bool:
        """Whether several people use it, so that each has to say who they are."""
        return len(self._store.parties()) > 1

    def create(self, passphrase: str, *, login: str = FIRST_LOGIN) -> Unlocked:
        """Make the first party and unlock it.

        Raises:
            RangeValueError: the passphrase is quickly guessed.
            StateError: there is a party already.
        """
        return self._create(login, passphrase, first=True)

    def register(self, login: str, passphrase: str) -> Unlocked:
        """Make a further party; it belongs to nobody's record until it is admitted.

        Raises:
            RangeValueError: the passphrase is quickly guessed, or the name is empty or too long.
            StateError: the name is taken.
        """
        if not 2 <= len(_plain_login(login)) <= 100:
            raise RangeValueError("a name to sign in with has 2 to 100 characters")
        return self._create(login, passphrase, first=False)

    def _create(self, login: str, passphrase: str, *, first: bool) -> Unlocked:
        return self._unlocked(*create_party(
            self._store, self._login(login), passphrase, first=first, cost=self._cost, clock=self._clock,
            randomness=self._randomness), NoCounters())

    def party_called(self, login: str) -> str | None:
        """The id of the party that signs in with this name, or None; where there is one only, any name is theirs."""
        parties = self._store.parties()
        named = self._store.party_with_login(self._login(login)) if len(parties) != 1 else parties[0]
        return named.id if named else None

    def restore(self, saved: Saved, passphrase: str, *, login: str = FIRST_LOGIN) -> Unlocked:
        """Put a backup into an empty wallet and unlock it.

        Raises:
            StateError: there is a party already; nothing was changed.
        """
        return self._unlocked(*restore(
            self._store, saved, self._login(login), passphrase, cost=self._cost, now=self._clock.now(),
            randomness=self._randomness), NoCounters())

    def rename(self, vault: OpenVault, login: str) -> None:
        """Change the name a party signs in with.

        Raises:
            RangeValueError: it is empty or too long.
            StateError: it is taken.
        """
        if not 2 <= len(_plain_login(login)) <= 100:
            raise RangeValueError("a name to sign in with has 2 to 100 characters")
        if not self._store.set_login(vault.party_id, self._login(login)):
            raise StateError("This name is taken. Choose another.")

    def unlock(self, passphrase: str, *, client: str, login: str | None = None, party_id: str | None = None,
               counters: Counters | None = None) -> Unlocked:
        """Open the vault with a passphrase.

        Args:
            login: Who it is; left out, it is the only party, or the first one, who need not choose a name.
            party_id: Who it is, where a passkey has said so.
            client: Who tries, e.g. a network address; counted as a hash.
            counters: Where the last state seen is kept.

        Raises:
            VaultLocked: no passphrase has been made yet.
            TooManyTries: 10 wrong ones from this client, or 60 from anywhere, within 15 minutes.
            WrongSecret: wrong passphrase or nobody of that name: one answer, and the same work.
            SealBroken: the stored lock or keys, or the party's own space, were changed.
        """
        parties = self._store.parties()
        if not parties:
            raise VaultLocked("this backpack has no passphrase yet")
        named = self._store.party(party_id) if party_id else None
        only = parties[0] if len(parties) == 1 and not login else None
        hashed = (named or only).login if named or only else self._login(login or FIRST_LOGIN)  # type: ignore[union-attr]
        attempt = self.count_try(hashed, client)
        party = named or self._store.party_with_login(hashed)
        if party is None:
            waste_a_guess(passphrase, self._cost, self._randomness)
            raise WrongSecret("This passphrase does not open the backpack. Check the spelling.")
        unlocked = self._unlocked(party.id, open_slot(self._store, party.id, passphrase), counters or NoCounters())
        self._store.forgive(attempt)
        check_at_first_look(unlocked)
        return unlocked

    def count_try(self, name: str, client: str) -> int:
        """Count a guess before it is made; returns its number, to be forgiven if it was right.

        Raises:
            TooManyTries: 10 from this client, or 60 from anywhere, within 15 minutes.
        """
        attempt = self._store.begin_try(
            name, base64url_encode(sha256(client.encode("utf-8"))[:16]), now=self._now(), window_s=_TRY_WINDOW_S,
            per_client=_TRIES_PER_CLIENT, overall=_TRIES_OVERALL)
        if not attempt:
            raise TooManyTries("There were too many wrong tries. Wait 15 minutes, then try again.")
        return attempt

    def master_of(self, party_id: str, passphrase: str, client: str) -> bytes:
        """The master key of an unlocked party that says its passphrase again, for ``wallet.vault`` alone.

        Raises:
            WrongSecret, TooManyTries: it is not the passphrase.
        """
        attempt = self.count_try(party_id, client)
        master = open_slot(self._store, party_id, passphrase)
        self._store.forgive(attempt)
        return master

    def check_passphrase(self, vault: OpenVault, passphrase: str, client: str) -> None:
        """Go on only if who sits here says the passphrase again: before what is hard to undo.

        Raises:
            WrongSecret, TooManyTries: it is not the passphrase.
        """
        self.master_of(vault.party_id, passphrase, client)

    def _unlocked(self, party_id: str, master: bytes, counters: Counters) -> Unlocked:
        keys = open_party(self._store, party_id, master)
        means = Means(self._store, self._randomness, self._summarize, self._entitle, counters, self._clock)
        return Unlocked(OpenVault(means, keys), master)

    def _login(self, login: str) -> str:
        return base64url_encode(hmac.digest(self._login_key, _plain_login(login).encode("utf-8", "surrogatepass"),
                                            "sha256"))

    def begin_session(self, unlocked: Unlocked) -> str:
        """Keep ``unlocked`` for one browser; returns the secret for its cookie, which is stored nowhere else."""
        secret = self._randomness.token_bytes(32)
        session_id, party_id = _session_id(secret), unlocked.vault.party_id
        sealed = seal(_session_key(secret), unlocked._master, ("session", session_id, party_id), self._randomness)
        now = self._now()
        self._store.add_session(SessionRow(session_id, party_id, sealed, now + self._idle_s), now=now)
        return base64url_encode(secret)

    def resume_session(self, cookie: str, *, keep_open: bool = True, counters: Counters | None = None) -> OpenVault:
        """The vault of a session that has not ended; using it moves its end.

        Args:
            keep_open: False for a look that is not use (a script asking how long is left).

        Raises:
            VaultLocked: no such session, idle too long, or locked.
            SealBroken: what is stored for it was changed.
        """
        secret = _secret_of(cookie)
        row = self._store.session(_session_id(secret), now=self._now())
        if row is None:
            raise VaultLocked("the backpack is locked")
        try:
            master = unseal(_session_key(secret), row.sealed_master, ("session", row.id, row.party_id))
            vault = self._unlocked(row.party_id, master, counters or NoCounters()).vault
        except SealBroken:
            self._store.delete_session(row.id)
            raise
        if keep_open and row.expires_at - self._now() < self._idle_s - 5:
            self._store.extend_session(row.id, self._now() + self._idle_s)
        return vault

    def seconds_left(self, cookie: str) -> int:
        """Seconds until a session ends if it is not used; 0 if it has ended. Looking is not using."""
        try:
            row = self._store.session(_session_id(_secret_of(cookie)), now=self._now())
        except VaultLocked:
            return 0
        return max(0, row.expires_at - self._now()) if row is not None else 0

    def end_session(self, cookie: str) -> None:
        """Lock now: the sealed key is deleted. A session that is unknown or over is no error."""
        try:
            self._store.delete_session(_session_id(_secret_of(cookie)))
        except VaultLocked:
            return

    def _now(self) -> int:
        return int(self._clock.now().timestamp())


def check_at_first_look(unlocked: Unlocked) -> None:
    """The party's own space is in order; an older copy stops whoever looks into it, not who comes to decide about it.

    Raises:
        SealBroken: it was changed.
    """
    with suppress(OlderCopy):
        unlocked.vault.members()


def _plain_login(login: str) -> str:
    """Names that a person would call the same are the same."""
    return " ".join(unicodedata.normalize("NFKC", login).casefold().split())


def _secret_of(cookie: str) -> bytes:
    try:
        secret = base64url_decode(cookie)
    except ParsingError as error:
        raise VaultLocked("the backpack is locked") from error
    if len(secret) != 32:
        raise VaultLocked("the backpack is locked")
    return secret


def session_name(cookie: str) -> str:
    """The name under which the session of a cookie lies.

    Raises:
        VaultLocked: it is no such cookie.
    """
    return _session_id(_secret_of(cookie))


def _session_id(secret: bytes) -> str:
    return base64url_encode(sha256(b"backpack-session-id" + secret))


def _session_key(secret: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"backpack-session-key").derive(secret)
