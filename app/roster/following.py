"""What follows a roster row when it changes: its cases' 失效, and where cases that keep no copy yet are reviewed."""

from __future__ import annotations

from sqlalchemy import inspect, text

from app.base.database import session
from app.workflow import registry


def follow_many(table: str) -> None:
    """Bring the cases of all graduates of a temporary table (id, invalid_since) into line with their roster rows.

    A case keeps the student data of its submission (R4.6); until there is such a copy it moves with the student to
    another department or level.
    """
    for workflow in registry.all_workflows():
        model = workflow.model
        if not hasattr(model, "graduate_id"):
            continue
        moves = ""
        if hasattr(model, "student"):
            moves = " OR (c.student IS NULL AND (c.department_id, c.level) IS DISTINCT FROM (g.department_id, g.level))"
        name = inspect(model).local_table.name
        kept = "c.student IS NULL" if moves else "FALSE"
        session.execute(
            text(
                f"UPDATE {name} c SET invalid_since = g.invalid_since,"  # noqa: S608 - names of our own tables
                f" department_id = CASE WHEN {kept} THEN g.department_id ELSE c.department_id END,"
                f" level = CASE WHEN {kept} THEN g.level ELSE c.level END"
                f" FROM graduates g WHERE g.id IN (SELECT id FROM {table}) AND c.graduate_id = g.id"
                f" AND (c.invalid_since IS DISTINCT FROM g.invalid_since{moves})"
            )
        )


def follow(graduate_id: int) -> None:
    """The same for one graduate, whose row has been flushed."""
    session.flush()
    follow_many(f"(SELECT {int(graduate_id)} AS id) AS one")
