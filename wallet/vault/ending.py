"""Leaving a record, deleting one, deleting a party: what the devices of everybody else can tell from a loss."""

from __future__ import annotations

from datetime import datetime

from credkit.shape import format_date_time
from wallet.vault.chain import remove_link
from wallet.vault.items import POINTER, Learner, OpenVault
from wallet.vault.space import Draft


def leave(vault: OpenVault, now: datetime) -> None:
    """Take the unlocked party itself out of the record: it loses every wrap, and what only it could open goes."""
    me = vault.party_id

    def act(draft: Draft) -> bool:
        link, draft.chain = remove_link(draft.chain, me, by=me, at=format_date_time(now), signer=vault._keys.signer)
        draft.links.append(link)
        draft.removed = me
        for item_id, line in list(draft.lines.items()):
            rest = tuple(name for name in line.recipients if name != me)
            draft.lines[item_id] = line._replace(recipients=rest)
            if not rest:
                del draft.lines[item_id]
                draft.deleted.append(item_id)
        return True

    vault._space.change(act)
    forget(vault, vault.owner_id)


def end_record(vault: OpenVault, now: datetime) -> None:
    """Delete the record: everything in it, for everybody.

    Raises:
        StateError: this party may not decide who belongs to it.
    """
    vault._check_steward()
    vault._space.end(now)
    if vault.owner_id != vault.party_id:
        forget(vault, vault.owner_id)
    vault.scrub()


def forget(vault: OpenVault, owner_id: str) -> None:
    """Keep no longer, in the party's own space, that it belonged to a record."""
    personal = vault.personal()
    for entry in personal.known(POINTER):
        item = personal.read(entry.id, POINTER)
        if item.body["owner_id"] == owner_id:
            personal.erase(item)


def ended_records(vault: OpenVault) -> tuple[Learner, ...]:
    """The records the party belonged to that were deleted since, as their signed chains say.

    Raises:
        SealBroken, OlderCopy: a chain was changed or cut.
    """
    personal = vault.personal()
    return tuple(Learner(pointer.body["owner_id"], pointer.body["label"]) for pointer in personal._pointers()
                 if personal._opened(pointer.body)._space.is_ended())


def delete_party(vault: OpenVault) -> None:
    """Delete the unlocked party with its own space; it belongs to no record of others any more."""
    store = vault._means.store
    store.delete_party(vault.party_id)
    store.scrub()
