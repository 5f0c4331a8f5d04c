"""The record in a terminal: what may be shared, comments, what helpers bring."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import click

from credkit.environment import Environment
from credkit.profiles.family import CATEGORIES, CONTRIBUTE_CATEGORIES
from ui.cli import N_, BackpackCommand, Console, common_options, secret_file_option
from ui.languages import LANGUAGES
from wallet.bootstrap import Services
from wallet.cli.group import SHORT_ID, find_card, open_backpack
from wallet.services.record import comments, contributions, hiding, library
from wallet.services.record.items import CREDENTIAL
from wallet.services.record.record_words import CATEGORIES as CATEGORY_WORDS
from wallet.services.record.record_words import CONTRIBUTION_STATES, CONTRIBUTIONS, RULES
from wallet.services.record.rules import CHOICES, Rule, read_book
from wallet.vault import OpenVault

_OF_CATEGORY = "category"


def environment_of(services: Services) -> Environment:
    """What signing needs."""
    return services.receiving.environment


def by_short_id(console: Console, ids: list[str], name: str) -> str:
    """The id that ``name`` means: itself, or its first letters.

    Raises:
        click.UsageError: none, or several.
    """
    found = [each for each in ids if each == name] or [each for each in ids if each.startswith(name) and len(name) >= 4]
    if len(found) != 1:
        raise click.UsageError(console.gettext(N_("Nothing is called %(name)s here.")) % {"name": name})
    return found[0]


@click.command("hide", cls=BackpackCommand, help=N_("Choose whether a record, or a whole category, may be shared."),
               example="backpack-wallet hide iep --rule never")
@click.argument("name", metavar="ID|CATEGORY")
@click.option("--rule", required=True, type=click.Choice([*CHOICES, _OF_CATEGORY]),
              help=N_("share, ask or never; category: as all of its kind."))
@secret_file_option("passphrase")
@common_options
def hide(console: Console, name: str, rule: str, passphrase_file: Path | None) -> None:
    services, vault = open_backpack(console, passphrase_file)
    if name in CATEGORIES:
        if rule == _OF_CATEGORY:
            raise click.UsageError(console.gettext(N_("A category needs one of share, ask, never.")))
        hiding.hide_category(vault, services.clock, name, cast(Rule, rule))
        title = console.gettext(CATEGORY_WORDS[name])
    else:
        card = find_card(console, library.shelf(vault), name)
        hiding.hide_record(vault, services.clock, card.item_id, None if rule == _OF_CATEGORY else cast(Rule, rule))
        title = card.title
        rule = read_book(vault).rule_of(next(
            entry for entry in vault.entries(CREDENTIAL) if entry.id == card.item_id))
    if console.json:
        console.emit({"name": name, "rule": rule})
        return
    console.say(f"{title}: {console.gettext(RULES[rule])}", bold=True)
    if rule == "never" and name in ("iep", "services"):
        console.note(console.gettext(N_("Hiding an IEP or services can delay help.")))
    console.note(console.gettext(N_(
        "For three years after a student leaves, the old school can still send the full record to a new school.")))


@click.command("sort", cls=BackpackCommand, help=N_("Put a record into another category; the document stays as it is."),
               example="backpack-wallet sort 7hd2Kq9x services")
@click.argument("name", metavar="ID")
@click.argument("category", type=click.Choice([*CATEGORIES, "signed"]))
@secret_file_option("passphrase")
@common_options
def sort(console: Console, name: str, category: str, passphrase_file: Path | None) -> None:
    services, vault = open_backpack(console, passphrase_file)
    card = find_card(console, library.shelf(vault), name)
    hiding.choose_category(vault, services.clock, card.item_id, None if category == "signed" else category)
    now = next(entry.summary["category"] for entry in vault.entries(CREDENTIAL) if entry.id == card.item_id)
    if console.json:
        console.emit({"id": card.item_id, "category": now})
    else:
        console.say(f"{card.title}: {console.gettext(CATEGORY_WORDS[now])}")


@click.command("rules", cls=BackpackCommand, help=N_("Print what may be shared, by category and record."),
               example="backpack-wallet rules")
@secret_file_option("passphrase")
@common_options
def rules(console: Console, passphrase_file: Path | None) -> None:
    _services, vault = open_backpack(console, passphrase_file)
    book = read_book(vault)
    entries = {entry.id: entry for entry in vault.entries(CREDENTIAL)}
    cards = library.shelf(vault).all()
    if console.json:
        console.emit({"categories": dict(book.categories),
                      "records": {card.item_id: book.rule_of(entries[card.item_id]) for card in cards}})
        return
    console.table([console.gettext(N_("Category")), console.gettext(N_("Rule"))],
                  [(f"{console.gettext(CATEGORY_WORDS[name])} ({name})", console.gettext(RULES[rule]))
                   for name, rule in book.categories.items()])
    console.table([console.gettext(text) for text in (N_("Id"), N_("Title"), N_("Rule"))],
                  [(card.item_id[:SHORT_ID], card.title, console.gettext(RULES[book.rule_of(entries[card.item_id])]))
                   for card in cards])


@click.command("comment", cls=BackpackCommand, help=N_("Say something about a record; the signed words stay."),
               example="backpack-wallet comment 7hd2Kq9x --text 'We moved twice.' --name 'Ana Núñez, mother' --travels")
@click.argument("name", metavar="ID")
@click.option("--text", required=True, help=N_("What you say."))
@click.option("--name", "author", required=True, help=N_("Who says it, as readers will see it."))
@click.option("--language", type=click.Choice(list(LANGUAGES)), help=N_("Language of the text."))
@click.option("--travels", is_flag=True, help=N_("It goes wherever the record goes."))
@secret_file_option("passphrase")
@common_options
def comment(console: Console, name: str, text: str, author: str, language: str | None, travels: bool,
            passphrase_file: Path | None) -> None:
    services, vault = open_backpack(console, passphrase_file)
    item_id, about = _commented(console, vault, name)
    kept = comments.comment(vault, environment_of(services), item_id, comments.Draft(
        text, author, language or console.language, travels), credential_id=about)
    if console.json:
        console.emit({"id": kept})
    else:
        console.say(kept[:SHORT_ID])
        console.note(console.gettext(N_("Your comment is kept. The signed words are as they were.")))


def _commented(console: Console, vault: OpenVault, name: str) -> tuple[str, str | None]:
    """The item, and the record inside it where ``name`` is the signer's id of one that lies in a transcript only."""
    shelf = library.shelf(vault)
    if name in shelf.inside and not any(card.credential_id == name for card in shelf.all()):
        item_id = library.transcript_with(vault, name)
        if item_id is not None:
            return item_id, name
    return find_card(console, shelf, name).item_id, None


