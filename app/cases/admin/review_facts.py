"""What every review page tells beside the case itself: the student, what is reported of them, the school (R4.5, R4.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from app.access.actors import Actor
from app.cases.models import CaseMixin
from app.cases.queries import earlier_ended
from app.codes import queries as codes
from app.codes.fields import REVIEW
from app.roster.records import fact_rows
from app.schools.queries import contact_for
from app.web import links
from app.workflow import registry

Rows = list[tuple[str, Any]]


def student_rows(case: CaseMixin) -> Rows:
    """The platform's copy of the student beyond the compared and the masked fields."""
    return fact_rows(case.graduate, REVIEW, masked=False)


def contact_rows(case: CaseMixin) -> Rows:
    """学校信息 with the 协议经办人 as it stands on the agreement."""
    contact = contact_for(case.school_id, case.cohort, case.level)
    return [
        (_("Graduate's school"), case.graduate.school.name),
        (_("Agreement contact"), contact.name if contact else None),
        (_("Phone"), contact.phone if contact else None),
        (_("Address"), contact.address if contact else None),
        (_("Postcode"), contact.postcode if contact else None),
    ]


def reported_rows(destination: Mapping[str, Any] | None) -> Rows:
    """就业管理系统已报送的就业信息 as words (R4.6)."""
    if destination is None:
        return [(_("Destination"), _("nothing reported yet"))]
    return [
        (_("Destination"), destination.get("label") or codes.label("destination", destination.get("code"))),
        (_("Unit"), destination.get("employer")),
        (_("Credit code"), destination.get("uscc")),
        (_("Nature of the unit"), codes.label("employer_nature", destination.get("nature"))),
        (_("Industry"), codes.label("employer_industry", destination.get("industry"))),
        (_("Place of the unit"), codes.region_label(destination.get("region"))),
        (_("Job category"), codes.label("job_category", destination.get("category"))),
        (_("Contact person"), destination.get("contact")),
        (_("Phone"), destination.get("phone")),
        (_("Mobile"), destination.get("mobile")),
        (_("E-mail"), destination.get("email")),
        (_("Fax"), destination.get("fax")),
        (_("Address"), destination.get("address")),
        (_("Postcode"), destination.get("postcode")),
    ]


def earlier_lines(case: CaseMixin, actor: Actor) -> list[dict[str, Any]]:
    """What of this graduate is void or terminated in the same module, as the page lists it (R8.3)."""
    return [_line(row, actor) for row in earlier_ended(case, actor)]


def _line(row: Any, actor: Actor) -> dict[str, Any]:
    workflow = registry.get(row.workflow_name)
    unit = getattr(row, "employer", None)
    return {
        "what": str(workflow.label),
        "label": workflow.label_of(row, actor),
        "unit": unit.name if unit is not None else "",
        "number": row.number or "",
        "at": row.state_since,
        "url": links.record_url(workflow.name, row.id, actor.kind),
    }
