"""A wallet whose process is killed in the middle of something (security.md H09): a real child, a real SIGKILL."""

from __future__ import annotations

import hashlib
import itertools
import os
import signal
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from shutil import copytree, rmtree

from sqlalchemy import Connection, event

from credkit.ports import JSONObject
from tests.support.amount import FULL
from tests.support.world import World
from tests.wallet.family.town import record_of
from tests.wallet.support import wallet_in
from wallet.bootstrap import Services
from wallet.services.people.people import About, Draft
from wallet.services.record import contributions
from wallet.services.record.items import CREDENTIAL
from wallet.vault import OpenVault

PASSPHRASE = "a long passphrase of"
Act = Callable[[Services], None]
_WRITES = ("INSERT", "UPDATE", "DELETE")
_SOME = 3


@dataclass(frozen=True)
class Town:
    """A family's wallet as a folder that can be copied, and a session of everybody in it."""

    world: World
    folder: Path
    owner_id: str
    cookies: Mapping[str, str]

    def services(self, folder: Path | None = None) -> Services:
        """The wallet in this folder or in a copy of it."""
        return wallet_in(folder or self.folder, self.world)

    def own(self, services: Services, name: str) -> OpenVault:
        """Somebody's own space."""
        return services.vault.resume_session(self.cookies[name])

    def record(self, services: Services, name: str) -> OpenVault:
        """The child's record as somebody sees it."""
        return self.own(services, name).for_learner(self.owner_id)


def build_town(folder: Path, *people: tuple[str, str, tuple[str, ...]], years: int = 0) -> Town:
    """A mother, her child's record and ``people`` (name, role, rights), each with a session, so many years later."""
    world = World()
    town = Town(world, folder, "", {})
    services = town.services()
    own = services.vault.create(f"{PASSPHRASE} mother", login="mother").vault
    services.people.set_my_name(own, "mother")
    record = services.people.add_learner(own, About("Lucía", "2015-03-09", "America/Denver", "es"), basis="parent")
    for category in ("transcript", "supplemental-achievement", "iep"):
        key = record.new_holder_key()
        body: JSONObject = record_of("Diaz", category, category)
        record.add(CREDENTIAL, {**body, "key_method": key.verification_method}, keys=(key,))
    parties = {"mother": own}
    for name, role, rights in people:
        parties[name] = invite(services, record, name, role, *rights)
        services.people.confirm(record, next(each.item_id for each in services.people.invitations(record)))
        services.people.join(parties[name])
        if role == "tutor":
            contributions.contribute(
                parties[name].for_learner(record.owner_id), services.receiving.environment, contributions.Draft(
                    "supplemental-achievement", "note", f"by {name}", "words", name, "en"))
    world.clock.advance(days=366 * years)
    cookies = {name: services.vault.begin_session(services.vault.unlock(
        f"{PASSPHRASE} {name}", login=name, client="x")) for name in parties}
    return Town(world, folder, record.owner_id, cookies)


def invite(services: Services, record: OpenVault, name: str, role: str, *rights: str) -> OpenVault:
    """Somebody who has answered an invitation, and waits."""
    until = None if role in ("guardian", "learner") else services.clock.now() + timedelta(days=9000)
    basis = "court-order" if name == "conservator" else "parent" if role == "guardian" else "family-consent"
    token = services.people.invite(record, Draft(name, role, frozenset(rights), basis, until))
    newcomer = services.vault.register(name, f"{PASSPHRASE} {name}").vault
    services.people.answer(newcomer, token, name)
    return newcomer


def killed_copies(town: Town, target: Path, act: Act) -> Iterator[Services]:
    """A copy of the wallet for each moment at which a process was killed that was doing ``act``.

    A moment is before a statement that writes, or before a commit. Of moments in a row with the same files, to the
    byte, one is taken. `make test` takes some of these, `make full` all.
    """
    moments = _moments(town, _fresh(town, target), act)
    assert len(moments) > 1
    some = {0, *(round((len(moments) - 1) * part / _SOME) for part in range(1, _SOME + 1))}
    for moment in moments if FULL else [moments[index] for index in sorted(some)]:
        copy = _fresh(town, target)
        status = _in_child(town, copy, act, _killer(moment))
        assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, (moment, moments, status)
        yield town.services(copy)


def _fresh(town: Town, target: Path) -> Path:
    rmtree(target, ignore_errors=True)
    return Path(copytree(town.folder, target))


def _killer(moment: int) -> Callable[[int], None]:
    def tick(passed: int) -> None:
        if passed == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    return tick


def _moments(town: Town, copy: Path, act: Act) -> list[int]:
    """The moments, from 1, at which the files are others than at the one before."""
    (read, write), seen = os.pipe(), b""

    def tick(passed: int) -> None:
        nonlocal seen
        found = _contents(copy)
        if found != seen:
            os.write(write, f"{passed} ".encode())
        seen = found

    status = _in_child(town, copy, act, tick)
    os.close(write)
    with os.fdopen(read) as told:
        assert status == 0
        return [int(moment) for moment in told.read().split()]


def _contents(folder: Path) -> bytes:
    """A digest of all files; not of what SQLite works out again when it opens them."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.endswith("-shm"):
            digest.update(f"{path.relative_to(folder)} {path.stat().st_size} ".encode() + path.read_bytes())
    return digest.digest()


def _in_child(town: Town, copy: Path, act: Act, tick: Callable[[int], object]) -> int:
    """The wait status of a child that opens the wallet and does ``act``, with ``tick`` at each moment, from 1."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    try:
        services, moments = town.services(copy), itertools.count(1)

        def commit(_connection: Connection) -> None:
            tick(next(moments))

        def before(_connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
            if statement.startswith(_WRITES):
                tick(next(moments))

        engine = services.people.store._engine
        event.listen(engine, "before_cursor_execute", before)
        event.listen(engine, "commit", commit)
        act(services)
        os._exit(0)
    finally:  # a child never goes on with the tests
        traceback.print_exc()
        os._exit(3)
