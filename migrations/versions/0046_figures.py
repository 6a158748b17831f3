"""What figures are kept by: changes noted by triggers; indexes from which a list is ordered without its rows.

Revision ID: 0046_figures
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046_figures"
down_revision = "0045_spot_checks"
branch_labels = None
depends_on = None

_CASES = (
    *("amendments", "archives", "destinations", "hukous", "leavings", "objections", "offline_signings"),
    *("offline_terminations", "online_signings", "online_terminations", "supplementaries"),
)
_OF_UNITS = ("amendments", "online_signings", "online_terminations")
_BEFORE = ["invalid_since"]
_COUNTED_BY = ["invalid_since", "state_since", "updated_at"]
_LISTED_BY = [*_COUNTED_BY, "created_at", "number", "level", "graduate_id"]
_OF_CASES = {
    "school": [*_LISTED_BY, "department_id"],
    "province": [*_LISTED_BY, "school_id"],
    "department": _COUNTED_BY,
    "employer": _COUNTED_BY,
}
_OF_ROSTER = ["invalid_since", "province_id", "department_id", "level", "education", "major", "student_number"]

# What figures are counted from. Each statement notes the schools whose rows it touches; nobody waits for anybody.
_COUNTED = (
    *("graduates", "online_signings", "offline_signings", "supplementaries", "destinations"),
    *("online_terminations", "offline_terminations", "leavings"),
)
_SEEN = {"new": ("new_rows",), "old": ("old_rows",), "both": ("old_rows", "new_rows")}
_EVENTS = {
    "INSERT": ("new", "NEW TABLE AS new_rows"),
    "UPDATE": ("both", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
    "DELETE": ("old", "OLD TABLE AS old_rows"),
}
# No row is like another, also after a database was put back: what was kept of it never seems to hold again.
_MARK = "floor(random() * 4503599627370496)::bigint"


def upgrade() -> None:
    _indexes(_OF_CASES, _OF_ROSTER)
    op.create_table(
        "figure_changes",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("school_id", sa.BigInteger()),
        sa.Column("mark", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_changes")),
    )
    op.create_index("ix_figure_changes_school", "figure_changes", ["school_id"], postgresql_include=["mark"])
    for name, sources in _SEEN.items():
        for of_claims in (False, True):
            _function(name, sources, of_claims)
    for table in (*_COUNTED, "claims"):
        ending = "_of_claims" if table == "claims" else ""
        for event, (seen, referencing) in _EVENTS.items():
            op.execute(
                f"CREATE TRIGGER note_figures_{event.lower()} AFTER {event} ON {table} REFERENCING {referencing}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION note_figures_{seen}{ending}()"
            )
    _of_units()


def _indexes(of_cases: dict[str, list[str]], of_roster: list[str]) -> None:
    for table in _CASES:
        for scope in ("school", "department", "province", *(("employer",) if table in _OF_UNITS else ())):
            name, columns = f"ix_{table}_{scope}", [f"{scope}_id", "cohort", "state", "id"]
            op.drop_index(name, table)
            op.create_index(name, table, columns, postgresql_include=of_cases[scope])
    op.drop_index("ix_graduates_school", "graduates")
    op.create_index("ix_graduates_school", "graduates", ["school_id", "cohort", "id"], postgresql_include=of_roster)


def _function(name: str, sources: tuple[str, ...], of_claims: bool) -> None:
    """Note each school of the rows that a statement has touched, in one row a school."""
    joined = " AS c JOIN graduates AS g ON g.id = c.graduate_id" if of_claims else ""
    rows = " UNION ".join(f"SELECT {'g.' if of_claims else ''}school_id FROM {source}{joined}" for source in sources)
    op.execute(
        f"CREATE FUNCTION note_figures_{name}{'_of_claims' if of_claims else ''}() RETURNS trigger LANGUAGE plpgsql AS $$"
        f" BEGIN INSERT INTO figure_changes (school_id, mark) SELECT school_id, {_MARK} FROM ({rows}) AS touched"
        " GROUP BY school_id; RETURN NULL; END $$"
    )


def _of_units() -> None:
    """What figures are grouped by of a unit concerns all schools: the row has none."""
    facts = ("name", "nature", "industry", "region", "size")
    before, after = (", ".join(f"{row}.{fact}" for fact in facts) for row in ("OLD", "NEW"))
    op.execute(
        "CREATE FUNCTION note_figures_of_units() RETURNS trigger LANGUAGE plpgsql AS $$"
        f" BEGIN INSERT INTO figure_changes (school_id, mark) VALUES (NULL, {_MARK}); RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER note_figures AFTER UPDATE ON employers FOR EACH ROW"
        f" WHEN (({before}) IS DISTINCT FROM ({after})) EXECUTE FUNCTION note_figures_of_units()"
    )


def downgrade() -> None:
    for name in (*(f"{seen}{ending}" for seen in _SEEN for ending in ("", "_of_claims")), "of_units"):
        op.execute(f"DROP FUNCTION note_figures_{name}() CASCADE")
    op.drop_table("figure_changes")
    _indexes(dict.fromkeys(_OF_CASES, _BEFORE), _BEFORE)
