"""What a wallet refuses to start with."""

from __future__ import annotations

from pathlib import Path

import pytest

from credkit.errors import ConfigError
from tests.support.world import World
from wallet.bootstrap import Services, build_services, is_initialised
from wallet.config import Config, from_environ


def test_everything_has_a_default_and_a_setting(tmp_path: Path) -> None:
    assert from_environ({}).origin == "http://localhost:8103"
    config = from_environ({"BACKPACK_DATA": str(tmp_path), "BACKPACK_ORIGIN": "https://Wallet.Example/",
                           "BACKPACK_PROXIES": "1", "BACKPACK_CA_FILE": "/etc/ca.pem"})

    assert (config.data, config.origin, config.trusted_proxies, config.ca_file, config.loopback_http) == (
        tmp_path, "https://wallet.example", 1, "/etc/ca.pem", False)
    assert (config.anchors_file, config.haip_links) == (None, False)
    assert from_environ({"BACKPACK_TRUST_ANCHORS": "/etc/a.pem"}).anchors_file == "/etc/a.pem"
    assert from_environ({"BACKPACK_HAIP_LINKS": "1"}).haip_links
    vouching = {"BACKPACK_WALLET_CERTIFICATE": "c.pem", "BACKPACK_WALLET_CERTIFICATE_KEY": "k.pem"}
    assert from_environ({}).provider_files is None
    assert from_environ(vouching).provider_files == (Path("c.pem"), Path("k.pem"))
    assert config.database_url == f"sqlite:///{tmp_path / 'wallet.sqlite3'}"


@pytest.mark.parametrize("environ", [
    {"BACKPACK_ORIGIN": "http://wallet.example"}, {"BACKPACK_ORIGIN": "https://wallet.example/path"},
    {"BACKPACK_ORIGIN": "wallet.example"}, {"BACKPACK_ORIGIN": "https://["}, {"BACKPACK_PROXIES": "many"},
    {"BACKPACK_PROXIES": "-1"}, {"BACKPACK_LOOPBACK_HTTP": "1", "BACKPACK_ORIGIN": "https://wallet.example"},
    {"BACKPACK_ORIGIN": "https://10.0.0.1"}, {"BACKPACK_WALLET_CERTIFICATE": "c.pem"},
    {"BACKPACK_WALLET_CERTIFICATE_KEY": "k.pem"},
])
def test_a_setting_that_cannot_be_is_refused(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        from_environ(environ)


def test_whoever_vouches_for_the_wallet_needs_a_certificate_that_can_be_read(tmp_path: Path, world: World) -> None:
    missing = tmp_path / "none.pem"
    config = Config(tmp_path / "w", f"sqlite:///{tmp_path / 'w' / 'wallet.sqlite3'}", provider_files=(missing, missing))
    with pytest.raises(ConfigError):
        build_services(config, clock=world.clock, fetcher=world.web)


def test_two_starts_share_one_session_key(tmp_path: Path, world: World) -> None:
    config = Config(tmp_path / "w", f"sqlite:///{tmp_path / 'w' / 'wallet.sqlite3'}")
    assert not is_initialised(config)

    keys = {build_services(config, clock=world.clock, fetcher=world.web).session_key for _ in range(2)}

    assert len(keys) == 1 and is_initialised(config)


def test_damaged_data_refuses_to_start(services: Services) -> None:
    services.config.session_key_file.write_bytes(b"short")
    with pytest.raises(ConfigError):
        build_services(services.config)


def test_a_folder_that_cannot_be_made_refuses_to_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ConfigError):
        build_services(Config(tmp_path / "file" / "w", "sqlite://"))
