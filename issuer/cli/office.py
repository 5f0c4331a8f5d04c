"""Commands of the office itself: making it, serving its pages, who works there, what was done."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import click

from credkit.environment import SystemRandomness
from credkit.errors import StateError
from credkit.shape import format_date_time
from issuer.bootstrap import build_services, initialise_issuer, is_initialised
from issuer.cli.group import CLI_ACTOR, config_of, services_of
from issuer.services.profiles import PROFILES
from issuer.services.setup import LANGUAGES
from issuer.services.staff import OPERATOR, REGISTRAR, SHORTEST_PASSWORD, TEACHER
from ui.cli import (
    N_,
    BackpackCommand,
    BackpackGroup,
    Console,
    common_options,
    new_password,
    read_input,
    secret_file_option,
    tls_options,
)
from ui.passwords import hash_password

_PASSPHRASE = "BACKPACK_PASSPHRASE"


@click.command(
    "init", cls=BackpackCommand, help=N_("Make an issuer: its keys, its login, its address."),
    example="backpack-issuer init --origin https://school.example --name 'Lincoln High' --wallet https://wallet.example",
)
@click.option("--origin", required=True, help=N_("The address of this issuer, such as https://school.example."))
@click.option("--name", help=N_("The name of the school or tutor, as it stands on the records."))
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True,
              help=N_("The language in which records are written."))
@click.option("--wallet", "wallets", multiple=True,
              help=N_("The address of a wallet your families use; may be repeated."))
@click.option("--profile", type=click.Choice([profile.name for profile in PROFILES]),
              help=N_("A stricter profile that this issuer keeps to."))
@click.option("--cert", "certificate_file", metavar="FILE",
              help=N_("With --profile: a certificate for the host of this issuer, PEM, with its chain."))
@click.option("--key", "key_file", metavar="FILE", help=N_("The key of the certificate, PEM without a password."))
@secret_file_option("passphrase")
@common_options
def init(console: Console, origin: str, name: str | None, language: str, wallets: tuple[str, ...],
         profile: str | None, certificate_file: str | None, key_file: str | None,
         passphrase_file: Path | None) -> None:
    if (certificate_file is None) != (key_file is None):
        raise click.UsageError(console.gettext(N_("A certificate and its key belong together: --cert and --key.")))
    if certificate_file is not None and profile is None:
        raise click.UsageError(console.gettext(N_("A certificate is used under a profile only: give --profile too.")))
    certificate = (read_input(certificate_file), read_input(key_file)) if certificate_file and key_file else None
    config = config_of(console)
    if is_initialised(config):
        raise StateError("There is an issuer in this folder already. Nothing was changed.")
    randomness = SystemRandomness()
    password, made = new_password(console, console.gettext(N_("Password of the operator")), file=passphrase_file,
                                  variable=_PASSPHRASE, randomness=randomness)
    hashed = hash_password(password, randomness.token_bytes(16))
    identity = initialise_issuer(config, origin=origin, password_hash=hashed, name=name, wallets=wallets,
                                 language=language, profile=profile or "", certificate=certificate)
    if console.json:
        console.emit({"origin": identity.origin, "did": identity.did, "name": identity.name,
                      "wallets": list(identity.wallets), "login": OPERATOR, "profile": profile}
                     | ({"password": password} if made else {}))
        return
    console.say(console.gettext(N_("The issuer is ready.")), bold=True)
    console.say(console.gettext(N_("Its name on records: %(name)s")) % {"name": identity.name})
    console.say(console.gettext(N_("Its address: %(origin)s")) % {"origin": identity.origin})
    console.say(console.gettext(N_("Its identifier: %(did)s")) % {"did": identity.did})
    if profile is not None:
        console.say(console.gettext(N_("The profile it keeps to: %(profile)s")) % {"profile": profile})
    console.say(console.gettext(N_("Sign in as: %(name)s")) % {"name": OPERATOR})
    if made:
        console.say(console.gettext(N_("With this password, shown only now: %(password)s")) % {"password": password})
    console.say(console.gettext(N_("Start it: backpack-issuer serve")))


@click.command("serve", cls=BackpackCommand, help=N_("Start the pages and answer wallets."),
               example="backpack-issuer serve --port 8101")
@click.option("--host", help=N_("The address to listen on; by default this machine only."))
@click.option("--port", type=click.IntRange(1, 65535), help=N_("The port to listen on; by default that of the origin."))
@tls_options
@common_options
def serve(console: Console, host: str | None, port: int | None, certificate: Path | None, key: Path | None) -> None:
    from issuer.web import create_app  # pages load slowly; the other commands do without them
    from ui.web import serve as serve_app

    config = config_of(console)
    office = build_services(config).office
    origin = office.identity.origin
    ready = console.gettext(N_("The issuer answers at %(origin)s. Stop it with Ctrl-C.")) % {"origin": origin}
    if office.profile.name:
        console.note(console.gettext(N_("The profile it keeps to: %(profile)s")) % {"profile": office.profile.name})
    serve_app(lambda: create_app(build_services(config)), host or "127.0.0.1", port or urlsplit(origin).port or 8101,
              on_ready=lambda: console.note(ready), certificate=certificate, key=key)


@click.command(
    "sweep", cls=BackpackCommand, example="backpack-issuer sweep",
    help=N_("Delete what is older than it may get: codes, offers, files read. A running server does it too."))
@common_options
def sweep(console: Console) -> None:
    services_of(console).sweeping.sweep()
    if console.json:
        console.emit({"swept": True})
    else:
        console.say(console.gettext(N_("What was too old is deleted.")))


@click.group("staff", cls=BackpackGroup,
             help=N_("Who works in the office: registrars who approve, teachers who draft."))
def staff() -> None:
    """The group of the commands about logins."""


@staff.command(
    "add", cls=BackpackCommand, help=N_("Make a login for a registrar or a teacher."),
    example="backpack-issuer staff add rivera --role teacher",
)
@click.argument("name")
@click.option("--role", type=click.Choice((REGISTRAR, TEACHER)), required=True,
              help=N_("A teacher drafts; a registrar approves, offers and takes back."))
@secret_file_option("passphrase")
@common_options
def add_staff(console: Console, name: str, role: str, passphrase_file: Path | None) -> None:
    services, randomness = services_of(console), SystemRandomness()
    password, made = new_password(console, console.gettext(N_("Password of the new login")), file=passphrase_file,
                                  variable=_PASSPHRASE, randomness=randomness)
    if len(password) < SHORTEST_PASSWORD:
        raise StateError("The password must have at least 12 characters. Nothing was changed.")
    added = services.staff.add(name, role, hash_password(password, randomness.token_bytes(16)), CLI_ACTOR)
    if console.json:
        console.emit({"login": added.name, "role": added.role} | ({"password": password} if made else {}))
        return
    console.say(console.gettext(N_("The login %(name)s is made.")) % {"name": added.name}, bold=True)
    if made:
        console.say(console.gettext(N_("With this password, shown only now: %(password)s")) % {"password": password})


@staff.command("list", cls=BackpackCommand, help=N_("List the logins."), example="backpack-issuer staff list")
@common_options
def list_staff(console: Console) -> None:
    found = services_of(console).staff.all()
    if console.json:
        console.emit([{"login": each.name, "role": each.role} for each in found])
        return
    console.table([console.gettext(word) for word in (N_("Login"), N_("Role"))],
                  [[each.name, console.gettext(_ROLES[each.role])] for each in found])


@staff.command("remove", cls=BackpackCommand, help=N_("End a login at once."),
               example="backpack-issuer staff remove rivera")
@click.argument("name")
@common_options
def remove_staff(console: Console, name: str) -> None:
    services_of(console).staff.remove(name, CLI_ACTOR)
    if console.json:
        console.emit({"login": name, "removed": True})
        return
    console.say(console.gettext(N_("The login %(name)s is removed.")) % {"name": name})


_ROLES = {OPERATOR: N_("operator"), REGISTRAR: N_("registrar"), TEACHER: N_("teacher")}


@click.command("log", cls=BackpackCommand,
               help=N_("Show what was done here, the newest first, and whether the log is whole."),
              example="backpack-issuer log --limit 20")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help=N_("How many lines."))
@common_options
def log(console: Console, limit: int) -> int:
    services = services_of(console)
    entries, broken = services.students.log(limit=limit), services.students.first_broken_log_entry()
    if console.json:
        console.emit({"whole": broken is None, "entries": [
            {"number": entry.seq, "at": format_date_time(entry.at), "event": entry.event, "actor": entry.actor,
             "about": entry.subject, "detail": entry.detail} for entry in entries]})
        return 0 if broken is None else 1
    headers = [console.gettext(word) for word in (N_("No."), N_("When"), N_("What"), N_("Who"), N_("About"))]
    console.table(headers, [[str(entry.seq), console.moment(entry.at), entry.event, entry.actor, entry.subject]
                            for entry in entries])
    if broken is None:
        console.note(console.gettext(N_("The log is whole: no line was changed or removed.")))
        return 0
    console.note(console.gettext(N_("The log was changed at line %(number)s.")) % {"number": broken})
    return 1
