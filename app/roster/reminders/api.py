"""The API of reminders."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.access.actors import SCHOOL
from app.access.scope import in_scope
from app.base.cohorts import current_cohort
from app.base.database import session
from app.codes.forms import Flag, FormSchema, Whole, read
from app.fab.api import RoomApi, describe, expose, json_answer
from app.fab.shapes import INTEGER, group
from app.roster.models import Graduate
from app.roster.reminders.queries import plan_of
from app.roster.reminders.services import CAN_REMIND, MOST, VIEW, remind, require_reminders


class RemindForm(FormSchema):
    """Whom to remind: of the cohort (the current one), perhaps of one department; a dry run only counts."""

    cohort = Whole(2000, 2100, load_default=None)
    department_id = Whole(1, 2**63 - 1, load_default=None)
    dry_run = Flag(load_default=False)


_COUNTS: dict[str, Any] = dict.fromkeys(
    ("chosen", "told", "by_address", "registered", "without_account", "lately"), INTEGER
)


class RemindersApi(RoomApi):
    """A word to graduates who have registered no destination."""

    resource_name = "graduates"
    class_permission_name = VIEW
    module = "employment"
    permission_labels = {CAN_REMIND: _("remind of the destination")}
    permissions = {CAN_REMIND: (SCHOOL,)}

    @expose("/remind", methods=["POST"])
    @describe(group((), **_COUNTS, job_id=INTEGER), body=RemindForm, errors=(409,))
    def remind(self) -> Response:
        """Remind those without a destination; a worker does it. Nobody is reminded twice within the days that are set."""
        actor = self.actor()
        require_reminders(actor)
        clean: dict[str, Any] = read(RemindForm, self.body())
        chosen = [in_scope(Graduate, actor), Graduate.cohort == (clean["cohort"] or current_cohort())]
        if clean["department_id"]:
            chosen.append(Graduate.department_id == clean["department_id"])
        ids = list(session.scalars(select(Graduate.id).where(*chosen).order_by(Graduate.id).limit(MOST)))
        counts: dict[str, Any] = vars(plan_of(ids, actor))
        if not clean["dry_run"]:
            counts = {**counts, "job_id": remind(ids, actor=actor).id}
        return json_answer(200, counts)
