"""Everything a server tries that has a helper's key: it can read his part, and signs in his name whatever it likes.

What his signature does not reach, it does not change (``docs/decisions/0017``, ``test_hostile_server``).
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from credkit.encoding import base64url_encode, sha256
from credkit.ports import JSONObject
from tests.hostile.family_attacks import Scenario, the_whole_record_turned_back
from tests.hostile.family_server import Server, chain_of, forged_item, listing_of, manifest_body, record
from wallet.services.record.items import ACTIVITY, CONTRIBUTION, GRANT
from wallet.store import ItemRow
from wallet.vault.listing import Line, Listing, sign_listing
from wallet.vault.space import line_of


def tutors_addition(server: Server) -> JSONObject:
    """What Mr. Okafor has added, to be changed and signed again."""
    ((body,),) = server.run("SELECT body FROM additions WHERE owner_id = '{lucia}' AND party_id = '{okafor}'")
    found: JSONObject = json.loads(body)
    return {**found, "counter": found["counter"] + 1}


def sign_as_tutor(server: Server, body: JSONObject, *, row_of: str = "okafor", key_of: str = "okafor") -> None:
    """A valid signature of his (or of another helper who works for the server) over whatever the server likes."""
    text = json.dumps(body, separators=(",", ":"))
    signature = base64url_encode(server.helper(key_of)._keys.signer.sign(text.encode()))
    server.insert("additions", server.ids["lucia"], server.ids[row_of], body["counter"], text, signature)


def sign_list_as_tutor(server: Server, listing: Listing) -> None:
    """A list of everything, with what helpers had added, as María's own program would make it."""
    lines, taken, log = dict(listing.lines), dict(listing.taken), listing.log
    for (text,) in server.run("SELECT body FROM additions WHERE owner_id = '{lucia}'"):
        body = json.loads(text)
        taken[body["by"]] = body["counter"]
        for item_id, (kind, version, key_id, digest, recipients, helper) in body["items"].items():
            lines[item_id] = Line(kind, version, key_id, digest, tuple(recipients), helper)
            log = (log[0] + 1, digest) if kind == ACTIVITY else log
    listing = replace(listing, lines=lines, taken=taken, log=log)
    row = sign_listing(listing, chain_of(server), server.helper("okafor")._keys.signer, by=server.ids["okafor"])
    server.insert("manifests", *vars(row).values())
    server.run("DELETE FROM additions WHERE owner_id = '{lucia}'")


def put_beside(server: Server, row: ItemRow, *, helper: str = "okafor", **changes: Any) -> None:
    """An item of the server's making, as one that Mr. Okafor added."""
    body = tutors_addition(server)
    body["items"][row.id] = list(line_of(replace(row, **changes), (server.ids["maria"],),
                                         helper=server.ids.get(helper, helper)))
    sign_as_tutor(server, body)


def said_by(server: Server, author: str) -> JSONObject:
    at = "2026-06-01T00:00:00Z"
    return {**record("supplemental-achievement", "forged"), "state": "waiting", "kind": "note", "title": "forged",
            "at": at, "author": server.ids[author], "name": "forged", "note": ""}


def the_tutor_signs_the_list_without_an_item(server: Server) -> None:
    listing = listing_of(manifest_body(server), ahead=1)
    server.run("DELETE FROM items WHERE id = '{speech}'")
    sign_list_as_tutor(server, replace(listing, lines={
        item_id: line for item_id, line in listing.lines.items() if item_id != server.ids["speech"]}))


def the_tutor_takes_an_item_away(server: Server) -> None:
    server.run("DELETE FROM items WHERE id = '{speech}'")
    sign_as_tutor(server, {**(body := tutors_addition(server)), "gone": [*body["gone"], server.ids["speech"]]})


def the_tutor_replaces_an_item(server: Server) -> None:
    put_beside(server, forged_item(server, server.ids["algebra"], record("transcript", "forged"), version=3))


def the_tutor_replaces_an_item_that_stays_the_familys(server: Server) -> None:
    row = forged_item(server, server.ids["algebra"], record("transcript", "forged"), version=3)
    put_beside(server, row, helper="")


def the_tutor_turns_the_record_back(server: Server) -> None:
    """The list as María signed it once, and his key swears that he has added to it since."""
    the_whole_record_turned_back(server)
    server.run("DELETE FROM additions WHERE owner_id = '{lucia}'")
    body = manifest_body(server)
    ((text,),) = server.run("SELECT body FROM manifests WHERE owner_id = '{lucia}'")
    sign_as_tutor(server, {"owner": body["owner"], "by": server.ids["okafor"], "counter": 9_999, "items": {},
                           "gone": [], "over": [body["counter"], base64url_encode(sha256(text.encode()))]})


