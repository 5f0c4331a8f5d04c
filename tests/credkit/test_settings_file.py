"""Settings that lie with the data: the environment counts more, and a line that is none is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

import issuer.config
import verifier.config
import wallet.config
from credkit.errors import ConfigError
from credkit.settings_file import FILE_NAME, with_settings_of, write_settings


def test_without_a_file_the_environment_is_all_there_is(tmp_path: Path) -> None:
    assert with_settings_of(tmp_path, {"BACKPACK_X": "1"}) == {"BACKPACK_X": "1"}


def test_what_was_written_is_read_and_the_environment_counts_more(tmp_path: Path) -> None:
    write_settings(tmp_path, {"BACKPACK_A": "1", "BACKPACK_B": "a=b c", "BACKPACK_C": ""})
    assert with_settings_of(tmp_path, {"BACKPACK_A": "2", "HOME": "/"}) == {
        "BACKPACK_A": "2", "BACKPACK_B": "a=b c", "BACKPACK_C": "", "HOME": "/"}


def test_comments_and_empty_lines_say_nothing(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("# of the demo\n\nBACKPACK_A=1\n", encoding="utf-8")
    assert with_settings_of(tmp_path, {}) == {"BACKPACK_A": "1"}


@pytest.mark.parametrize("content", [
    b"PATH=/bin\n", b"BACKPACK_A\n", b"\xff\n", b"=1\n", b"BACKPACK_A=" + b"x" * 70_000])
def test_what_is_no_setting_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(ConfigError):
        with_settings_of(tmp_path, {})


def test_what_the_file_cannot_hold_is_not_written(tmp_path: Path) -> None:
    for settings in ({"PATH": "/bin"}, {"BACKPACK_A": "1\nBACKPACK_B=2"}, {"BACKPACK_A": "1 "}):
        with pytest.raises(ConfigError):
            write_settings(tmp_path, settings)
    assert not (tmp_path / FILE_NAME).exists()


def test_every_role_reads_the_file_of_its_folder(tmp_path: Path) -> None:
    write_settings(tmp_path, {"BACKPACK_LOOPBACK_HTTP": "1", "BACKPACK_CA_FILE": "/x.pem"})
    for config in (issuer.config.from_environ({}, data=tmp_path), verifier.config.from_environ({}, data=tmp_path),
                   wallet.config.from_environ({}, data=tmp_path)):
        assert (config.loopback_http, config.ca_file) == (True, "/x.pem")
