"""The certificate authorities of the web, as the system or a file names them: what https is checked against here."""

from __future__ import annotations

import ssl

from credkit.errors import ConfigError


def root_certificates(ca_file: str | None = None) -> tuple[bytes, ...]:
    """The authorities that ``SafeFetcher`` with this ``ca_file`` trusts, as DER.

    Raises:
        ConfigError: the file cannot be read.
    """
    try:
        return tuple(ssl.create_default_context(cafile=ca_file).get_ca_certs(binary_form=True))
    except OSError as error:
        raise ConfigError("the file of certificate authorities cannot be read") from error
