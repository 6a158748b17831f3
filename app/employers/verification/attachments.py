"""Which files a verification takes, and when: pictures of stamped papers (R9.3)."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from app.access.actors import EMPLOYER, Actor
from app.base.errors import Conflict, Forbidden
from app.cases.attachments import Files, Kind
from app.cases.services import is_editable

MOST_FILES = 12  # licence, authorization and a few more pictures; an applicant is not yet known to anybody
LETTER = "authorization_letter"
KINDS = (
    Kind(LETTER, _("Stamped authorization letter"), copy_of="authorization"),
    Kind("licence", _("Stamped licence or credit code certificate")),
    Kind("other", _("More materials")),
)


def _applicant(case: Any, kind: str, actor: Actor) -> None:
    """The applicant adds and removes files as long as the record is with them."""
    del kind
    if actor.kind != EMPLOYER or not actor.may("can_create", case.workflow_name):
        raise Forbidden()
    if not is_editable(case):
        raise Conflict(
            _("What has been submitted cannot be changed. The service line helps if something is wrong."),
            "wrong_state",
        )


FILES = Files(KINDS, may_change=_applicant, most=MOST_FILES)
