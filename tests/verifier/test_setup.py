"""A verifier's first start and every later one: what it refuses to start with, and what a broken start leaves."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from credkit.errors import ConfigError, StateError
from credkit.storage import open_engine, transaction
from verifier.bootstrap import build_services, initialise_verifier, is_initialised
from verifier.config import Config, from_environ
from verifier.wsgi import make_app

ORIGIN = "https://college.example"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return from_environ({}, data=tmp_path / "data")


def initialise(config: Config, origin: str = ORIGIN) -> None:
    initialise_verifier(config, origin=origin, wallets=("https://wallet.example/",), password_hash="hash")


def test_a_verifier_knows_itself_after_a_restart(config: Config) -> None:
    initialise(config)
    first, again = build_services(config), build_services(config)

    assert again.identity == first.identity
    assert again.identity.wallets == ("https://wallet.example",)
    assert again.signer.verification_method == "did:web:college.example#p256"
    assert again.signer.public_key == first.signer.public_key
    assert again.session_key == first.session_key


def test_nothing_starts_before_init(config: Config) -> None:
    assert not is_initialised(config)
    with pytest.raises(ConfigError):
        build_services(config)
    assert not config.data.exists()


def test_a_second_init_changes_nothing(config: Config) -> None:
    initialise(config)
    key = config.signing_key_file.read_bytes()

    with pytest.raises(StateError):
        initialise(config, "https://other.example")
    assert config.signing_key_file.read_bytes() == key
    assert build_services(config).identity.origin == ORIGIN


def test_an_init_that_was_interrupted_can_be_repeated(config: Config) -> None:
    initialise(config)
    with transaction(open_engine(config.database_url)) as connection:
        connection.execute(text("DELETE FROM settings"))
        connection.execute(text("DELETE FROM operators"))

    initialise(config)

    assert build_services(config).identity.origin == ORIGIN
    assert sorted(place.name for place in config.data.iterdir() if place.name.startswith(".")) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff",
        b'{"type": "P-256"}',
        b'{"type": "P-256", "secret": "AA"}',
        b'{"type": "rot13", "secret": "AAAA"}',
        b'{"type": [], "secret": {}}',
    ],
)
def test_a_damaged_key_refuses_to_start(config: Config, content: bytes) -> None:
    initialise(config)
    config.signing_key_file.write_bytes(content)

    with pytest.raises(ConfigError):
        build_services(config)


def test_a_missing_key_refuses_to_start(config: Config) -> None:
    initialise(config)
    config.session_key_file.unlink()

    with pytest.raises(ConfigError):
        build_services(config)


def test_the_development_setting_refuses_a_real_origin(config: Config) -> None:
    initialise(config)
    development = from_environ({"BACKPACK_LOOPBACK_HTTP": "1"}, data=config.data)

    with pytest.raises(ConfigError):
        build_services(development)


def test_data_of_a_newer_version_is_left_alone(config: Config) -> None:
    initialise(config)
    with transaction(open_engine(config.database_url)) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(ConfigError):
        build_services(config)


def test_any_server_can_start_it_from_the_environment(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    initialise(config)
    monkeypatch.delenv("BACKPACK_LOOPBACK_HTTP", raising=False)
    monkeypatch.setenv("BACKPACK_DATA", str(config.data))

    assert make_app().test_client().get("/", base_url=ORIGIN).status_code == 200
    monkeypatch.delenv("BACKPACK_DATA")
    with pytest.raises(ConfigError):
        make_app()


def test_an_office_without_a_name_of_its_own_is_called_by_its_host_and_claims_no_name(config: Config) -> None:
    initialise(config)
    identity = build_services(config).identity

    assert identity.name == "college.example"
    assert identity.chosen_name is None


@pytest.mark.parametrize("name", ["x" * 101, "\u200b\u202e", "\n \t"])
def test_a_name_that_cannot_be_one_makes_no_verifier(config: Config, name: str) -> None:
    with pytest.raises(ConfigError):
        initialise_verifier(config, origin=ORIGIN, name=name, wallets=(), password_hash="hash")
    assert not is_initialised(config)


def test_data_of_the_first_version_is_brought_up_to_date(config: Config) -> None:
    initialise(config)
    with transaction(open_engine(config.database_url)) as connection:
        connection.execute(text("DROP TABLE signer_documents"))
        for column in ("client_id", "response_mode", "answer_key"):
            connection.execute(text(f"ALTER TABLE requests DROP COLUMN {column}"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        connection.execute(text("DELETE FROM settings WHERE name = 'name'"))
        connection.execute(
            text("INSERT INTO results (id, kind, created_at, expires_at, story) VALUES ('a', 'check', 0, 9e15, '{}')")
        )

    services = build_services(config)

    assert services.identity.name == "college.example"
    assert services.store.signer_document("https://school.example/.well-known/did.json") is None
    assert services.results.page(1)[0] == []


def test_requests_of_the_second_version_keep_the_name_they_were_made_under(config: Config) -> None:
    initialise(config)
    with transaction(open_engine(config.database_url)) as connection:
        for column in ("client_id", "response_mode", "answer_key"):
            connection.execute(text(f"ALTER TABLE requests DROP COLUMN {column}"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0002'"))
        connection.execute(text(
            "INSERT INTO requests (id, owner_hash, question, query, nonce, state, created_at, expires_at)"
            " VALUES ('r', 'o', '{}', '{}', 'n', 's', 0, 0)"))

    record = build_services(config).store.request("r")

    assert record is not None
    assert (record.client_id, record.response_mode, record.answer_key) == (
        "decentralized_identifier:did:web:college.example", "direct_post", None)