def the_tutor_signs_the_list_as_it_was(server: Server) -> None:
    the_whole_record_turned_back(server)
    sign_list_as_tutor(server, listing_of(manifest_body(server), ahead=100))


def the_tutor_puts_a_record_into_the_backpack(server: Server) -> None:
    put_beside(server, forged_item(server, "forged", record("transcript", "forged")))


def the_tutor_puts_a_record_into_the_backpack_as_the_familys(server: Server) -> None:
    put_beside(server, forged_item(server, "forged", record("transcript", "forged")), helper="")


def the_tutor_puts_a_record_there_under_another_type(server: Server) -> None:
    put_beside(server, forged_item(server, "forged", record("transcript", "forged")), type=CONTRIBUTION)


def the_tutor_grants_himself_more(server: Server) -> None:
    body = {"credential": {}, "party_id": server.ids["okafor"], "state": "active", "name": "x", "position": 1}
    put_beside(server, forged_item(server, "forged", body, GRANT))


def the_tutor_contributes_in_marias_name(server: Server) -> None:
    put_beside(server, forged_item(server, "forged", said_by(server, "maria"), CONTRIBUTION))


def the_tutor_contributes_as_maria(server: Server) -> None:
    put_beside(server, forged_item(server, "forged", said_by(server, "maria"), CONTRIBUTION), helper="maria")


def the_tutor_signs_an_addition_of_marias(server: Server) -> None:
    row = forged_item(server, "forged", said_by(server, "maria"), CONTRIBUTION)
    line = list(line_of(row, (server.ids["maria"],), helper=server.ids["maria"]))
    body = {**tutors_addition(server), "by": server.ids["maria"], "items": {row.id: line}}
    sign_as_tutor(server, body, row_of="maria")


def the_tutor_writes_the_log_in_marias_name(server: Server) -> None:
    number = 1 + int(server.run("SELECT max(cast(substr(id, length('log.{lucia}.') + 1) AS integer)) FROM items "
                                "WHERE id LIKE 'log.{lucia}.%'")[0][0])
    entry = {"actor": server.ids["maria"], "kind": "deleted", "at": "2026-06-15T12:00:00+00:00", "number": number,
             "previous": ""}
    put_beside(server, forged_item(server, f"log.{server.ids['lucia']}.{number}", entry, ACTIVITY))


def the_tutor_takes_back_what_he_did_from_the_log(server: Server) -> None:
    body = tutors_addition(server)
    (name,) = [item_id for item_id, line in body["items"].items() if line[0] == ACTIVITY]
    del body["items"][name]
    server.run("DELETE FROM items WHERE id = ?", name)
    sign_as_tutor(server, body)


def the_tutor_writes_his_entry_of_the_log_anew(server: Server) -> None:
    body = tutors_addition(server)
    (name,) = [item_id for item_id, line in body["items"].items() if line[0] == ACTIVITY]
    entry = {"actor": server.ids["okafor"], "kind": "rule", "at": "2026-06-15T12:00:00+00:00",
             "number": int(name.rpartition(".")[2]), "previous": ""}
    put_beside(server, forged_item(server, name, entry, ACTIVITY))


def the_tutor_changes_an_old_entry_of_the_log(server: Server) -> None:
    entry = {"actor": server.ids["okafor"], "kind": "rule", "at": "2026-06-15T12:00:00+00:00", "number": 1,
             "previous": ""}
    put_beside(server, forged_item(server, f"log.{server.ids['lucia']}.1", entry, ACTIVITY, version=2))


def anas_addition_dropped(server: Server) -> None:
    server.run("DELETE FROM additions WHERE party_id = '{ana}'")
    server.run("DELETE FROM items WHERE id = '{anas}'")


def anas_addition_dropped_while_the_tutor_signs_again(server: Server) -> None:
    anas_addition_dropped(server)
    sign_as_tutor(server, tutors_addition(server))


def the_tutor_takes_anas_addition_away(server: Server) -> None:
    server.run("DELETE FROM items WHERE id = '{anas}'")
    sign_as_tutor(server, {**tutors_addition(server), "gone": [server.ids["anas"]]})


def the_tutor_takes_away_what_somebody_brought_who_is_out(server: Server) -> None:
    server.run("DELETE FROM items WHERE id = '{gones}'")
    sign_as_tutor(server, {**tutors_addition(server), "gone": [server.ids["gones"]]})


