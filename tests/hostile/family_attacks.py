"""Everything a server tries against a family with its own keys (``test_hostile_server``). Each scenario changes the
database; the name says what was tried.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable

from credkit.encoding import base64url_encode
from tests.hostile.family_server import (
    OKAFOR,
    RANDOM,
    Server,
    add_link,
    as_member,
    chain_of,
    forged_item,
    listing_of,
    manifest_body,
    record,
    write_manifest,
)
from wallet.services.record.items import COMMENT
from wallet.vault.chain import Chain, admit_link
from wallet.vault.listing import Listing, sign_listing
from wallet.vault.methods import recovery_kit
from wallet.vault.parties import seal_slot
from wallet.vault.space import line_of


def a_guardian_key_added_and_signed_by_its_own(server: Server) -> None:
    link, _chain = admit_link(chain_of(server), as_member(server, server.ids["mallory"]), server.mallory._keys.signer)
    add_link(server, link)


def a_guardian_key_added_in_marias_name(server: Server) -> None:
    link, _chain = admit_link(chain_of(server), as_member(server, server.ids["maria"]), server.mallory._keys.signer)
    add_link(server, link)


def a_guardian_key_added_by_the_tutor_who_may_not(server: Server) -> None:
    tutor = server.services.vault.unlock(OKAFOR, client="o", login="okafor").vault
    link, _chain = admit_link(chain_of(server), as_member(server, server.ids["okafor"]), tutor._keys.signer)
    add_link(server, link)


def the_record_founded_anew_by_another_key(server: Server) -> None:
    owner = server.ids["lucia"]
    link, chain = admit_link(Chain(owner, {}, -1, ""), as_member(server, server.ids["mallory"]),
                             server.mallory._keys.signer)
    server.run("DELETE FROM members WHERE owner_id = '{lucia}'")
    add_link(server, link)
    row = sign_listing(Listing(owner, 9_999), chain, server.mallory._keys.signer, by=server.ids["mallory"])
    server.run("DELETE FROM manifests WHERE owner_id = '{lucia}'")
    server.insert("manifests", *vars(row).values())


def the_tutor_made_a_steward(server: Server) -> None:
    server.run("""UPDATE members SET body = replace(body, '"steward":false', '"steward":true')
        WHERE owner_id = '{lucia}'""")


def the_tutors_key_swapped_in_the_chain(server: Server) -> None:
    ((old,),) = server.run("SELECT opening_key FROM parties WHERE id = '{okafor}'")
    server.run("UPDATE members SET body = replace(body, ?, ?)", old, server.mallory.me.opening_key)


def the_tutors_key_swapped_among_the_parties(server: Server) -> None:
    server.run("UPDATE parties SET opening_key = ? WHERE id = '{okafor}'", server.mallory.me.opening_key)


def marias_own_public_key_swapped(server: Server) -> None:
    server.run("UPDATE parties SET opening_key = ? WHERE id = '{maria}'", server.mallory.me.opening_key)


def somebody_who_left_put_back_by_cutting_the_chain(server: Server) -> None:
    server.run("""DELETE FROM members WHERE owner_id = '{lucia}' AND seq = (
        SELECT max(seq) FROM members WHERE owner_id = '{lucia}')""")


def somebody_who_left_put_back_by_playing_the_old_link_again(server: Server) -> None:
    ((seq, body, signature),) = server.run(
        "SELECT seq, body, signature FROM members WHERE owner_id = '{lucia}' AND body LIKE '%\"{gone}\"%' "
        "AND body LIKE '%\"admit\"%'")
    ((last,),) = server.run("SELECT max(seq) FROM members WHERE owner_id = '{lucia}'")
    assert last > seq
    server.insert("members", server.ids["lucia"], last + 1, body, signature, None)


def somebody_who_left_signs_for_the_record_again(server: Server) -> None:
    """SG4 and SG3 at once: the one who was removed gives the server a manifest over the chain before the removal."""
    gone = server.services.vault.unlock("somebody who left long ago", client="g", login="gone").vault
    somebody_who_left_put_back_by_cutting_the_chain(server)
    chain, body = chain_of(server), manifest_body(server)
    row = sign_listing(listing_of(body, ahead=100), chain, gone._keys.signer, by=server.ids["gone"])
    server.insert("manifests", *vars(row).values())


def a_wrap_copied_to_mallory(server: Server) -> None:
    server.run("INSERT INTO wraps SELECT item_id, '{mallory}', jwe FROM wraps WHERE party_id = '{maria}'")


def a_wrap_swapped_between_two_items(server: Server) -> None:
    ((first,),) = server.run("SELECT jwe FROM wraps WHERE item_id = '{algebra}' AND party_id = '{maria}'")
    server.run("""UPDATE wraps SET jwe = (SELECT jwe FROM wraps WHERE item_id = '{speech}' AND party_id = '{maria}')
        WHERE item_id = '{algebra}' AND party_id = '{maria}'""")
    server.run("UPDATE wraps SET jwe = ? WHERE item_id = '{speech}' AND party_id = '{maria}'", first)


def a_wrap_of_the_tutor_turned_to_a_hidden_item(server: Server) -> None:
    server.run("INSERT INTO wraps SELECT '{speech}', '{okafor}', jwe FROM wraps WHERE item_id = '{speech}'")


def an_item_moved_from_the_twin(server: Server) -> None:
    server.run("UPDATE items SET owner_id = '{lucia}' WHERE id = '{twins}'")


def an_item_of_the_twin_in_the_place_of_one_of_hers(server: Server) -> None:
    server.run("""UPDATE items SET (ciphertext, key_id, version) = (
        SELECT ciphertext, key_id, version FROM items WHERE id = '{twins}') WHERE id = '{algebra}'""")
    server.run("""UPDATE wraps SET jwe = (SELECT jwe FROM wraps WHERE item_id = '{twins}')
        WHERE item_id = '{algebra}' AND party_id = '{maria}'""")


def the_twins_records_exchanged(server: Server) -> None:
    for table in ("members", "manifests", "items"):
        server.run(f"UPDATE {table} SET owner_id = 'x' WHERE owner_id = '{{lucia}}'")
        server.run(f"UPDATE {table} SET owner_id = '{{lucia}}' WHERE owner_id = '{{twin}}'")
        server.run(f"UPDATE {table} SET owner_id = '{{twin}}' WHERE owner_id = 'x'")


def an_item_slipped_in_beside_the_manifest(server: Server) -> None:
    forged_item(server, "forged", record("transcript", "forged"))


def an_item_slipped_in_with_the_manifest_edited(server: Server) -> None:
    row = forged_item(server, "forged", record("transcript", "forged"))
    body = manifest_body(server)
    body["items"][row.id] = list(line_of(row, (server.ids["maria"],)))
    write_manifest(server, body)


def an_item_slipped_in_with_a_manifest_that_mallory_signed(server: Server) -> None:
    row = forged_item(server, "forged", record("transcript", "forged"))
    body = manifest_body(server)
    body["items"][row.id] = list(line_of(row, (server.ids["maria"],)))
    body["counter"] += 1
    text = json.dumps(body, separators=(",", ":"))
    for by in ("mallory", "maria"):
        signature = f"{server.ids[by]}.{base64url_encode(server.mallory._keys.signer.sign(text.encode()))}"
        server.run("UPDATE manifests SET body = ?, signature = ?, counter = ? WHERE owner_id = '{lucia}'", text,
                   signature, body["counter"])


def an_item_put_in_the_place_of_another(server: Server) -> None:
    row = forged_item(server, server.ids["algebra"], record("transcript", "forged"))
    ((key_id,),) = server.old("SELECT key_id FROM items WHERE id = '{algebra}'")
    assert row.key_id != key_id


def an_item_put_in_the_place_of_another_under_its_old_names(server: Server) -> None:
    ((version, key_id),) = server.run("SELECT version, key_id FROM items WHERE id = '{algebra}'")
    forged_item(server, server.ids["algebra"], record("transcript", "forged"))
    server.run("UPDATE items SET version = ?, key_id = ? WHERE id = '{algebra}'", version, key_id)


def an_item_deleted(server: Server) -> None:
    server.run("DELETE FROM items WHERE id = '{speech}'")


def an_item_deleted_with_its_line(server: Server) -> None:
    server.run("DELETE FROM items WHERE id = '{speech}'")
    body = manifest_body(server)
    del body["items"][server.ids["speech"]]
    write_manifest(server, body)


def every_wrap_of_marias_deleted(server: Server) -> None:
    server.run("DELETE FROM wraps WHERE item_id = '{speech}'")


def one_item_turned_back(server: Server) -> None:
    ((*values,),) = server.old("SELECT * FROM items WHERE id = '{algebra}'")
    server.insert("items", *values)
    for wrap in server.old("SELECT * FROM wraps WHERE item_id = '{algebra}'"):
        server.insert("wraps", *wrap)


def the_manifest_alone_turned_back(server: Server) -> None:
    ((*values,),) = server.old("SELECT * FROM manifests WHERE owner_id = '{lucia}'")
    server.insert("manifests", *values)


def the_whole_record_turned_back(server: Server) -> None:
    for table, column in (("members", "owner_id"), ("manifests", "owner_id"), ("items", "owner_id")):
        server.run(f"DELETE FROM {table} WHERE {column} = '{{lucia}}'")
        for row in server.old(f"SELECT * FROM {table} WHERE {column} = '{{lucia}}'"):
            server.insert(table, *row)
    for wrap in server.old("SELECT wraps.* FROM wraps JOIN items ON items.id = item_id WHERE owner_id = '{lucia}'"):
        server.insert("wraps", *wrap)


def the_whole_database_turned_back(server: Server) -> None:
    server.restore(server.older)


def the_record_turned_back_and_its_counter_raised(server: Server) -> None:
    the_whole_record_turned_back(server)
    server.run("UPDATE manifests SET counter = 99999 WHERE owner_id = '{lucia}'")


def the_counter_raised_in_the_body_too(server: Server) -> None:
    body = manifest_body(server)
    body["counter"] = 99_999
    write_manifest(server, body)


def the_manifest_deleted(server: Server) -> None:
    server.run("DELETE FROM manifests WHERE owner_id = '{lucia}'")


def the_record_emptied(server: Server) -> None:
    for table in ("manifests", "members", "items"):
        server.run(f"DELETE FROM {table} WHERE owner_id = '{{lucia}}'")


def the_personal_space_emptied(server: Server) -> None:
    server.run("DELETE FROM manifests WHERE owner_id = '{maria}'")
    server.run("DELETE FROM items WHERE owner_id = '{maria}'")


def another_branch_with_the_same_counter(server: Server) -> None:
    """The server ran an older copy for María once, on a device that remembers nothing, and shows that branch now."""
    ((counter,),) = server.run("SELECT counter FROM manifests WHERE owner_id = '{lucia}'")
    server.restore(server.older)
    branch = server.lucia(remembers=False)
    while server.run("SELECT counter FROM manifests WHERE owner_id = '{lucia}'")[0][0] < counter:
        branch.add(COMMENT, {"category": "transcript", "author": branch.party_id})


def the_old_index_played_again(server: Server) -> None:
    for row in server.old("SELECT * FROM items WHERE type = 'index'"):
        server.insert("items", *row)
    for wrap in server.old("SELECT wraps.* FROM wraps JOIN items ON items.id = item_id WHERE type = 'index'"):
        server.insert("wraps", *wrap)


def an_index_forged(server: Server) -> None:
    """The index lists what items say without opening them. It is María's alone, and no manifest fixes it."""
    name, grants = f"index.{server.ids['maria']}.{server.ids['lucia']}", {}
    for item_id, (kind, _version, key_id, *_rest) in manifest_body(server)["items"].items():
        summary = {"title": "forged", "holds": True, "state": "active", "rights": ["full"], "rule": "share",
                   "category": "transcript", "holder_party": server.ids["mallory"]}
        grants[item_id] = {"type": kind, "key_id": key_id, "summary": summary}
    for number in (1, 2, 3):
        forged_item(server, name, {"format": number, "lines": grants}, "index", f"index.{server.ids['maria']}")
        ((jwe,),) = server.run("SELECT jwe FROM wraps WHERE item_id = ?", name)
        assert jwe.count(".") == 4, "wrapped to María's public key, as Mallory can"


