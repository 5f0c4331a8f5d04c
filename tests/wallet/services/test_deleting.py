"""Deleting is real: rows, keys, files, everybody's index, links, and the very bytes; and it tells outsiders nothing."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from credkit.errors import StateError
from credkit.protocols import share_link
from tests.support.world import World
from tests.wallet.household import child_of, environment_of, let_in, take
from tests.wallet.offices import OfferingSchool
from tests.wallet.support import PASSPHRASE
from wallet.bootstrap import Services
from wallet.services import activity
from wallet.services.record import comments, contributions, deleting, files, hiding, library, portfolio, unverified
from wallet.services.record.files import NewFile
from wallet.services.record.items import COMMENT, CREDENTIAL, FILE, SHARE, UNVERIFIED
from wallet.services.sharing import bundles
from wallet.services.sharing.bundles import Chosen, Purpose
from wallet.services.sharing.shares import Handed
from wallet.vault import Counters, OlderCopy, OpenVault

PICTURE = NewFile("bridge.jpg", "image/jpeg", b"\xff\xd8\xff\xe0 a bridge of matches")


@dataclass
class Memory:
    """A browser's memory of what it saw (``wallet.vault.Counters``)."""

    seen: dict[str, tuple[int, str]]

    def last_seen(self, owner_id: str) -> tuple[int, str] | None:
        return self.seen.get(owner_id)

    def see(self, owner_id: str, counter: int, digest: str) -> None:
        self.seen[owner_id] = (counter, digest)


def database(services: Services) -> Path:
    return services.config.data / "wallet.sqlite3"


def on_disk(services: Services) -> bytes:
    """Every file of the wallet: database, its log, keys."""
    return b"".join(path.read_bytes() for path in sorted(services.config.data.rglob("*")) if path.is_file())


