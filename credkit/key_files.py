"""Files that hold a secret: written whole or not at all, readable by their owner only.

What names the file and what to do about it is the role's to say; the reasons here are short and the same for all.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from credkit.errors import ConfigError


def write_key_file(path: Path, content: bytes) -> None:
    """Write a whole file or none; one that an interrupted start left behind is whole, as random, and kept.

    Raises:
        ConfigError: the folder cannot be written.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    except OSError as error:
        raise ConfigError("The data folder cannot be written.") from error


def read_key_file(path: Path) -> bytes:
    """What stands in a file of ``write_key_file``.

    Raises:
        ConfigError: it is missing, or others can read it.
    """
    try:
        if path.stat().st_mode & 0o077:
            raise ConfigError("A key file can be read by others. Make it yours alone (chmod 600).")
        return path.read_bytes()
    except OSError as error:
        raise ConfigError("A key file cannot be read. Run init first.") from error