def an_entry_of_the_log_deleted(server: Server) -> None:
    server.run("DELETE FROM items WHERE id = 'log.{lucia}.1'")


def two_entries_of_the_log_exchanged(server: Server) -> None:
    server.run("UPDATE items SET id = 'x' WHERE id = 'log.{lucia}.1'")
    server.run("UPDATE items SET id = 'log.{lucia}.1' WHERE id = 'log.{lucia}.2'")
    server.run("UPDATE items SET id = 'log.{lucia}.2' WHERE id = 'x'")


def the_names_to_sign_in_with_exchanged(server: Server) -> None:
    ((maria,),) = server.run("SELECT login FROM parties WHERE id = '{maria}'")
    ((mallory,),) = server.run("SELECT login FROM parties WHERE id = '{mallory}'")
    server.run("UPDATE parties SET login = 'x' WHERE id = '{mallory}'")
    server.run("UPDATE parties SET login = ? WHERE id = '{maria}'", mallory)
    server.run("UPDATE parties SET login = ? WHERE id = '{mallory}'", maria)


def the_lock_made_weaker(server: Server) -> None:
    ((parameters,),) = server.run("SELECT parameters FROM slots WHERE party_id = '{maria}'")
    server.run("UPDATE slots SET parameters = ? WHERE party_id = '{maria}'",
               json.dumps({**json.loads(parameters), "memory_kib": 8, "passes": 1}))


