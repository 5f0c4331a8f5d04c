"""What all queries stand on."""

from __future__ import annotations

from sqlalchemy import Engine


class Queries:
    """Queries over one database; each method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
