"""学生收藏夹: graduates a unit has found by name, ID number and school (R6.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import contains_eager

from app.access.actors import Actor
from app.access.scope import in_scope
from app.base.crypto import blind_index
from app.base.database import session, transaction
from app.base.errors import Forbidden, NotFound
from app.base.values.id_documents import normalise
from app.base.values.names import is_same
from app.codes.forms import read
from app.employers.favorites.guards import begin_search, take_back
from app.employers.forms import GraduateSearchForm
from app.employers.guards import verified_employer
from app.employers.models import Favorite
from app.roster.models import Graduate
from app.schools.models import School

VIEW = "favorites"


def add_favorite(search: Mapping[str, Any], *, actor: Actor) -> tuple[Favorite, bool]:
    """Find one graduate by exact name, ID number and school and keep them; returns the entry and whether it is new.

    Called by users of a verified unit. Raises Forbidden, Conflict `unverified`, Throttled after 30 misses in ten
    minutes, Invalid (a field is empty), NotFound `no_match` that never says which part was wrong.
    """
    if not actor.may("can_create", VIEW):
        raise Forbidden()
    employer = verified_employer(actor)
    wanted = read(GraduateSearchForm, search)
    tries = begin_search(employer, actor)
    graduate = find_graduate(wanted["name"], wanted["id_number"], wanted["school"])
    if graduate is None:
        raise NotFound(
            _("No graduate matches this name, ID number and school. Please check all three with the graduate."),
            "no_match",
        )
    take_back(tries)
    return _keep(graduate, employer.id, actor)


def find_graduate(name: str, id_number: str, school: str) -> Graduate | None:
    """The newest roster row on which all three agree.

    One indexed look-up whatever was wrong; only three plain columns are read before all agree, so that the time
    tells nothing of who is on the roster.
    """
    query = (
        select(Graduate.id, Graduate.name, School.name)
        .join(School, School.id == Graduate.school_id)
        .where(Graduate.id_number_index == blind_index(normalise(id_number)))
        .where(Graduate.invalid_since.is_(None))
        .order_by(Graduate.cohort.desc(), Graduate.id.desc())
    )
    for graduate_id, known, school_name in session.execute(query):
        same_name = is_same(known, name)
        same_school = is_same(school_name, school)
        if same_name and same_school:
            return session.get_one(Graduate, graduate_id, options=Graduate.eager_options(), populate_existing=True)
    return None


def _keep(graduate: Graduate, employer_id: int, actor: Actor) -> tuple[Favorite, bool]:
    with transaction():
        values = {"employer_id": employer_id, "graduate_id": graduate.id, "cohort": graduate.cohort}
        new = session.scalar(
            insert(Favorite).values(**values, added_by=actor.name).on_conflict_do_nothing().returning(Favorite.id)
        )
        favorite = session.scalars(
            select(Favorite)
            .where(Favorite.employer_id == employer_id, Favorite.graduate_id == graduate.id)
            .options(*Favorite.eager_options())
        ).one()
    return favorite, new is not None


def remove_favorite(favorite_id: int, *, actor: Actor) -> None:
    """Take a graduate out of the favorites; invitations already sent stay. Raises NotFound outside the unit."""
    with transaction():
        favorite = session.scalar(select(Favorite).where(Favorite.id == favorite_id, in_scope(Favorite, actor)))
        if favorite is None:
            raise NotFound()
        if not actor.may("can_delete", VIEW):
            raise Forbidden()
        verified_employer(actor)
        session.delete(favorite)


def favorites_visible_to(actor: Actor, cohort: Any = None) -> Select[tuple[Favorite]]:
    """The unit's favorites, newest first; removed graduates are found under 失效 instead."""
    query = (
        select(Favorite)
        .join(Favorite.graduate)
        .where(in_scope(Favorite, actor), Graduate.invalid_since.is_(None))
        .options(contains_eager(Favorite.graduate).options(*Graduate.eager_options()))
        .order_by(Favorite.id.desc())
    )
    return query if cohort is None else query.where(Favorite.cohort == cohort)


def is_on_roster() -> ColumnElement[bool]:
    """Whether an entry's graduate is on the roster; removed ones are found under 失效 instead."""
    return Favorite.graduate_id.in_(select(Graduate.id).where(Graduate.invalid_since.is_(None)))