def the_salt_of_the_lock_swapped(server: Server) -> None:
    ((parameters,),) = server.run("SELECT parameters FROM slots WHERE party_id = '{maria}'")
    server.run("UPDATE slots SET parameters = ? WHERE party_id = '{maria}'",
               json.dumps({**json.loads(parameters), "salt": "A" * 22}))


def mallorys_lock_on_marias_door(server: Server) -> None:
    server.run("UPDATE slots SET party_id = '{maria}' WHERE party_id = '{mallory}'")


def mallorys_keys_in_marias_place(server: Server) -> None:
    server.run("""UPDATE parties SET (opening_key, signing_key, sealed_keys) = (
        SELECT opening_key, signing_key, sealed_keys FROM parties WHERE id = '{mallory}') WHERE id = '{maria}'""")


def a_kit_of_mallorys_on_marias_door(server: Server) -> None:
    secret = secrets.token_bytes(20)
    parameters = recovery_kit.new_parameters(0, RANDOM)
    slot = seal_slot(recovery_kit.slot_id(secret), server.ids["maria"], recovery_kit.NAME, parameters,
                     recovery_kit.derive_key(secret, parameters), secrets.token_bytes(32), RANDOM)
    server.insert("slots", *vars(slot).values())


def the_status_list_and_the_shares_rewritten(server: Server) -> None:
    server.run("UPDATE family_status SET revoked = 0")
    server.run("UPDATE shares SET expires_at = 99999999999, views = 0, sealed = x'00'")


