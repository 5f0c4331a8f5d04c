"""Settings that lie with the data: a file ``settings`` in a role's data folder, so that every command on it agrees.

One ``NAME=VALUE`` a line, the names those of the environment (``BACKPACK_…``); the environment counts more. Whoever
can write there can read the keys beside it, so it decides nothing that they could not.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from credkit.errors import ConfigError

FILE_NAME: Final = "settings"
_PREFIX: Final = "BACKPACK_"
_MAX_BYTES: Final = 65_536


def with_settings_of(folder: Path, environ: Mapping[str, str]) -> Mapping[str, str]:
    """``environ`` over the settings of a data folder; without such a file just ``environ``.

    Raises:
        ConfigError: the file cannot be read, or a line is no setting.
    """
    path = folder / FILE_NAME
    if not path.exists():
        return environ
    try:
        content = path.read_bytes()
        lines = content.decode("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("The file of settings cannot be read.") from error
    if len(content) > _MAX_BYTES:
        raise ConfigError("The file of settings cannot be read.")
    return {**dict(_setting(line) for line in lines if line.strip() and not line.startswith("#")), **environ}


def write_settings(folder: Path, settings: Mapping[str, str]) -> None:
    """Put these settings, and no others, in a data folder that is there.

    Raises:
        ConfigError: a name or value that the file cannot hold.
    """
    lines = [f"{name}={value}" for name, value in settings.items()]
    if any(_setting(line) != pair or "\n" in line for line, pair in zip(lines, settings.items(), strict=True)):
        raise ConfigError("This cannot be a setting.")
    (folder / FILE_NAME).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _setting(line: str) -> tuple[str, str]:
    name, mark, value = line.strip().partition("=")
    if not mark or not name.startswith(_PREFIX):
        raise ConfigError("A line of the file of settings is no setting.")
    return name, value
