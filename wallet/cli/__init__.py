"""``backpack-wallet``: make a backpack, put records in, look at them, share them."""

from __future__ import annotations

from wallet.cli import badges, deleting, growth, keeping, keys, learner, people, profile, record, shares, sharing
from wallet.cli.group import main, register

register(
    keeping.init, keeping.serve, keeping.accept, keeping.list_records, keeping.show, sharing.present, sharing.activity,
    growth.growth, growth.mastery, growth.alerts, record.hide, record.sort, record.rules, record.comment,
    record.list_comments, record.contribute, record.waiting, profile.profile, profile.say, profile.checklist,
    profile.add_work, profile.keep, profile.papers, profile.letter, profile.list_letters, shares.share, shares.shares,
    shares.end_share, shares.packet, shares.export, shares.import_records, shares.practice_sharing, badges.badge,
    badges.newer, people.people, learner.learner, keys.backup, keys.restore, keys.passphrase, keys.kit,
    keys.recover, keys.accept_older, keys.helpers, deleting.delete, deleting.delete_backpack,
    deleting.delete_account, deleting.sweep)

__all__ = ["main"]