def the_tutors_addition_of_a_while_ago_played_again(server: Server) -> None:
    server.insert("additions", *server.earlier)
    server.run("DELETE FROM items WHERE id = '{third}'")


def the_tutors_addition_to_a_former_list_played_again(server: Server) -> None:
    (row,) = server.old("SELECT * FROM additions WHERE party_id = '{okafor}'")
    server.insert("additions", *row)
    server.run("DELETE FROM items WHERE id IN ('{second}', '{third}')")


def the_tutors_addition_to_a_former_list_signed_anew(server: Server) -> None:
    """He swears to the list of then, so that what María changed since would be gone."""
    ((body,),) = server.old("SELECT body FROM additions WHERE party_id = '{okafor}'")
    sign_as_tutor(server, {**json.loads(body), "counter": 99})


def something_answered_put_back_with_the_addition_of_then(server: Server) -> None:
    """The server alone: Ana's words that María had refused lie there again, as Ana signed them then."""
    for table in ("additions", "items"):
        column = "party_id" if table == "additions" else "id"
        name = "ana" if table == "additions" else "answered"
        (row,) = server.old(f"SELECT * FROM {table} WHERE {column} = '{{{name}}}'")
        server.insert(table, *row)
    for wrap in server.old("SELECT * FROM wraps WHERE item_id = '{answered}'"):
        server.insert("wraps", *wrap)


def somebody_who_is_out_adds_once_more(server: Server) -> None:
    row = forged_item(server, "forged", said_by(server, "gone"), CONTRIBUTION)
    body = {**tutors_addition(server), "by": server.ids["gone"],
            "items": {row.id: list(line_of(row, (server.ids["maria"],), helper=server.ids["gone"]))}}
    sign_as_tutor(server, body, row_of="gone", key_of="gone")


def somebody_who_is_out_changes_what_they_brought(server: Server) -> None:
    row = forged_item(server, server.ids["gones"], said_by(server, "gone"), CONTRIBUTION, version=9)
    body = {**tutors_addition(server), "by": server.ids["gone"],
            "items": {row.id: list(line_of(row, (server.ids["maria"],), helper=server.ids["gone"]))}}
    sign_as_tutor(server, body, row_of="gone", key_of="gone")


def the_tutor_said_to_decide(server: Server) -> None:
    server.run("""UPDATE members SET body = replace(body, '"decides":false', '"decides":true')
        WHERE owner_id = '{lucia}'""")
    the_tutor_signs_the_list_without_an_item(server)


TOLD_OF_HELPERS: tuple[Scenario, ...] = (
    the_tutor_signs_the_list_without_an_item, the_tutor_takes_an_item_away, the_tutor_replaces_an_item,
    the_tutor_replaces_an_item_that_stays_the_familys, the_tutor_turns_the_record_back,
    the_tutor_signs_the_list_as_it_was, the_tutor_puts_a_record_into_the_backpack,
    the_tutor_puts_a_record_into_the_backpack_as_the_familys, the_tutor_puts_a_record_there_under_another_type,
    the_tutor_grants_himself_more, the_tutor_contributes_in_marias_name, the_tutor_contributes_as_maria,
    the_tutor_signs_an_addition_of_marias, the_tutor_writes_the_log_in_marias_name,
    the_tutor_takes_back_what_he_did_from_the_log, the_tutor_writes_his_entry_of_the_log_anew,
    the_tutor_changes_an_old_entry_of_the_log, anas_addition_dropped,
    anas_addition_dropped_while_the_tutor_signs_again, the_tutor_takes_anas_addition_away,
    the_tutor_takes_away_what_somebody_brought_who_is_out, the_tutors_addition_of_a_while_ago_played_again,
    the_tutors_addition_to_a_former_list_played_again, the_tutors_addition_to_a_former_list_signed_anew,
    something_answered_put_back_with_the_addition_of_then,
    somebody_who_is_out_adds_once_more, somebody_who_is_out_changes_what_they_brought, the_tutor_said_to_decide)
"""All are told to who was there."""
TOLD_ONLY_TO_WHO_WAS_THERE: tuple[Scenario, ...] = (
    anas_addition_dropped, anas_addition_dropped_while_the_tutor_signs_again,
    the_tutors_addition_of_a_while_ago_played_again, the_tutor_takes_back_what_he_did_from_the_log,
    the_tutor_writes_his_entry_of_the_log_anew)
"""What helpers added last, until somebody who decides signs again: whoever never saw it cannot miss it."""
