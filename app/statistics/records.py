"""How a graduate stands, as SQL: what binds them now, its code, and what the case says of unit and post.

A graduate holds one claim at most; a claim in force is the current destination. So the joins below multiply nobody, and
there is one definition of "current" for figures, lists and files.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func
from sqlalchemy.orm import aliased

from app.destination.models import Destination
from app.employers.models import Employer
from app.ems.destination import SIGNED_AGREEMENT
from app.leaving.models import Leaving
from app.roster.models import IN_FORCE, IN_REVIEW, Claim, Graduate
from app.signing.online.models import OnlineSigning
from app.signing.paper.models import OfflineSigning, Supplementary
from app.workflow.stages import Stage

held: Any = aliased(Claim, name="held")
destination: Any = aliased(Destination, name="held_destination")
online: Any = aliased(OnlineSigning, name="held_online")
unit: Any = aliased(Employer, name="held_unit")
offline: Any = aliased(OfflineSigning, name="held_offline")
supplementary: Any = aliased(Supplementary, name="held_supplementary")
left: Any = aliased(Leaving, name="left")

HAS_LEFT: ColumnElement[bool] = left.id.is_not(None)

REGISTERED: ColumnElement[bool] = held.kind == IN_FORCE
REVIEWED: ColumnElement[bool] = held.kind == IN_REVIEW
# The code of what is in force: agreements have one for all; a destination has the code of its type.
CODE: Any = case(
    (and_(REGISTERED, held.workflow == Destination.workflow_name), destination.type), (REGISTERED, SIGNED_AGREEMENT)
)


def with_standing(query: Select[Any]) -> Select[Any]:
    """A query over graduates, with what binds each."""
    return query.outerjoin(held, held.graduate_id == Graduate.id).outerjoin(destination, _current(destination))


def with_leaving(query: Select[Any]) -> Select[Any]:
    """A query over graduates, with their leaving confirmation while it holds; there is one of each at most."""
    return query.outerjoin(left, and_(left.graduate_id == Graduate.id, left.stage == Stage.IN_FORCE))


def with_facts(query: Select[Any]) -> Select[Any]:
    """The same with the cases from which the facts below are read."""
    for model in (online, offline, supplementary):
        query = query.outerjoin(model, _current(model))
    return query.outerjoin(unit, unit.id == online.employer_id)


def unit_fact(name: str, written: str = "") -> Any:
    """What is known of the unit of the current destination (nature, region …); NULL where there is none.

    `written` is what destinations call it where it has another name there.
    """
    papers = (model.data["employer"][name].astext for model in (offline, supplementary))
    return _filled(func.coalesce(getattr(unit, name), *papers, destination.data["data"][written or name].astext))


def post_fact(name: str) -> Any:
    """What the current destination says of the position (category)."""
    agreements = (model.data["position"][name].astext for model in (online, offline, supplementary))
    return _filled(func.coalesce(*agreements, destination.data["data"][name].astext))


def _filled(value: Any) -> Any:
    return func.nullif(value, "")


def _current(model: Any) -> ColumnElement[bool]:
    return and_(REGISTERED, held.workflow == model.workflow_name, model.id == held.case_id)
