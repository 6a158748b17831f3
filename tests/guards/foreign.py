"""What belongs to whom, by plain SQL over places, units and people: no rule of the program is asked.

Every graduate bears a name that tells whose it is, and every row that is written is noted by a trigger, so that an answer
and what a call has done can be judged by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from app.base.database import session, transaction

MARK = re.compile(r"ZQ(\d+)QZ")
# What the program notes of a call by itself: sessions, limits, the trail, messages on their way.
_NOTES = {
    *(
        "audit_lines",
        "audit_blocks",
        "login_sessions",
        "outbox",
        "verification_codes",
        "idempotency_keys",
        "walk_changes",
    ),
    *("alembic_version", "ab_user", "history_heads", "devices", "known_devices"),
}
_OWN_ID = {
    "graduates": "graduate_id",
    "schools": "school_id",
    "departments": "department_id",
    "provinces": "province_id",
    "employers": "employer_id",
}
_LISTENER = """
CREATE TABLE walk_changes (tbl text, content jsonb);
CREATE FUNCTION walk_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF TG_OP <> 'INSERT' THEN INSERT INTO walk_changes VALUES (TG_TABLE_NAME, to_jsonb(OLD)); END IF;
  IF TG_OP <> 'DELETE' THEN INSERT INTO walk_changes VALUES (TG_TABLE_NAME, to_jsonb(NEW)); END IF;
  RETURN NULL; END $$;
"""
Row = Mapping[str, Any]


def prepare() -> None:
    """Name the graduates and listen to what is written; in a database that is thrown away."""
    with transaction():
        session.execute(text("UPDATE graduates SET name = 'ZQ' || id || 'QZ'"))
        session.execute(text(_LISTENER))
        for table in _tables():
            session.execute(
                text(
                    f"CREATE TRIGGER walk AFTER INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION walk_note()"
                )
            )


def _tables() -> Iterator[str]:
    query = text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    yield from (name for name in session.scalars(query).all() if name not in _NOTES)


def changes() -> list[tuple[str, Row]]:
    """What the running transaction has written: table and row, as it was and as it is."""
    return [(table, row) for table, row in session.execute(text("SELECT tbl, content FROM walk_changes"))]


def row_of(table: str, row_id: Any) -> Row | None:
    """A row as it is; None for what has no number of its own, such as a code."""
    if not isinstance(row_id, int):
        return None
    found: Row | None = session.scalar(text(f"SELECT to_jsonb(t) FROM {table} t WHERE id = :id"), {"id": row_id})
    return found


@dataclass(frozen=True)
class Owner:
    """Whose a row is, as far as it says."""

    province: int | None = None
    school: int | None = None
    department: int | None = None
    employer: int | None = None
    graduate: int | None = None
    user: int | None = None


@dataclass(frozen=True)
class Place:
    """An account: what is its own, what is another's."""

    kind: str
    own: Owner
    graduates: frozenset[int]  # whose names it may read

    def is_foreign(self, table: str, row: Row) -> bool:
        """Whether the row is about somebody else; rows that are nobody's are not."""
        of = _owner(table, row)
        if self.kind == "":
            return of != Owner()
        theirs, mine = ((getattr(one, self.kind), one.user) for one in (of, self.own))
        if theirs[0] is not None:
            return bool(theirs[0] != mine[0])
        return theirs[1] is not None and theirs[1] != mine[1]

    def leaked(self, body: str) -> set[int]:
        """The graduates whose names stand in the answer though they are others'."""
        return {int(number) for number in MARK.findall(body)} - self.graduates


def place_of(username: str) -> Place:
    """The account of this name; "" is a stranger."""
    if not username:
        return Place("", Owner(), frozenset())
    row = (
        session.execute(
            text("SELECT a.* FROM accounts a JOIN ab_user u ON u.id = a.user_id WHERE u.username = :name"),
            {"name": username},
        )
        .mappings()
        .one()
    )
    graduate = session.scalar(
        text("SELECT max(id) FROM graduates WHERE id_number_index = :person"), {"person": row["person"]}
    )
    own = Owner(
        row["province_id"], row["school_id"], row["department_id"], row["employer_id"], graduate, row["user_id"]
    )
    mine = getattr(own, row["kind"])
    seen: set[int] = set(
        session.scalars(text("SELECT id FROM graduates WHERE " + _READABLE[row["kind"]]), {"mine": mine})
    )
    return Place(row["kind"], own, frozenset(seen))


_READABLE = {
    "province": "province_id = :mine",
    "school": "school_id = :mine",
    "department": "department_id = :mine",
    "graduate": "id = :mine",
    # A unit's favorites and those whom it has invited.
    "employer": "id IN (SELECT graduate_id FROM favorites WHERE employer_id = :mine"
    " UNION SELECT graduate_id FROM online_signings WHERE employer_id = :mine)",
}


def _owner(table: str, row: Row) -> Owner:
    told = {**row, **({_OWN_ID[table]: row["id"]} if table in _OWN_ID else {})}
    graduate = told.get("graduate_id")
    if graduate is not None and told.get("school_id") is None:
        place = (
            session.execute(
                text("SELECT province_id, school_id, department_id FROM graduates WHERE id = :id"), {"id": graduate}
            )
            .mappings()
            .one_or_none()
        )
        told |= place or {}
    if told.get("school_id") is not None and told.get("province_id") is None:
        told["province_id"] = session.scalar(
            text("SELECT province_id FROM schools WHERE id = :id"), {"id": told["school_id"]}
        )
    user = told.get("user_id") or told.get("applicant_id") or told.get("reader_id")
    names = ("province_id", "school_id", "department_id", "employer_id", "graduate_id")
    return Owner(*(told.get(name) for name in names), user)
