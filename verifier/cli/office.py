"""Commands of the office: making a verifier, serving its pages, saying whom it trusts."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import click

from credkit.environment import SystemRandomness
from credkit.errors import ProblemError, StateError
from ui.cli import (
    N_,
    BackpackCommand,
    BackpackGroup,
    Console,
    common_options,
    new_password,
    secret_file_option,
    tls_options,
)
from ui.cli.files import read_input
from ui.passwords import hash_password
from verifier.bootstrap import build_services, initialise_verifier, is_initialised
from verifier.cli.group import config_of, services_of
from verifier.services.profiles import PROFILES
from verifier.services.setup import OPERATOR

COULD_NOT_CHECK = 3


@click.command(
    "init",
    cls=BackpackCommand,
    help=N_("Make a verifier: its key, its login, its address."),
    example='backpack-verifier init --origin https://college.example --name "State College"',
)
@click.option("--origin", required=True, help=N_("The address of this verifier, such as https://college.example."))
@click.option("--name", help=N_("What your office is called; families read it. The address if you give none."))
@click.option(
    "--wallet", "wallets", multiple=True, help=N_("The address of a wallet your families use; may be repeated.")
)
@click.option(
    "--cert",
    "certificate_file",
    metavar="FILE",
    help=N_("A certificate for the host of this verifier, PEM, with its chain. Wallets can know you by it."),
)
@click.option("--key", "key_file", metavar="FILE", help=N_("The key of the certificate, PEM without a password."))
@click.option(
    "--profile",
    type=click.Choice([profile.name for profile in PROFILES]),
    default=None,
    help=N_("A stricter profile that this verifier keeps to."),
)
@secret_file_option("passphrase")
@common_options
def init(
    console: Console,
    origin: str,
    name: str | None,
    wallets: tuple[str, ...],
    certificate_file: str | None,
    key_file: str | None,
    profile: str | None,
    passphrase_file: Path | None,
) -> None:
    if (certificate_file is None) != (key_file is None):
        raise click.UsageError(console.gettext(N_("A certificate and its key belong together: --cert and --key.")))
    certificate = (read_input(certificate_file), read_input(key_file)) if certificate_file and key_file else None
    config = config_of(console)
    if is_initialised(config):
        raise StateError("There is a verifier in this folder already; nothing was changed.")
    randomness = SystemRandomness()
    question = console.gettext(N_("Password of the operator"))
    password, made = new_password(
        console, question, file=passphrase_file, variable="BACKPACK_PASSPHRASE", randomness=randomness
    )
    hashed = hash_password(password, randomness.token_bytes(16))
    identity = initialise_verifier(
        config,
        origin=origin,
        name=name,
        wallets=wallets,
        password_hash=hashed,
        certificate=certificate,
        profile=profile or "",
    )
    if console.json:
        known = {"origin": identity.origin, "did": identity.did, "name": identity.name, "login": OPERATOR}
        console.emit({**known, "wallets": list(identity.wallets)} | ({"password": password} if made else {}))
        return
    console.say(console.gettext(N_("The verifier is ready.")), bold=True)
    console.say(console.gettext(N_("Its name: %(name)s")) % {"name": identity.name})
    console.say(console.gettext(N_("Its address: %(origin)s")) % {"origin": identity.origin})
    console.say(console.gettext(N_("Its identifier: %(did)s")) % {"did": identity.did})
    console.say(console.gettext(N_("Sign in as: %(name)s")) % {"name": OPERATOR})
    if made:
        console.say(console.gettext(N_("With this password, shown only now: %(password)s")) % {"password": password})
    console.say(console.gettext(N_("Start it: backpack-verifier serve")))


@click.command(
    "serve",
    cls=BackpackCommand,
    help=N_("Start the pages and answer wallets."),
    example="backpack-verifier serve --port 8104",
)
@click.option("--host", help=N_("The address to listen on; by default this machine only."))
@click.option("--port", type=click.IntRange(1, 65535), help=N_("The port to listen on; by default that of the origin."))
@tls_options
@common_options
def serve(
    console: Console, host: str | None, port: int | None, certificate: Path | None, key: Path | None
) -> None:
    from ui.web import serve as serve_app  # pages are slow to import; no other command needs them
    from verifier.web import create_app

    config = config_of(console)
    origin = build_services(config).identity.origin
    parts = urlsplit(origin)
    ready = console.gettext(N_("The verifier answers at %(origin)s. Stop it with Ctrl-C.")) % {"origin": origin}
    serve_app(
        lambda: create_app(build_services(config)),
        host or "127.0.0.1",
        port or parts.port or 8104,
        certificate=certificate,
        key=key,
        on_ready=lambda: console.note(ready),
    )


@click.command(
    "sweep",
    cls=BackpackCommand,
    help=N_("Delete what is older than it may get: results, requests, copies of lists. A running server does it too."),
    example="backpack-verifier sweep",
)
@common_options
def sweep(console: Console) -> None:
    services_of(config_of(console)).results.sweep()
    if console.json:
        console.emit({"swept": True})
    else:
        console.say(console.gettext(N_("What was too old is deleted.")))


@click.group("trust", cls=BackpackGroup, help=N_("Say whom you trust: add, list, remove."))
def trust() -> None:
    pass


@trust.command(
    "add",
    help=N_("Trust a signer under a name of yours."),
    example='backpack-verifier trust add did:web:school.example --name "Lincoln High School"',
)
@click.argument("did", metavar="DID")
@click.option("--name", required=True, help=N_("What you call this signer."))
@common_options
def trust_add(console: Console, did: str, name: str) -> None:
    try:
        issuer = services_of(config_of(console)).trust.add(did, name)
    except ProblemError as error:
        raise click.UsageError(console.gettext(error.detail)) from error
    if console.json:
        console.emit({"did": issuer.did, "name": issuer.name})
    else:
        console.say(console.gettext(N_("%(name)s is on your list now.")) % {"name": issuer.name})


@trust.command("list", help=N_("Print whom you trust."), example="backpack-verifier trust list")
@common_options
def trust_list(console: Console) -> None:
    listed = services_of(config_of(console)).trust.listed()
    if console.json:
        console.emit(listed.to_json())
    elif listed.issuers:
        rows = [(issuer.name, issuer.did) for issuer in listed.issuers]
        console.table((console.gettext(N_("Name")), "DID"), rows, width=200)
    else:
        console.say(console.gettext(N_("Nobody is on your list yet. Every signer is unknown.")))


@trust.command(
    "remove", help=N_("Stop trusting a signer."), example="backpack-verifier trust remove did:web:school.example"
)
@click.argument("did", metavar="DID")
@common_options
def trust_remove(console: Console, did: str) -> None:
    services_of(config_of(console)).trust.remove(did)
    if console.json:
        console.emit({"removed": did})
    else:
        console.say(console.gettext(N_("The signer was taken off your list.")))


@trust.command(
    "refresh",
    help=N_("Copy the keys of everybody on your list, so that records can be checked without a network."),
    example="backpack-verifier trust refresh",
)
@common_options
def trust_refresh(console: Console) -> int:
    reached, listed = services_of(config_of(console)).checks.copy_keys()
    if console.json:
        console.emit({"reached": reached, "listed": listed})
    else:
        text = console.gettext(N_("Copied the keys of %(reached)s of %(listed)s signers."))
        console.say(text % {"reached": reached, "listed": listed})
    return 0 if reached == listed else COULD_NOT_CHECK
