"""What can be done with online signings beside the events of the table: invite, and let time pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.access.actors import GRADUATE, Actor
from app.base import clock
from app.base.clock import end_of_day
from app.base.database import session, transaction
from app.base.errors import AppError, Conflict, Invalid
from app.codes.forms import read
from app.documents.texts.queries import versions_in_force
from app.employers.guards import inviting_employer
from app.employers.models import Employer, Favorite
from app.roster.models import Graduate
from app.schools.guards import refuse_closed
from app.schools.queries import closures_of
from app.schools.seasons.queries import Limits, limits_of
from app.signing.online.forms import LONGEST_VALIDITY, InvitationForm, OwnTermsForm
from app.signing.online.models import OnlineSigning
from app.signing.online.workflow import ONLINE_SIGNING
from app.workflow import engine
from app.workflow.stages import LIVE, Stage
from app.workflow.table import Context

MOST_AT_ONCE = 100


@dataclass
class Refusal:
    """Why one graduate could not be invited; the others are not affected."""

    graduate_id: int
    code: str
    message: str


@dataclass
class Invited:
    """What became of an invitation to several graduates."""

    created: list[OnlineSigning] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


@dataclass
class Tried:
    """What would become of an invitation if it were sent now."""

    possible: list[Graduate]
    refused: list[Refusal]


def try_invitations(graduate_ids: Sequence[int] | None, *, actor: Actor, most: int = MOST_AT_ONCE) -> Tried:
    """Whom an invitation would reach and whom not, by the very rules of sending; nothing is changed. Raises as that."""
    row = engine.permits_creation(ONLINE_SIGNING, actor)
    employer = inviting_employer(actor)
    ids = checked_ids(graduate_ids, most=most)
    with transaction():
        invited, contexts = _judge(ids, employer, row, actor)
    return Tried([context.case.graduate for context in contexts], invited.refused)


def invite_graduates(
    graduate_ids: Sequence[int] | None,
    letter: Mapping[str, Any],
    *,
    actor: Actor,
    each: Sequence[Mapping[str, Any]] | None = None,
) -> Invited:
    """Send an invitation letter to one or many graduates of the unit's favorites (R6.4, R6.8).

    `each` says what is another's position or pay: rows of OwnTermsForm. Called by users of a verified unit. Each graduate
    is judged on its own; one refusal harms no other. Raises Forbidden (role), Conflict (`unverified`, `lapsed`), Invalid
    (letter, list or a row); nothing is created then.
    """
    row = engine.permits_creation(ONLINE_SIGNING, actor)
    employer = inviting_employer(actor)
    ids, own = checked_ids(graduate_ids), own_terms(each)
    try:
        with transaction():
            invited, contexts = _judge(ids, employer, row, actor)
            if not contexts:
                return invited
            clean = read(InvitationForm, letter)
            limits = limits_of(context.case.graduate for context in contexts)
            refuse_too_soon(clean["valid_until"], limits.values())
            for context in contexts:
                terms = clean["position"] | own.get(context.case.graduate_id, {})
                until = clean["valid_until"] or _given(limits[context.case.graduate_id])
                _write_letter(context.case, {**clean, "position": terms, "valid_until": until})
            engine.start(contexts)
            invited.created = [context.case for context in contexts]
    except IntegrityError as error:
        raise engine.promise_broken(error) from error
    return invited


def refuse_too_soon(valid_until: date | None, limits: Iterable[Limits]) -> None:
    """Schools and provinces may give their graduates more time than a day; raises Invalid."""
    least = min(max((one.answer_min for one in limits), default=0), LONGEST_VALIDITY)
    if valid_until is not None and valid_until < clock.today() + timedelta(days=least):
        text = _("These graduates have at least %(days)s days to answer. Please choose a later day.", days=least)
        raise Invalid({"valid_until": [text]})


def _given(limits: Limits) -> date:
    return clock.today() + timedelta(days=min(limits.answer_days, LONGEST_VALIDITY))


def own_terms(each: Sequence[Mapping[str, Any]] | None) -> dict[int, dict[str, Any]]:
    """By graduate what their letter says otherwise than the common one; raises Invalid at `each`."""
    own: dict[int, dict[str, Any]] = {}
    if each is not None and (not isinstance(each, list | tuple) or any(not isinstance(one, Mapping) for one in each)):
        raise Invalid({"each": [_("Please give a list of terms, each with its graduate_id.")]})
    for place, terms in enumerate(each or (), start=1):
        try:
            clean = read(OwnTermsForm, terms)
        except Invalid as error:
            told = [f"{name}: {text}" for name, texts in error.errors.items() for text in texts]
            raise Invalid({"each": [_("Entry %(place)s: %(text)s", place=place, text=one) for one in told]}) from error
        own[clean.pop("graduate_id")] = {name: value for name, value in clean.items() if value not in (None, "")}
    return own


def checked_ids(graduate_ids: Any, *, most: int = MOST_AT_ONCE) -> list[int]:
    """A list of graduates' ids as it was sent, each once; raises Invalid."""
    if not isinstance(graduate_ids, list | tuple) or any(
        isinstance(one, bool) or not isinstance(one, int) or not 0 < one < 2**63 for one in graduate_ids
    ):
        raise Invalid({"graduate_ids": [_("Please give a list of whole numbers.")]})
    ids = list(dict.fromkeys(graduate_ids))
    if not ids:
        raise Invalid({"graduate_ids": [_("Please choose at least one graduate.")]})
    if len(ids) > most:
        raise Invalid({"graduate_ids": [_("At most %(most)s graduates at once.", most=most)]})
    return ids