@click.command("comments", cls=BackpackCommand, help=N_("Print or withdraw what was said about a record."),
               example="backpack-wallet comments 7hd2Kq9x --withdraw 9dk3Lm2q")
@click.argument("name", metavar="ID")
@click.option("--withdraw", metavar="ID", help=N_("Stop a comment from travelling, for good."))
@secret_file_option("passphrase")
@common_options
def list_comments(console: Console, name: str, withdraw: str | None, passphrase_file: Path | None) -> None:
    services, vault = open_backpack(console, passphrase_file)
    item_id, about = _commented(console, vault, name)
    about = about or next(entry.summary["credential_id"] for entry in vault.entries(CREDENTIAL) if entry.id == item_id)
    if withdraw is not None:
        ids = [each.id for each in comments.comments_on(vault, about)]
        comments.withdraw(vault, environment_of(services), by_short_id(console, ids, withdraw))
    said = comments.comments_on(vault, about)
    if console.json:
        console.emit([vars(each) for each in said])
        return
    for each in said:
        state = N_("Withdrawn") if each.withdrawn else N_("Always travels with this record") if each.travels else N_(
            "Stays in the backpack")
        console.say(f"{each.id[:SHORT_ID]}  {each.name}: {each.text}")
        console.say(f"  {console.gettext(state)}")
    if not said:
        console.say(console.gettext(N_("Nobody has said anything about this record.")))