def bytes_of(services: Services, item_ids: Iterable[str]) -> list[bytes]:
    """What lies in the database for these items and nothing else: sealed content, and each key to it."""
    found: list[bytes] = []
    with closing(sqlite3.connect(database(services))) as connection:
        for item_id in item_ids:
            for (sealed,) in connection.execute("SELECT ciphertext FROM items WHERE id = ?", (item_id,)):
                found += [sealed[:32], sealed[len(sealed) // 2:][:32], sealed[-32:]]
            for (jwe,) in connection.execute("SELECT jwe FROM wraps WHERE item_id = ?", (item_id,)):
                found += [jwe[-64:-32].encode(), jwe[-32:].encode()]
    assert found
    return found


def hits(services: Services, canaries: Iterable[bytes]) -> int:
    disk = on_disk(services)
    return sum(disk.count(canary) for canary in canaries)


def first_of(vault: OpenVault, title: str) -> str:
    return next(card.item_id for card in library.shelf(vault).all() if card.title == title)


def hand_out(services: Services, vault: OpenVault, *titles: str, to: str = "Roosevelt School") -> Handed:
    named = {choice.title: choice.key for choice in bundles.choices(vault)}
    purpose = Purpose(to, "To enrol", services.clock.now() + timedelta(days=30), "en")
    draft = bundles.draft(vault, services.sharing.environment, [Chosen(named[title], frozenset()) for title in titles],
                          purpose)
    return services.sharing.hand_out(vault, draft, seen_digest=draft.digest, form="link")


def comment_on(services: Services, vault: OpenVault, item_id: str, words: str = "We moved twice.") -> str:
    return comments.comment(vault, environment_of(services), item_id, comments.Draft(
        words, "Ana Núñez, mother", "en", travels=True))


def delete(services: Services, vault: OpenVault, what: deleting.What, item_id: str, part: str = "") -> None:
    deleting.delete(vault, environment_of(services), what, item_id, part)


@pytest.fixture
def child(services: Services, vault: OpenVault, school: OfferingSchool, world: World) -> OpenVault:
    """A child's backpack with three courses, and somebody who helps with one kind of record."""
    child = child_of(services, vault)
    take(services, child, school.offer(*(school.course(index, name) for index, name in (
        (1, "Biology"), (2, "Algebra"), (3, "History")))))
    world.clock.advance(minutes=1)
    return child


def test_a_record_goes_with_its_comments_and_links_to_the_last_byte(services: Services, child: OpenVault) -> None:
    tutor = let_in(services, child, "tutor", "read:transcript")
    item_id, kept = first_of(child, "Biology"), first_of(child, "Algebra")
    comment_id = comment_on(services, child, item_id)
    handed, other = hand_out(services, child, "Biology"), hand_out(services, child, "Algebra", to="A college")
    assert [card.title for card in library.shelf(tutor).all()].count("Biology") == 1  # so that an index names it
    indexes = [f"index.{party}.{child.owner_id}" for party in (child.party_id, tutor.party_id)]
    gone = bytes_of(services, (item_id, comment_id, handed.share_id))
    old_indexes = bytes_of(services, indexes)
    assert hits(services, gone) >= len(gone) and hits(services, old_indexes) >= len(old_indexes)

    going = deleting.look(child, environment_of(services), "record", item_id)
    delete(services, child, "record", item_id)

    assert (going.title, going.comments, going.shares, going.others) == ("Biology", 1, ("Roosevelt School",), 1)
    assert going.signed_elsewhere
    assert hits(services, [*gone, *old_indexes]) == 0
    assert hits(services, bytes_of(services, (kept, other.share_id))) > 0
    for vault in (child, tutor, services.vault.unlock(PASSPHRASE, client="x").vault.for_learner(child.owner_id)):
        assert "Biology" not in [card.title for card in library.shelf(vault).all()]
        with pytest.raises(StateError):
            vault.read(item_id, CREDENTIAL)
    assert child.entries(COMMENT) == () and [entry.id for entry in child.entries(SHARE)] == [other.share_id]


def test_the_link_to_a_deleted_record_answers_as_one_that_never_was(services: Services, child: OpenVault) -> None:
    link, other = hand_out(services, child, "Biology").link, hand_out(services, child, "Algebra").link
    assert link is not None and other is not None
    assert services.sharing.open_link(link.id, link.access) is not None
    delete(services, child, "record", first_of(child, "Biology"))

    never = share_link.new_share_link(services.config.origin, environment_of(services).randomness)
    answers = [services.sharing.open_link(each.id, each.access) for each in (link, never)]
    assert answers == [None, None]
    assert services.sharing.open_link(other.id, other.access) is not None


def test_the_log_tells_that_something_was_deleted_and_not_what(services: Services, child: OpenVault) -> None:
    before = len(activity.lines(child))
    delete(services, child, "record", first_of(child, "Biology"))

    line, *_older = activity.lines(child)
    assert (line.kind, line.state, line.titles, line.name, line.actor) == (
        "deleted", "record", (), "", child.party_id)
    assert len(activity.lines(child)) == before + 1
    body = child.read(line.id, "activity").body
    assert "Biology" not in repr(body) and activity.check_chain(child) == len(activity.lines(child))


def test_all_copies_of_a_record_go_so_that_none_comes_to_light_again(
        services: Services, child: OpenVault, school: OfferingSchool) -> None:
    body = child.read(first_of(child, "Biology"), CREDENTIAL).body
    child.add(CREDENTIAL, {**body, "received_at": "2020-01-01T00:00:00Z"})

    delete(services, child, "record", first_of(child, "Biology"))

    assert "Biology" not in [card.title for card in library.shelf(child).all()]
    assert all(entry.summary["title"] != "Biology" for entry in child.entries(CREDENTIAL))


def test_a_comment_stays_as_long_as_a_transcript_holds_what_it_is_about(
        services: Services, child: OpenVault, school: OfferingSchool) -> None:
    take(services, child, school.offer(school.transcript((1, "Biology", "A"), (9, "Chemistry", "B"))))
    transcript = next(card for card in library.shelf(child).all() if card.kind == "transcript")
    comment_id = comment_on(services, child, first_of(child, "Biology"))

    going = deleting.look(child, environment_of(services), "record", first_of(child, "Biology"))
    delete(services, child, "record", first_of(child, "Biology"))
    assert going.stays_in == (transcript.title,) and going.comments == 0
    assert [entry.id for entry in child.entries(COMMENT)] == [comment_id]

    delete(services, child, "record", transcript.item_id)
    assert child.entries(COMMENT) == ()


@pytest.mark.parametrize("by", ["its own rule", "its category"])
def test_what_was_hidden_stays_hidden_in_the_transcript(
        services: Services, child: OpenVault, school: OfferingSchool, by: str) -> None:
    take(services, child, school.offer(school.transcript((1, "Biology", "A"), (9, "Chemistry", "B"))))
    item_id = first_of(child, "Biology")
    if by == "its own rule":
        hiding.hide_record(child, services.clock, item_id, "never")
    else:
        hiding.choose_category(child, services.clock, item_id, "services")
    before = {choice.title for choice in bundles.choices(child)}
    assert "Biology" not in before

    going = deleting.look(child, environment_of(services), "record", item_id)
    delete(services, child, "record", item_id)

    assert len(going.hides) == 1
    assert {choice.title for choice in bundles.choices(child)} <= before


def test_what_nobody_outside_could_see_is_missed_by_nobody_outside(services: Services, child: OpenVault) -> None:
    hiding.hide_record(child, services.clock, first_of(child, "Biology"), "never")
    before = [vars(choice) for choice in bundles.choices(child)]

    delete(services, child, "record", first_of(child, "Biology"))

    assert [vars(choice) for choice in bundles.choices(child)] == before


def test_a_piece_goes_with_its_files_and_a_file_goes_alone(services: Services, child: OpenVault) -> None:
    piece = portfolio.add(child, environment_of(services), title="A bridge", words="It held.", name="Daniela",
                          language="en", works=[PICTURE, NewFile("b.jpg", "image/jpeg", PICTURE.data + b"2")])
    first, second = (work.file_id for work in portfolio.works_of(child, piece))
    gone = bytes_of(services, (first,))

    assert deleting.look(child, environment_of(services), "work", piece, first).title == "bridge.jpg"
    delete(services, child, "work", piece, first)
    assert hits(services, gone) == 0
    assert [work.file_id for work in portfolio.works_of(child, piece)] == [second]
    with pytest.raises(StateError):
        delete(services, child, "work", piece, first)

    gone = bytes_of(services, (piece, second))
    assert not deleting.look(child, environment_of(services), "record", piece).signed_elsewhere
    delete(services, child, "record", piece)
    assert hits(services, gone) == 0 and portfolio.pieces(child) == () and child.entries(FILE) == ()


def test_a_paper_goes_with_its_file(services: Services, child: OpenVault) -> None:
    paper_id = unverified.keep(child, environment_of(services), title="Report card 2019", note="", name="card.pdf",
                               media_type="application/pdf", data=b"%PDF-1.7 and more")
    gone = bytes_of(services, [paper_id, *(entry.id for entry in child.entries(FILE))])

    delete(services, child, "paper", paper_id)

    assert hits(services, gone) == 0 and child.entries(UNVERIFIED) == () == child.entries(FILE)
    assert activity.lines(child)[0].titles == ()


def test_a_comment_goes_with_what_carried_it_out(services: Services, child: OpenVault) -> None:
    comment_id = comment_on(services, child, first_of(child, "Biology"))
    handed, other = hand_out(services, child, "Biology"), hand_out(services, child, "Algebra")
    gone = bytes_of(services, (comment_id, handed.share_id))

    delete(services, child, "comment", comment_id)

    assert hits(services, gone) == 0 and child.entries(COMMENT) == ()
    assert handed.link is not None and services.sharing.open_link(handed.link.id, handed.link.access) is None
    assert [entry.id for entry in child.entries(SHARE)] == [other.share_id]


def test_what_was_handed_out_goes_with_its_link(services: Services, child: OpenVault) -> None:
    handed = hand_out(services, child, "Biology")
    with closing(sqlite3.connect(database(services))) as connection:
        sealed = connection.execute("SELECT sealed FROM shares").fetchone()[0]
    gone = [*bytes_of(services, (handed.share_id,)), sealed[:32], sealed[-32:]]
    assert hits(services, gone) >= len(gone)

    delete(services, child, "share", handed.share_id)

    assert hits(services, gone) == 0
    assert services.sharing.shares(child) == () and first_of(child, "Biology")


def test_what_a_helper_brought_and_the_family_refused_is_gone_too(services: Services, child: OpenVault) -> None:
    tutor = let_in(services, child, "tutor", "contribute:work-habits")
    waiting = contributions.contribute(tutor, environment_of(services), contributions.Draft(
        "work-habits", "note", "ZZTITLE", "words", "Mr. Okafor", "en"))
    gone = bytes_of(services, (waiting,))

    contributions.refuse(child, environment_of(services), waiting)

    assert hits(services, gone) == 0
    assert all("ZZTITLE" not in line.titles for line in activity.lines(child))


def test_who_may_not_decide_deletes_nothing_and_learns_nothing(services: Services, child: OpenVault) -> None:
    tutor = let_in(services, child, "tutor", "read:transcript", "comment")
    handed, mine = hand_out(services, child, "Biology"), comment_on(services, child, first_of(child, "Biology"))
    paper_id = unverified.keep(child, environment_of(services), title="Card", note="", name="card.pdf",
                               media_type="application/pdf", data=b"%PDF-1.7")
    before = sorted(child._space.mine())
    for what, item_id in (("record", first_of(child, "Biology")), ("comment", mine), ("paper", paper_id),
                          ("share", handed.share_id), ("record", "nobody's"), ("work", first_of(child, "Biology"))):
        with pytest.raises(StateError):
            delete(services, tutor, what, item_id)  # type: ignore[arg-type]
    assert sorted(child._space.mine()) == before


def test_what_changed_meanwhile_is_not_deleted(services: Services, child: OpenVault) -> None:
    item = child.read(first_of(child, "Biology"), CREDENTIAL)
    child.replace(item, {**item.body, "status": "unknown"})

    with pytest.raises(StateError):
        child.erase(item)

    assert first_of(child, "Biology") == item.id


def test_an_older_copy_of_the_database_brings_nothing_back_unasked(
        services: Services, child: OpenVault, tmp_path: Path) -> None:
    browser: Counters = Memory({})
    seen = services.vault.unlock(PASSPHRASE, client="x", counters=browser).vault.for_learner(child.owner_id)
    assert len(seen.entries(CREDENTIAL)) == 3
    services.people.store.scrub()
    shutil.copyfile(database(services), tmp_path / "copy")
    delete(services, seen, "record", first_of(seen, "Biology"))

    with closing(sqlite3.connect(tmp_path / "copy")) as source, closing(
            sqlite3.connect(database(services))) as target:
        source.backup(target)

    with pytest.raises(OlderCopy):
        services.vault.unlock(PASSPHRASE, client="x", counters=browser).vault.for_learner(child.owner_id).entries(
            CREDENTIAL)


def test_a_file_is_found_by_its_name_for_the_terminal(services: Services, child: OpenVault) -> None:
    piece = portfolio.add(child, environment_of(services), title="A bridge", words="It held.", name="Daniela",
                          language="en", works=[PICTURE])
    names = deleting.works(child, piece)
    assert files.read(child, names["bridge.jpg"]).data == PICTURE.data
    assert deleting.named(child)[piece] == "record"
