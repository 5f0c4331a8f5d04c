"""What the family hands out as a file, a link or a sheet of paper.

It is made from a draft that was seen, noted in the log with a receipt, and, if it is a link, taken back whenever the
family wants (security.md F06).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from credkit.environment import Environment
from credkit.errors import StateError
from credkit.ports import JSONObject
from credkit.protocols import share_link
from credkit.protocols.share_link import ShareLink
from credkit.shape import format_date_time, parse_date_time
from wallet.services import activity, authority
from wallet.services.record.items import SHARE
from wallet.services.sharing import bundles, receipts
from wallet.services.sharing.bundles import BundleRecord, Draft
from wallet.services.sharing.enclosures import logged
from wallet.services.sharing.grants import logged_grants, titled_grants
from wallet.store import ShareRow, Store
from wallet.vault import Entry, OpenVault

Form = Literal["link", "file", "paper"]
State = Literal["open", "over", "used-up", "ended"]
USUAL_VIEWS: Final = 10
MOST_VIEWS: Final = 100


@dataclass(frozen=True)
class Share:
    """Something that was handed out.

    Attributes:
        form: A link; a file; paper, whose code is a link too.
        views: How often the link was opened so far, of ``most_views``; both 0 for a file.
        state: ``open`` while the link works; a file is ``open`` until its end date.
    """

    id: str
    form: Form
    recipient: str
    purpose: str
    titles: tuple[str, ...]
    at: datetime
    until: datetime
    views: int
    most_views: int
    last_view_at: datetime | None
    state: State


@dataclass(frozen=True)
class Handed:
    """What came out: the entry under which it is kept, the signed bundle, and the link if there is one."""

    share_id: str
    bundle: JSONObject
    link: ShareLink | None


@dataclass(frozen=True)
class Sharing:
    """The use cases of handing out over one environment.

    Attributes:
        origin: Where the links lead: this wallet's own pages.
    """

    environment: Environment
    store: Store
    origin: str

    def hand_out(self, vault: OpenVault, decided: Draft, *, seen_digest: str, form: Form,
                 most_views: int = USUAL_VIEWS) -> Handed:
        """Sign the bundle of ``decided``, keep a receipt, note it in the log, and put it behind a link if it is one.

        Args:
            seen_digest: ``digest`` of the draft that was shown.
            most_views: How often the link may be opened, 1 to 100.

        Raises:
            StateError: another draft was shown, a number of views that cannot be, or somebody who may not share.
            TooComplexError: too much for one link.
        """
        if not 1 <= most_views <= MOST_VIEWS:
            raise StateError("A link can be opened 1 to 100 times.")
        bundle = bundles.build(vault, self.environment, decided, seen_digest=seen_digest)
        link = None if form == "file" else share_link.new_share_link(self.origin, self.environment.randomness)
        sealed = share_link.seal(bundle, link, self.environment.randomness) if link else b""
        receipt_id = self._receipt(vault, decided, link)
        share_id = self._keep(vault, decided, bundle, form, link, most_views if link else 0)
        activity.log(vault, self.environment.clock, "shared_link", {
            "name": decided.purpose.recipient, "purpose": decided.purpose.purpose,
            "state": form, "until": format_date_time(decided.purpose.until), "receipt_id": receipt_id,
            "records": [*(_logged(record) for record in decided.records), *map(logged, decided.enclosures)],
            "grants": logged_grants(decided.grants)})
        if link is not None:
            now = int(self.environment.clock.now().timestamp())
            self.store.add_share(ShareRow(
                link.id, vault.owner_id, vault.party_id, share_link.access_digest(link.access), sealed,
                int(decided.purpose.until.timestamp()), 0, most_views, None), now=now)
        return Handed(share_id, bundle, link)

    def shares(self, vault: OpenVault) -> tuple[Share, ...]:
        """Everything handed out, newest first."""
        rows = {row.id: row for row in self.store.shares(vault.owner_id)}
        found = [self._share(entry, rows.get(str(entry.summary["link_id"]))) for entry in vault.entries(SHARE)]
        return tuple(sorted(found, key=lambda share: (share.at, share.id), reverse=True))

    def find(self, vault: OpenVault, share_id: str) -> tuple[Share, ShareLink | None]:
        """One of them, and its link if that still works.

        Raises:
            StateError: no such share.
        """
        body = vault.read(share_id, SHARE).body
        share = next((each for each in self.shares(vault) if each.id == share_id), None)
        if share is None:
            raise StateError("There is nothing here under this name.")
        works = body["link"] and share.state == "open"
        return share, share_link.parse_share_link(body["link"]) if works else None

    def bundle(self, vault: OpenVault, share_id: str) -> JSONObject:
        """The signed bundle of one of them, as it was handed out.

        Raises:
            StateError: no such share.
        """
        document: JSONObject = vault.read(share_id, SHARE).body["bundle"]
        return document

    def end(self, vault: OpenVault, share_id: str) -> None:
        """Take a link back: from now on it leads nowhere. Copies that were made before stay where they are.

        Raises:
            StateError: no such share, no link that works, or somebody who may not share.
        """
        authority.check(vault, "share", self.environment.clock.now())
        item = vault.read(share_id, SHARE)
        if not item.body["link_id"] or item.body["ended_at"]:
            raise StateError("This link does not work any more.")
        row = next((row for row in self.store.shares(vault.owner_id) if row.id == item.body["link_id"]), None)
        self.store.end_share(item.body["link_id"], vault.owner_id)
        vault.replace(item, {
            **item.body, "ended_at": format_date_time(self.environment.clock.now()), "link": None,
            "views": row.views if row else 0})
        activity.log(vault, self.environment.clock, "ended_link", {
            "name": item.body["recipient"], "purpose": item.body["purpose"],
            "state": "ended", "titles": item.body["titles"]})

    def open_link(self, link_id: str, access: str) -> bytes | None:
        """The sealed file behind a link, for whoever knows its access value; counts as one look.

        Returns:
            None for links that are unknown, too old, used up or taken back, and for another access value, alike.
        """
        now = int(self.environment.clock.now().timestamp())
        return self.store.view_share(link_id, share_link.access_digest(access), now=now)

    def _receipt(self, vault: OpenVault, decided: Draft, link: ShareLink | None) -> str:
        purpose = decided.purpose
        return receipts.keep(vault, self.environment, receipts.Consented(
            recipient=link.address if link else None, recipient_name=purpose.recipient, purpose=purpose.purpose,
            records=(*((record.title, record.document) for record in decided.records),
                     *((each.paper.title, each.evidence) for each in decided.enclosures),
                     *titled_grants(decided.grants, purpose.language)),
            until=purpose.until, language=purpose.language))

    def _keep(self, vault: OpenVault, decided: Draft, bundle: JSONObject, form: Form, link: ShareLink | None,
              most_views: int) -> str:
        purpose = decided.purpose
        return vault.add(SHARE, {
            "bundle": bundle, "papers": [each.paper.id for each in decided.enclosures], "form": form,
            "link_id": link.id if link else None, "link": link.url if link else None,
            "recipient": purpose.recipient, "purpose": purpose.purpose, "actor": vault.party_id,
            "titles": [*(record.title for record in decided.records),
                       *(each.paper.title for each in decided.enclosures)], "most_views": most_views, "ended_at": None,
            "at": self.environment.clock.now().isoformat(), "until": format_date_time(purpose.until)})

    def _share(self, entry: Entry, row: ShareRow | None) -> Share:
        said: dict[str, Any] = dict(entry.summary)
        until = parse_date_time(said["until"])
        state: State = "open"
        if said["ended_at"] or (said["link_id"] and row is None):
            state = "ended"
        elif until <= self.environment.clock.now():
            state = "over"
        elif row is not None and row.views >= row.most_views:
            state = "used-up"
        seen = row.last_view_at if row is not None else None
        return Share(
            entry.id, said["form"], said["recipient"], said["purpose"], tuple(said["titles"]),
            datetime.fromisoformat(said["at"]), until, row.views if row else said["views"] or 0, said["most_views"],
            datetime.fromtimestamp(seen, tz=UTC) if seen is not None else None, state)


def as_file(bundle: JSONObject) -> bytes:
    """A bundle as the bytes of a file."""
    return json.dumps(bundle, ensure_ascii=False, indent=1).encode("utf-8")


def _logged(record: BundleRecord) -> JSONObject:
    return {
        "title": record.title, "item_id": record.key.partition(".")[0], "issuer_name": record.issuer.name,
        "whole": all(part.leaves for part in record.parts),
        "values": [{"kind": value.kind, "value": value.shown} for value in record.leaves],
        "always": [{"kind": value.kind, "value": value.shown} for value in record.always],
        "comments": [{"name": each.name, "words": each.words} for each in record.comments],
    }
