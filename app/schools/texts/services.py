"""The only writers of provinces' texts of the agreement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select

from app.access import audit
from app.access.actors import PROVINCE, Actor, require
from app.base import clock
from app.base.database import session, transaction
from app.base.errors import Conflict
from app.codes.forms import read
from app.documents.models import AgreementText
from app.schools.services import own_province
from app.schools.texts.forms import AgreementTextForm
from app.schools.texts.queries import VIEW, differences, subject_of, text_visible_to

_MOST_TOLD = 8_000  # signs of a change that the trail keeps


def begin_text(sent: Mapping[str, Any], *, actor: Actor) -> AgreementText:
    """Keep a new version of the province's text; it holds nothing until it is signed off.

    Called by provinces' accounts with 读写 on employment. Raises Forbidden, Conflict `province_not_open`, Invalid with
    what cannot be printed.
    """
    with transaction():
        require(actor, "can_create", VIEW, kinds=(PROVINCE,), module="employment")
        province = own_province(actor)
        if province.agreement_type is None:
            raise Conflict(
                _("Please open online signing first: it decides the kind of agreement."), "province_not_open"
            )
        clean = read(AgreementTextForm, sent)
        newest = session.scalar(select(func.max(AgreementText.serial)).where(AgreementText.province_id == province.id))
        text = AgreementText(province_id=province.id, agreement_type=province.agreement_type, serial=(newest or 0) + 1)
        _write(text, clean, province.name, actor)
        session.add(text)
        session.flush()
        audit.record("can_create", actor=actor, subject=subject_of(text), detail={"version": text.version}, about=text)
    return text


def change_text(text_id: int, sent: Mapping[str, Any], *, actor: Actor) -> AgreementText:
    """Put other words or another day in the place of a version that is not signed off. Raises as begin_text(), NotFound."""
    with transaction():
        text = _unsigned(text_id, "can_edit", actor)
        clean, before = read(AgreementTextForm, sent), text.text
        _write(text, clean, own_province(actor).name, actor)
        session.flush()
        lines = [{"from": old, "to": new} for old, new in differences(before, text.text)]
        told = lines if len(str(lines)) <= _MOST_TOLD else [{"lines": len(lines)}]
        detail = {"version": text.version, "valid_from": text.valid_from.isoformat(), "changed": told}
        audit.record("can_edit", actor=actor, subject=subject_of(text), detail=detail, about=text)
    return text


def sign_off(text_id: int, *, actor: Actor) -> AgreementText:
    """Put a version in force from its day on, for what is begun then; for ever.

    Called by somebody of the province who has written nothing of it (four eyes). Raises NotFound, Forbidden, Conflict
    `own_text` or `too_late`.
    """
    with transaction():
        text = _unsigned(text_id, "can_sign_off", actor)
        if actor.user_id is None or actor.user_id in text.author_ids:
            raise Conflict(
                _("Who has written of a text does not sign it off. Please let a second person do it."), "own_text"
            )
        if text.valid_from < clock.today():
            raise Conflict(_("Its first day has passed. Please choose a later one first."), "too_late")
        text.signed_off_by_id, text.signed_off_by, text.signed_off_at = actor.user_id, actor.name, clock.now()
        session.flush()
        detail = {"version": text.version, "valid_from": text.valid_from.isoformat()}
        audit.record("can_sign_off", actor=actor, subject=subject_of(text), detail=detail, about=text)
    return text


def discard_text(text_id: int, *, actor: Actor) -> None:
    """Forget a version that is not signed off; the trail keeps that it was there. Raises NotFound, Forbidden, Conflict."""
    with transaction():
        text = _unsigned(text_id, "can_delete", actor)
        audit.record("can_delete", actor=actor, subject=subject_of(text), detail={"version": text.version}, about=text)
        session.delete(text)
        session.flush()


def _unsigned(text_id: int, permission: str, actor: Actor) -> AgreementText:
    text = text_visible_to(actor, text_id, lock=True)
    require(actor, permission, VIEW, kinds=(PROVINCE,), module="employment")
    if text.signed_off_at is not None:
        raise Conflict(_("This version has been signed off and stays as it is. Please write a new one."), "signed_off")
    return text


def _write(text: AgreementText, clean: Mapping[str, Any], province: str, actor: Actor) -> None:
    text.text, text.valid_from = clean["text"], clean["valid_from"]
    text.version = f"{province}{text.valid_from.year}.{text.serial}"
    text.author_ids = sorted({*(text.author_ids or ()), *((actor.user_id,) if actor.user_id else ())})
    text.written_by, text.written_at = actor.name, clock.now()
