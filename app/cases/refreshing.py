"""获取最新学生信息: at the final approval the reviewer may take over what may change, and nothing else (R4.5)."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from app.base.errors import Conflict
from app.cases.models import CaseMixin
from app.ems.client import ems
from app.ems.messages import EmsRefused, EmsStudent, EmsUnavailable
from app.ems.students import key_of
from app.roster.models import Graduate
from app.roster.services.takeover import take_over
from app.roster.snapshots import REFRESHABLE, student_facts


def fetch_latest(case: CaseMixin) -> EmsStudent:
    """The student of a case as the employment system has it now; asked before the approval's transaction begins.

    Raises Conflict: `ems_unavailable` (it does not answer), `ems_unknown`, `invalid` (removed there).
    """
    try:
        student = ems().view(key_of(case.graduate)).student
    except EmsUnavailable as error:
        raise Conflict(
            _(
                "The latest student information cannot be fetched: the employment management system does not answer. "
                "Please try again later, or approve without fetching it."
            ),
            "ems_unavailable",
        ) from error
    except EmsRefused as error:
        raise Conflict(_("The employment management system does not know this student."), "ems_unknown") from error
    if student.removed:
        raise Conflict(
            _("This student has been removed from the employment management system's roster."),
            "invalid",
        )
    return student


def refresh(case: CaseMixin, latest: EmsStudent) -> dict[str, list[Any]]:
    """Take exactly the fields of R4.5 over into the roster row and into the data that the case keeps.

    In the approval's transaction. Returns what changed on the case: field → before, after.
    """
    graduate: Graduate = case.graduate
    take_over(graduate, latest, activated=True, fields=REFRESHABLE)
    now, kept = student_facts(graduate), dict(case.student or student_facts(graduate))
    changes = {name: [kept.get(name), now[name]] for name in REFRESHABLE if kept.get(name) != now[name]}
    case.student = {**kept, **{name: now[name] for name in changes}}
    case.department_id = graduate.department_id
    return changes
