"""The person behind a verification as operators read them: numbers and address masked, in full for a reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from flask_babel import lazy_gettext as _

from app.access import reveals
from app.access.accounts import account_of_user
from app.access.actors import Actor
from app.base.database import session
from app.base.errors import NotFound
from app.base.masks import mask_email, mask_phone
from app.employers.models import EmployerUser, EmployerVerification
from app.employers.verification.workflow import VERIFICATION
from app.roster.services.personal import reason_sent
from app.workflow import engine

_PLAIN: Final = {"name": _("Real name"), "department": _("Department of the unit"), "post": _("Post")}
_MASKED: Final[Mapping[str, tuple[Any, Callable[[str | None], str]]]] = {
    "work_phone": (_("Work phone"), mask_phone),
    "fax": (_("Fax"), mask_phone),
    "mobile": (_("Mobile"), mask_phone),
    "email": (_("E-mail"), mask_email),
}


def applicant_of(case: EmployerVerification) -> EmployerUser | None:
    """Whoever asks for the verification; the caller has checked the scope."""
    return session.get(EmployerUser, case.applicant_id)


def person_rows(person: EmployerUser) -> list[tuple[Any, Any]]:
    """(label, words) of what nobody hides."""
    return [(label, getattr(person, name)) for name, label in _PLAIN.items()]


def masked_rows(person: EmployerUser) -> list[tuple[Any, Any]]:
    """(label, words) of the rest, as everybody reads it."""
    found = [(label, mask(getattr(person, name))) for name, (label, mask) in _MASKED.items()]
    return [(label, words) for label, words in found if words]


def reveal_applicant(case_id: int, sent: Mapping[str, Any], *, actor: Actor) -> list[tuple[Any, Any]]:
    """The same in full; the trail says who saw it, and why.

    Raises NotFound outside the scope, Forbidden for who may not, Invalid without a reason.
    """
    person = applicant_of(engine.load(VERIFICATION, case_id, actor=actor))
    if person is None:
        raise NotFound()
    reason = reason_sent(sent, actor)
    shown = {name: getattr(person, name) for name in _MASKED if getattr(person, name)}
    account = account_of_user(person.user_id)
    reveals.write([reveals.line_of(account, reason, actor=actor, fields=list(shown))])
    return [(_MASKED[name][0], value) for name, value in shown.items()]
