"""Deleted students: nobody's row for the places that stay taken, and why something was taken back may be blanked."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"

_NAME = "revocations_no_update"
_KEPT = ("credential_id", "revoked_at", "actor")


def upgrade() -> None:
    op.execute("INSERT INTO students (id, number, given_name, family_name, aliases, created_at) "
               "VALUES ('deleted', '', '', '', '[]', 0)")
    if op.get_bind().dialect.name == "sqlite":
        same = " AND ".join(f"NEW.{column} IS OLD.{column}" for column in _KEPT)
        op.execute(f"DROP TRIGGER {_NAME}")
        op.execute(f"CREATE TRIGGER {_NAME} BEFORE UPDATE ON revocations WHEN NOT ({same} AND NEW.reason IS '') "
                   "BEGIN SELECT RAISE(ABORT, 'this table can only grow'); END")
    else:
        same = " AND ".join(f"NEW.{column} IS NOT DISTINCT FROM OLD.{column}" for column in _KEPT)
        op.execute(f"DROP TRIGGER {_NAME} ON revocations")
        op.execute(f"CREATE TRIGGER {_NAME} BEFORE UPDATE ON revocations FOR EACH ROW "
                   f"WHEN (NOT ({same} AND NEW.reason IS NOT DISTINCT FROM '')) EXECUTE FUNCTION {_NAME}()")
