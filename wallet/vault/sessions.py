"""Unlocking, and what an unlocked browser session is: a master key sealed under a key that only its cookie holds."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from credkit.encoding import base64url_decode, base64url_encode, sha256
from credkit.errors import ParsingError, SealBroken, VaultLocked
from credkit.ports import Clock, Randomness
from wallet.store import SessionRow, Store
from wallet.vault.items import OpenVault, Summarize
from wallet.vault.methods.passphrase import Cost
from wallet.vault.parties import create_party, open_party, open_slot
from wallet.vault.sealing import seal, unseal

_TRY_WINDOW_S = 15 * 60
_TRIES_PER_CLIENT = 10
_TRIES_OVERALL = 60


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
    """

    def __init__(self, store: Store, clock: Clock, randomness: Randomness, summarize: Summarize, *,
                 idle_s: int, cost: Cost) -> None:
        self._store = store
        self._clock = clock
        self._randomness = randomness
        self._summarize = summarize
        self._idle_s = idle_s
        self._cost = cost

    @property
    def idle_s(self) -> int:
        """Seconds after which an unused session ends."""
        return self._idle_s

    def is_set_up(self) -> bool:
        """Whether somebody has made a passphrase."""
        return bool(self._store.parties())

    def create(self, passphrase: str) -> Unlocked:
        """Make the first party and unlock it.

        Raises:
            RangeValueError: the passphrase is quickly guessed.
            StateError: there is a party already.
        """
        return self._unlocked(*create_party(self._store, passphrase, cost=self._cost, clock=self._clock,
                                            randomness=self._randomness))

    def unlock(self, passphrase: str, *, client: str) -> Unlocked:
        """Open the vault with a passphrase.

        Args:
            client: Who tries, e.g. a network address; counted as a hash.

        Raises:
            VaultLocked: no passphrase has been made yet.
            TooManyTries: 10 wrong ones from this client, or 60 from anywhere, within 15 minutes.
            WrongSecret: wrong passphrase.
            SealBroken: the stored lock or keys were changed.
        """
        parties = self._store.parties()
        if not parties:
            raise VaultLocked("this backpack has no passphrase yet")
        party_id = parties[0].id
        attempt = self._store.begin_try(
            party_id, base64url_encode(sha256(client.encode("utf-8"))[:16]), now=self._now(), window_s=_TRY_WINDOW_S,
            per_client=_TRIES_PER_CLIENT, overall=_TRIES_OVERALL)
        if not attempt:
            raise TooManyTries("There were too many wrong tries. Wait 15 minutes, then try again.")
        unlocked = self._unlocked(party_id, open_slot(self._store, party_id, passphrase))
        self._store.forgive(attempt)
        return unlocked

    def _unlocked(self, party_id: str, master: bytes) -> Unlocked:
        keys = open_party(self._store, party_id, master)
        return Unlocked(OpenVault(self._store, keys, self._randomness, self._summarize), master)

    def begin_session(self, unlocked: Unlocked) -> str:
        """Keep ``unlocked`` for one browser; returns the secret for its cookie, which is stored nowhere else."""
        secret = self._randomness.token_bytes(32)
        session_id, party_id = _session_id(secret), unlocked.vault.party_id
        sealed = seal(_session_key(secret), unlocked._master, ("session", session_id, party_id), self._randomness)
        now = self._now()
        self._store.add_session(SessionRow(session_id, party_id, sealed, now + self._idle_s), now=now)
        return base64url_encode(secret)

    def resume_session(self, cookie: str, *, keep_open: bool = True) -> OpenVault:
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
            vault = self._unlocked(row.party_id, master).vault
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


def _secret_of(cookie: str) -> bytes:
    try:
        secret = base64url_decode(cookie)
    except ParsingError as error:
        raise VaultLocked("the backpack is locked") from error
    if len(secret) != 32:
        raise VaultLocked("the backpack is locked")
    return secret


def _session_id(secret: bytes) -> str:
    return base64url_encode(sha256(b"backpack-session-id" + secret))


def _session_key(secret: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"backpack-session-key").derive(secret)