@click.command("contribute", cls=BackpackCommand, help=N_("Bring a note, a badge or a score; the family decides."),
               example="backpack-wallet contribute --category work-habits --kind note --title 'Asks good questions' "
                       "--text 'Stays with it.' --name 'Ms. Ruiz, tutor'")
@click.option("--category", required=True, type=click.Choice(list(CONTRIBUTE_CATEGORIES)), help=N_("What it is about."))
@click.option("--kind", required=True, type=click.Choice(list(contributions.KINDS)), help=N_("What it is."))
@click.option("--title", required=True, help=N_("What it is called."))
@click.option("--text", required=True, help=N_("What you say."))
@click.option("--name", required=True, help=N_("Who says it, as readers will see it."))
@click.option("--value", default="", help=N_("Only for a score, such as 18."))
@click.option("--scale", default="", help=N_("Only for a score, such as “points of 20”."))
@click.option("--language", type=click.Choice(list(LANGUAGES)), help=N_("Language of the text."))
@secret_file_option("passphrase")
@common_options
def contribute(console: Console, category: str, kind: str, title: str, text: str, name: str, value: str, scale: str,
               language: str | None, passphrase_file: Path | None) -> None:
    services, vault = open_backpack(console, passphrase_file)
    kept = contributions.contribute(vault, environment_of(services), contributions.Draft(
        category, cast(contributions.Kind, kind), title, text, name, language or console.language, value, scale))
    if console.json:
        console.emit({"id": kept})
    else:
        console.say(kept[:SHORT_ID])
        console.note(console.gettext(N_("It waits until the family takes it in. Nobody else sees it.")))


@click.command("waiting", cls=BackpackCommand, help=N_("Print what helpers brought, or answer it."),
               example="backpack-wallet waiting 7hd2Kq9x --answer return --note 'Which subject?'")
@click.argument("name", metavar="[ID]", required=False)
@click.option("--answer", type=click.Choice(["accept", "return", "refuse"]), help=N_("What should happen with it."))
@click.option("--note", default="", help=N_("What should change; needed to return it."))
@secret_file_option("passphrase")
@common_options
def waiting(console: Console, name: str | None, answer: str | None, note: str, passphrase_file: Path | None) -> None:
    services, vault = open_backpack(console, passphrase_file)
    if answer is not None and name is None:
        raise click.UsageError(console.gettext(N_("Name what you answer.")))
    if name is not None and answer is not None:
        _answer(console, services, vault, by_short_id(
            console, [line.id for line in contributions.every(vault)], name), answer, note)
        return
    lines = [line for line in contributions.every(vault) if name is None or line.id.startswith(name)]
    if console.json:
        console.emit([vars(line) for line in lines])
    elif lines:
        console.table(
            [console.gettext(text) for text in (N_("Id"), N_("Kind"), N_("Category"), N_("Title"), N_("Who"),
                                                N_("State"))],
            [(line.id[:SHORT_ID], console.gettext(CONTRIBUTIONS[line.kind]),
              console.gettext(CATEGORY_WORDS[line.category]), line.title, line.name or line.host,
              console.gettext(CONTRIBUTION_STATES[line.state])) for line in lines])
    else:
        console.say(console.gettext(N_("Nothing waits here")))


def _answer(console: Console, services: Services, vault: OpenVault, contribution_id: str, answer: str,
            note: str) -> None:
    environment = environment_of(services)
    kept = None
    if answer == "accept":
        kept, said = contributions.accept(vault, environment, contribution_id), N_("It is in your backpack now.")
    elif answer == "return":
        contributions.send_back(vault, environment, contribution_id, note)
        said = N_("It went back with your note.")
    else:
        contributions.refuse(vault, environment, contribution_id)
        said = N_("It was refused and deleted.")
    if console.json:
        console.emit({"id": contribution_id, "answer": answer} | ({"kept": kept} if kept else {}))
    else:
        console.say(console.gettext(said))
