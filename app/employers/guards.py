"""What must be true of a unit: verified before its users do anything, its nature one that goes with its type (R5.2, R5.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from app.access.actors import EMPLOYER, Actor
from app.base.database import session
from app.base.errors import Conflict, Forbidden, Invalid
from app.base.wording import listed
from app.codes import queries as codes
from app.employers.models import Employer

# 单位类型 -> the 单位性质 it may have. A type that is not named here may have any.
NATURES_OF_TYPE: Mapping[str, tuple[str, ...]] = {
    "1": ("31",),  # 国有企业
    "2": ("39",),  # 民营企业: always 其他企业
    "3": ("32",),  # 三资企业
    "4": ("10",),  # 党政机关
    "5": ("20", "21", "22", "23", "29"),  # 事业单位: research, education, health and the rest
    "6": ("29", "55", "56", "99"),  # 社会组织
    "7": ("40",),  # 部队
}


def natures_of(type_code: str) -> tuple[str, ...]:
    """The natures that a unit of this type may have."""
    known = tuple(code for code, _label in codes.choices("employer_nature"))
    return tuple(code for code in NATURES_OF_TYPE.get(type_code, known) if code in known)


def check_nature(facts: Mapping[str, Any]) -> None:
    """Refuse a nature that does not go with the type; raises Invalid at `nature`."""
    allowed = natures_of(facts["type"])
    if facts["nature"] in allowed:
        return
    names = listed(codes.label("employer_nature", code) for code in allowed)
    raise Invalid(
        {
            "nature": [
                _(
                    "A unit of type “%(type)s” has the nature: %(names)s. Please choose it.",
                    type=codes.label("employer_type", facts["type"]),
                    names=names,
                )
            ]
        }
    )


def verified_employer(actor: Actor) -> Employer:
    """The actor's unit; raises Forbidden for others than employers, Conflict `unverified` before verification (R5.6)."""
    if actor.kind != EMPLOYER:
        raise Forbidden()
    employer = session.get(Employer, actor.employer_id) if actor.employer_id else None
    if employer is None or employer.verified_at is None:
        raise Conflict(_("Your unit is not verified yet. Please finish the verification first."), "unverified")
    return employer


def inviting_employer(actor: Actor) -> Employer:
    """The same for whoever asks new graduates: the yearly renewal is not overdue either; else Conflict `lapsed`."""
    employer = verified_employer(actor)
    if employer.lapsed_at is not None:
        raise Conflict(
            _(
                "The yearly renewal of your unit is overdue, so no new invitations can be sent; everything that runs "
                "goes on. An owner of the unit opens the yearly renewal on the workbench and confirms the data; once "
                "it is approved you can invite again."
            ),
            "lapsed",
        )
    return employer