def _judge(ids: list[int], employer: Employer, row: Any, actor: Actor) -> tuple[Invited, list[Context]]:
    invited, contexts = Invited(), []
    graduates = _favorite_graduates(ids, employer)
    closures = closures_of(graduates.values(), hold=True) if graduates else {}
    taken = _already_invited(list(graduates), employer)
    versions = versions_in_force(one.province_id for one in graduates.values())
    for graduate_id in ids:
        try:
            graduate = graduates.get(graduate_id)
            if graduate is None:
                raise Conflict(_("This graduate is not in your favorites. Please add them first."), "not_in_favorites")
            case = _new_case(graduate, employer, versions[graduate.province_id])
            context = Context(ONLINE_SIGNING, row, case, actor)
            engine.check_creation(context)
            refuse_closed(graduate, closures.get(graduate_id))
            _refuse_double(graduate_id in taken)
            contexts.append(context)
        except AppError as error:
            invited.refused.append(Refusal(graduate_id, error.code, error.message))
    return invited, contexts


def _favorite_graduates(ids: list[int], employer: Employer) -> dict[int, Graduate]:
    query = (
        select(Graduate)
        .join(Favorite, Favorite.graduate_id == Graduate.id)
        .where(Favorite.employer_id == employer.id, Graduate.id.in_(ids))
        .options(*Graduate.eager_options())
        .with_for_update(read=True, of=Graduate)
        .execution_options(populate_existing=True)
    )
    return {graduate.id: graduate for graduate in session.scalars(query)}


def _already_invited(ids: list[int], employer: Employer) -> set[int]:
    query = select(OnlineSigning.graduate_id).where(
        OnlineSigning.employer_id == employer.id, OnlineSigning.graduate_id.in_(ids), OnlineSigning.stage.in_(LIVE)
    )
    return set(session.scalars(query))


def _new_case(graduate: Graduate, employer: Employer, wording: str) -> OnlineSigning:
    kind = graduate.school.province.agreement_type
    case: OnlineSigning = OnlineSigning.of(graduate, employer=employer, agreement_type=kind, wording=wording)
    return case


def _refuse_double(taken: bool) -> None:
    if taken:
        raise Conflict(
            _("Your unit already has a valid invitation to or agreement with this graduate."),
            "already_invited",
        )


def _write_letter(case: OnlineSigning, letter: dict[str, Any]) -> None:
    case.data = letter_data(letter)
    case.valid_until = end_of_day(letter["valid_until"])
    case.external_id = letter.get("external_id") or None


def letter_data(letter: Mapping[str, Any]) -> dict[str, Any]:
    """A checked letter as it is kept: days as texts."""
    return {
        "position": {**letter["position"], "report_by": letter["position"]["report_by"].isoformat()},
        "archive": letter["archive"],
        "hukou": letter["hukou"],
        "clauses": letter["clauses"],
        "valid_until": letter["valid_until"].isoformat() if letter["valid_until"] else None,
    }


def read_signing(case_id: int, *, actor: Actor) -> OnlineSigning:
    """One signing for its reader; when its graduate first opens the invitation, the unit sees it from then on.

    Raises NotFound, Forbidden.
    """
    case: OnlineSigning = engine.load(ONLINE_SIGNING, case_id, actor=actor)
    if actor.kind == GRADUATE and case.stage == Stage.OFFERED and case.opened_at is None:
        with transaction():
            case.opened_at = clock.now()
    return case
