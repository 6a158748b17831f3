"""How a graduate begins to confirm: nothing is typed, what is registered is shown."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.access.actors import Actor
from app.cases.services import Body, Writing, own_graduate
from app.leaving.forms import StartForm
from app.leaving.models import Leaving


def _open(body: Body, actor: Actor) -> Leaving:
    del body
    case: Leaving = Leaving.of(own_graduate(actor))
    return case


def _write(case: Leaving, body: Body, *, actor: Actor, whole: bool) -> None:
    """What it says follows from what is registered."""
    del case, body, actor, whole


WRITING = Writing(
    form=StartForm,
    open=_open,
    write=_write,
    hand_in="",
    closed=lambda case: _("Nothing is typed here. Please report what is wrong, or change the record itself."),
)