def an_invitation_said_to_be_confirmed(server: Server) -> None:
    server.run("UPDATE invitations SET state = 'admitted', party_id = '{mallory}'")


def nonsense_where_signed_words_were(server: Server) -> None:
    server.run("UPDATE manifests SET body = '{{' WHERE owner_id = '{lucia}'")


def nonsense_where_links_were(server: Server) -> None:
    server.run("UPDATE members SET body = 'null' WHERE owner_id = '{lucia}'")


Scenario = Callable[[Server], None]
TOLD: tuple[Scenario, ...] = (
    a_guardian_key_added_and_signed_by_its_own, a_guardian_key_added_in_marias_name,
    a_guardian_key_added_by_the_tutor_who_may_not, the_record_founded_anew_by_another_key, the_tutor_made_a_steward,
    the_tutors_key_swapped_in_the_chain, marias_own_public_key_swapped,
    somebody_who_left_put_back_by_cutting_the_chain, somebody_who_left_put_back_by_playing_the_old_link_again,
    somebody_who_left_signs_for_the_record_again,
    a_wrap_swapped_between_two_items, an_item_moved_from_the_twin, an_item_of_the_twin_in_the_place_of_one_of_hers,
    the_twins_records_exchanged, an_item_slipped_in_with_the_manifest_edited,
    an_item_slipped_in_with_a_manifest_that_mallory_signed, an_item_put_in_the_place_of_another,
    an_item_put_in_the_place_of_another_under_its_old_names, an_item_deleted, an_item_deleted_with_its_line,
    every_wrap_of_marias_deleted, one_item_turned_back, the_manifest_alone_turned_back, the_whole_record_turned_back,
    the_whole_database_turned_back, the_record_turned_back_and_its_counter_raised, the_counter_raised_in_the_body_too,
    the_manifest_deleted, the_record_emptied, the_personal_space_emptied, another_branch_with_the_same_counter,
    an_entry_of_the_log_deleted, two_entries_of_the_log_exchanged, the_names_to_sign_in_with_exchanged,
    the_lock_made_weaker, the_salt_of_the_lock_swapped, mallorys_keys_in_marias_place,
    nonsense_where_signed_words_were, nonsense_where_links_were)
IN_VAIN: tuple[Scenario, ...] = (
    the_tutors_key_swapped_among_the_parties, a_wrap_copied_to_mallory, a_wrap_of_the_tutor_turned_to_a_hidden_item,
    an_item_slipped_in_beside_the_manifest, the_old_index_played_again, an_index_forged,
    mallorys_lock_on_marias_door, a_kit_of_mallorys_on_marias_door,
    the_status_list_and_the_shares_rewritten, an_invitation_said_to_be_confirmed)
