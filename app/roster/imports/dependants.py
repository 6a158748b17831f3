"""What hangs on roster rows: found through the foreign keys, so that a new table is never forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, and_, exists, or_, select

from app.access.models import Account
from app.base.database import Model, session
from app.base.errors import Conflict
from app.base.wording import listed
from app.roster.imports.packing import any_of
from app.roster.models import Graduate, RosterBatch
from app.workflow import registry


def columns_referring_to(table: str) -> Iterator[ColumnElement[Any]]:
    """Every column of the house whose foreign key leads to that table."""
    for other in Model.metadata.tables.values():
        for key in other.foreign_keys:
            if key.column.table.name == table and key.column.name == "id":
                yield other.c[key.parent.name]


def refuse_built_upon(batch: RosterBatch, new: Sequence[int], changed: Sequence[int]) -> None:
    """Raise Conflict `built_upon` when somebody has acted on what the batch brought, or changed it since."""
    since = Graduate.updated_at > batch.committed_at
    hanging = [exists().where(column == Graduate.id) for column in columns_referring_to("graduates")]
    activated = exists().where(Account.person == Graduate.id_number_index, Account.created_at > batch.committed_at)
    acted = [
        exists().where(flow.model.graduate_id == Graduate.id, flow.model.updated_at > batch.committed_at)
        for flow in registry.all_workflows()
        if hasattr(flow.model, "graduate_id")
    ]
    of_new = and_(Graduate.id == any_of(new), or_(since, activated, Graduate.confirmed_at.is_not(None), *hanging))
    of_changed = and_(Graduate.id == any_of(changed), or_(since, activated, *acted))
    query = select(Graduate.name, Graduate.exam_number).where(or_(of_new, of_changed)).order_by(Graduate.id)
    found = session.execute(query.limit(4)).all()
    if found:
        raise built_upon([f"{name} ({number})" for name, number in found])


def built_upon(students: Sequence[str] = ()) -> Conflict:
    """The refusal, with some of the students on whom something hangs."""
    some = listed(students[:3]) + ("…" if len(students) > 3 else "")
    return Conflict(
        _(
            "The import cannot be undone: since then something has been done with its students: %(some)s. "
            "Please change or remove students one by one.",
            some=some or _("some of them"),
        ),
        "built_upon",
    )
