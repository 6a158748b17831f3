"""Row scope (R1.7): the one function that turns an actor into a predicate over scope columns."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, and_, bindparam, exists, false, or_, true

from app.access.actors import DEPARTMENT, EMPLOYER, GRADUATE, OPERATOR, PROVINCE, SCHOOL, STAFF, SYSTEM_KIND, Actor


class Reach(NamedTuple):
    """All of an actor that in_scope() asks for: whoever has the same reaches the same rows."""

    kind: str
    user_id: int | None
    province_id: int | None
    school_id: int | None
    department_id: int | None
    level: str | None
    employer_id: int | None
    graduate_ids: tuple[int, ...]
    only_case: tuple[str, int] | None

    @property
    def reader(self) -> Actor:
        """Somebody with this reach and nothing else: for scopes alone, who acts is the actor."""
        return Actor(**self._asdict())


def reach_of(actor: Actor) -> Reach:
    """What in_scope() asks of this actor, by which statements that are put together once can be kept.

    Staff of one place reach the same; of units and graduates each user may have rows of their own.
    """
    own = {name: getattr(actor, name) for name in Reach._fields}
    return Reach(**{**own, "user_id": None if actor.kind in STAFF else actor.user_id})


_PLACES = ("user_id", "province_id", "school_id", "department_id", "employer_id")
_BOUND: dict[str, Any] = {name: bindparam(f"reach_{name}", type_=BigInteger) for name in _PLACES} | {
    "graduate_ids": bindparam("reach_graduate_ids", expanding=True, type_=BigInteger)
}


def reach_with(actor: Actor) -> tuple[Reach, dict[str, Any]]:
    """The reach with parameters in the place of its ids, and their values: a statement that is put together with it is
    good for everybody of the kind. What is nobody's stays so.
    """
    reach = reach_of(actor)
    if actor.only_case is not None:
        return reach, {}
    own = {name: value for name in _BOUND if (value := getattr(reach, name)) not in (None, ())}
    bound = reach._replace(**{name: _BOUND[name] for name in own})
    return bound, {_BOUND[name].key: value for name, value in own.items()}


def in_scope(model: Any, actor: Actor) -> ColumnElement[bool]:
    """Which rows of `model` this actor may reach: used by lists, pages, API, exports, files and services alike.

    province = own province; school = own school and level (R1.5); department = own department; employer = own
    unit, where the model is open to employers; graduate = self; by a link = that record. Whoever matches no rule
    reaches nothing. A model may show less of its own to a kind of reader (`shown_to`), or lie where rows of its own lie
    (`scope_through`: their model and what joins them).
    """
    if actor.only_case is not None:
        return _this_one(model, *actor.only_case)
    if actor.kind in (SYSTEM_KIND, OPERATOR):
        return true()
    if hasattr(model, "scope_through"):
        rows, joined = model.scope_through()
        return exists().where(joined, in_scope(rows, actor))
    shown: ColumnElement[bool] = model.shown_to(actor.kind) if hasattr(model, "shown_to") else true()
    rule = {
        PROVINCE: _of_province,
        SCHOOL: _of_school,
        DEPARTMENT: _of_department,
        EMPLOYER: _of_employer,
        GRADUATE: _of_graduate,
    }.get(actor.kind)
    return and_(rule(model, actor), shown) if rule else false()


def _equals(model: Any, column: str, value: Any) -> ColumnElement[bool]:
    if value is None or not hasattr(model, column):
        return false()
    return getattr(model, column) == value


def _this_one(model: Any, workflow: str, case_id: int) -> ColumnElement[bool]:
    """Whoever came by a link reaches the record of the link, not even its files or its history."""
    if getattr(model, "workflow_name", "") != workflow:
        return false()
    own: ColumnElement[bool] = model.id == case_id
    return own


def _of_province(model: Any, actor: Actor) -> ColumnElement[bool]:
    return _equals(model, "province_id", actor.province_id)


def _of_school(model: Any, actor: Actor) -> ColumnElement[bool]:
    own = _equals(model, "school_id", actor.school_id)
    return and_(own, _of_level(model, actor))


def _of_department(model: Any, actor: Actor) -> ColumnElement[bool]:
    return and_(_equals(model, "department_id", actor.department_id), _of_level(model, actor))


def _of_level(model: Any, actor: Actor) -> ColumnElement[bool]:
    if actor.level in (None, "all") or not hasattr(model, "level"):
        return true()
    return _equals(model, "level", actor.level)


def _of_employer(model: Any, actor: Actor) -> ColumnElement[bool]:
    """The unit's rows; what belongs to one user alone (`applicant_id`) before they belong to any unit is theirs."""
    if not getattr(model, "employer_may_see", False):
        return false()
    unit = getattr(model, "employer_scope_column", "employer_id")
    own = _equals(model, unit, actor.employer_id) if unit else false()
    return or_(own, _equals(model, "applicant_id", actor.user_id))


def _of_graduate(model: Any, actor: Actor) -> ColumnElement[bool]:
    column = getattr(model, "graduate_scope_column", "graduate_id")
    if (isinstance(actor.graduate_ids, tuple) and not actor.graduate_ids) or not hasattr(model, column):
        return false()
    return getattr(model, column).in_(actor.graduate_ids)
