"""Files that hold a secret: whole or not there, and for their owner alone."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from credkit.errors import ConfigError
from credkit.key_files import read_key_file, write_key_file


def test_a_key_file_is_its_owners_alone(tmp_path: Path) -> None:
    write_key_file(tmp_path / "a.key", b"secret")

    assert stat.S_IMODE((tmp_path / "a.key").stat().st_mode) == 0o600
    assert read_key_file(tmp_path / "a.key") == b"secret"
    assert [place.name for place in tmp_path.iterdir()] == ["a.key"]


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o666])
def test_one_that_others_can_read_is_not_used(tmp_path: Path, mode: int) -> None:
    write_key_file(tmp_path / "a.key", b"secret")
    (tmp_path / "a.key").chmod(mode)

    with pytest.raises(ConfigError) as refusal:
        read_key_file(tmp_path / "a.key")
    assert "can be read by others" in refusal.value.detail


def test_one_that_is_there_already_is_kept(tmp_path: Path) -> None:
    write_key_file(tmp_path / "a.key", b"first")
    write_key_file(tmp_path / "a.key", b"second")

    assert read_key_file(tmp_path / "a.key") == b"first"


def test_what_an_interrupted_start_left_behind_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / f".a.key.{os.getpid()}").write_bytes(b"half")

    write_key_file(tmp_path / "a.key", b"whole")

    assert read_key_file(tmp_path / "a.key") == b"whole"
    assert [place.name for place in tmp_path.iterdir()] == ["a.key"]


@pytest.mark.parametrize("name", ["absent/a.key", "folder"])
def test_where_nothing_can_be_written_or_read_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir(mode=0o700)

    with pytest.raises(ConfigError):
        read_key_file(tmp_path / name)
    if name != "folder":
        with pytest.raises(ConfigError):
            write_key_file(tmp_path / name, b"secret")
