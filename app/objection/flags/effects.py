"""What becomes of a mark when the objection to it is answered."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.flags.services import lift_warning
from app.objection.flags.models import FlagObjection
from app.workflow.table import Context, foretells


def _foretold(context: Context[FlagObjection]) -> object:
    return _("The mark of %(school)s on this unit is lifted.", school=context.case.data["school"])


@foretells(_foretold)
def lift_the_mark(context: Context[FlagObjection]) -> None:
    """The school's mark is gone; nothing happens where it has gone already."""
    lift_warning(context.case.warning_id, actor=context.actor)
