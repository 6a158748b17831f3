"""Units and their users come into the platform (R5.1); the verification itself is a workflow of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, validates
from sqlalchemy import select

from app.access.actors import Actor
from app.base import clock
from app.base.database import session, transaction
from app.base.errors import Conflict, Forbidden
from app.codes.forms import Code, FormSchema, Phone, Region, Text, read
from app.codes.validators import is_credit_code, normalise_credit_code
from app.employers.models import Employer, EmployerUser


class UnitForm(FormSchema):
    """What is asked of a unit (单位信息)."""

    name = Text(64, required=True)
    short_name = Text(32, load_default=None)
    uscc = Text(18, load_default=None, allow_none=True)
    type = Code("employer_type", required=True)
    nature = Code("employer_nature", required=True)
    industry = Code("employer_industry", required=True)
    job_industry = Text(64, load_default=None)
    business_scope = Text(128, load_default=None)
    size = Code("employer_size", required=True)
    region = Region(required=True)
    address = Text(128, required=True)
    website = Text(256, load_default=None)
    welfare = Text(1000, load_default=None)
    intro = Text(4000, load_default=None)

    @validates("uscc")
    def credit_code(self, value: str | None, **_options: Any) -> None:
        """Alphabet, form and check character; a few units have no code at all."""
        if value and not is_credit_code(normalise_credit_code(value)):
            raise ValidationError(_("This is not a valid credit code. Please compare it with the licence."))


class UnitUserForm(FormSchema):
    """What is asked of a unit's user (个人信息)."""

    name = Text(32, required=True)
    sex = Code("sex", load_default=None)
    department = Text(64, load_default=None)
    post = Text(64, load_default=None)
    email = Text(128, load_default=None)
    work_phone = Phone(load_default=None)
    fax = Text(32, load_default=None)
    mobile = Phone(load_default=None)


def register_unit(facts: Mapping[str, Any], *, actor: Actor, verified: bool = False) -> Employer:
    """Add a unit, one for each credit code. Called by the program itself once a unit's user has filled in the form.

    `verified` is for units whose identity is known. Raises Forbidden, Invalid, Conflict `unit_exists`.
    """
    if not actor.is_system:
        raise Forbidden()
    clean = read(UnitForm, facts)
    clean["uscc"] = normalise_credit_code(clean["uscc"]) if clean["uscc"] else None
    with transaction():
        if unit_by_code(clean["uscc"]) is not None:
            raise Conflict(
                _("This unit is already registered. Please join it instead of registering it again."),
                "unit_exists",
            )
        employer = Employer(**clean, verified_at=clock.now() if verified else None)
        session.add(employer)
        session.flush()
    return employer


def add_unit_user(user_id: int, employer: Employer, facts: Mapping[str, Any], *, actor: Actor) -> EmployerUser:
    """Keep the personal details of a unit's user. Called by the program itself; raises Forbidden, Invalid."""
    if not actor.is_system:
        raise Forbidden()
    clean = read(UnitUserForm, facts)
    with transaction():
        person = EmployerUser(user_id=user_id, employer_id=employer.id, **clean)
        session.add(person)
        session.flush()
    return person


def unit_by_code(uscc: str | None) -> Employer | None:
    """The unit of a credit code, or None."""
    return session.scalar(select(Employer).where(Employer.uscc == uscc)) if uscc else None
