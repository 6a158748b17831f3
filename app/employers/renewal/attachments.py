"""Which files a renewal takes: what shows that a change is true."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from app.access.actors import EMPLOYER, Actor
from app.access.unit_roles import OWNER
from app.base.errors import Conflict, Forbidden
from app.cases.attachments import Files, Kind
from app.cases.services import is_editable
from app.employers.renewal.guards import LICENCE

MOST_FILES = 12
KINDS = (
    Kind(LICENCE, _("Stamped licence or credit code certificate")),
    Kind("other", _("More materials")),
)


def _owner(case: Any, kind: str, actor: Actor) -> None:
    """An owner adds and removes files as long as the renewal is with the unit."""
    del kind
    if actor.kind != EMPLOYER or actor.unit_role != OWNER or not actor.may("can_show", case.workflow_name):
        raise Forbidden()
    if not is_editable(case):
        raise Conflict(
            _("What has been submitted cannot be changed. The service line helps if something is wrong."),
            "wrong_state",
        )


FILES = Files(KINDS, may_change=_owner, most=MOST_FILES)
