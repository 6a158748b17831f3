"""Links by which a unit hands in the stamped copy: who sends them, what they open, and when they end (R7.6)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from flask_babel import lazy_gettext as _
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.access import audit, throttle
from app.access.actors import GRADUATE, Actor
from app.base import clock
from app.base.crypto import blind_index
from app.base.database import session, transaction
from app.base.errors import Conflict, Forbidden, Invalid, NotFound, Throttled
from app.base.masks import mask_address
from app.base.values.phones import is_mobile
from app.base.wording import listed
from app.codes.forms import Email, FormSchema, Phone, read
from app.notices.messages import is_really_sent
from app.passcodes.phones import account_of_person
from app.signing.paper.attachments import wants_copy
from app.signing.paper.models import OfflineSigning, UploadLink
from app.signing.paper.services.copies import forget_copies
from app.signing.paper.unit_messages import link_address, post_link
from app.workflow import engine, registry

DAYS: Final = 7
# Nobody's phone is to be flooded through the platform.
OF_A_GRADUATE = throttle.Limit("upload_link_graduate", most=20, window=3600, wait=0)
TO_AN_ADDRESS = throttle.Limit("upload_link_address", most=5, window=3600, wait=0)
_TOKEN_BYTES = 24  # 192 bits; 32 characters, as many as a text message's variable can carry


class LinkForm(FormSchema):
    """Where the link goes: a mobile number, an e-mail address, or both."""

    phone = Phone(load_default="")
    email = Email(128, load_default="", refusal=_("Please give an e-mail address."))


def create_upload_link(case_id: int, body: Mapping[str, Any], *, actor: Actor) -> tuple[UploadLink, str | None]:
    """Make a link for the unit and have it sent by SMS or mail; one that is still open ends.

    Returned with its URL only where nothing is really sent (the trial): whoever has it acts as the unit.

    For the graduate, while the stamped copy is wanted. Without phone and e-mail it goes to the mobile number of the
    unit's contact. Raises NotFound, Forbidden, Conflict (`wrong_state`, `channel_missing`, common rules), Invalid,
    Throttled.
    """
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    try:
        with transaction():
            case = _case_of_graduate(case_id, actor)
            addresses = _addresses(case, body)
            _slow_down(case, addresses)
            close_links(case.id)
            link = UploadLink(
                case_id=case.id,
                token_hash=hash_of(token),
                sent_to=listed(mask_address(address) for address in addresses),
                expires_at=clock.now() + timedelta(days=DAYS),
                created_by=actor.username or actor.name,
            )
            session.add(link)
            session.flush()
            for address in addresses:
                post_link(case, link, token, address)
            _note("upload_link_sent", actor, link, {"sent_to": link.sent_to})
    except IntegrityError as error:
        raise engine.promise_broken(error) from error
    return link, None if any(map(is_really_sent, addresses)) else link_address(token)


def revoke_upload_link(case_id: int, *, actor: Actor) -> None:
    """End the open link. For the graduate. Raises NotFound (also when none is open), Forbidden."""
    with transaction():
        case = _case_of_graduate(case_id, actor, wanted=False)
        link = open_link(case)
        if link is None:
            raise NotFound(_("There is no open link. Please send a new one."), "no_link")
        link.revoked_at = clock.now()
        forget_copies(case.id)
        _note("upload_link_revoked", actor, link, {})


def open_link(case: OfflineSigning) -> UploadLink | None:
    """The link that the unit can use now; the caller has checked that the reader may see the case."""
    query = select(UploadLink).where(
        UploadLink.case_id == case.id,
        UploadLink.revoked_at.is_(None),
        UploadLink.used_at.is_(None),
        UploadLink.expires_at > clock.now(),
    )
    return session.scalar(query)


def last_link(case: OfflineSigning) -> UploadLink | None:
    """The newest link of a case, whatever has become of it."""
    query = select(UploadLink).where(UploadLink.case_id == case.id).order_by(UploadLink.id.desc()).limit(1)
    return session.scalar(query)


def close_links(case_id: int, at: datetime | None = None) -> None:
    """End what is open, in the running transaction; what was sent and never handed in goes with it."""
    forget_copies(case_id)
    session.execute(
        update(UploadLink)
        .where(UploadLink.case_id == case_id, UploadLink.revoked_at.is_(None), UploadLink.used_at.is_(None))
        .values(revoked_at=at or clock.now())
    )


def hash_of(token: str) -> bytes:
    """What is kept of a token: it is random enough to need no salt."""
    return hashlib.sha256(token.encode()).digest()


def _case_of_graduate(case_id: int, actor: Actor, *, wanted: bool = True) -> OfflineSigning:
    """The case, held, if this graduate may send links for it now."""
    table = registry.get("offline_signing")
    case: OfflineSigning = engine.load(table, case_id, actor=actor, lock=True)
    if actor.kind != GRADUATE or not actor.may("can_upload", table.name):
        raise Forbidden()
    if not wanted:
        return case
    engine.check_common(table, case, actor)
    if not wants_copy(case):
        raise Conflict(
            _("A link can be sent while the stamped copy is wanted: after the agreement has been approved."),
            "wrong_state",
        )
    return case


def _addresses(case: OfflineSigning, body: Mapping[str, Any]) -> list[str]:
    given = read(LinkForm, {name: value for name, value in body.items() if value is not None})
    if given["phone"] and not is_mobile(given["phone"]):
        raise Invalid({"phone": [_("Text messages need a mobile number.")]})
    found = [one for one in (given["phone"], given["email"]) if one]
    contact = case.employer.phone if case.employer else ""
    if not found and is_mobile(contact):
        found = [contact]
    account = account_of_person(bytes(case.graduate.id_number_index))
    own = {one for person in (case.graduate, account) if person for one in (person.mobile, person.email)}
    for address in found:
        if address in own:
            name = "email" if "@" in address else "phone"
            raise Invalid({name: [_("This is your own address. Please give that of the unit's contact.")]})
    if not found:
        text = _("Please give the mobile number or the e-mail address of the unit's contact.")
        raise Invalid({"phone": [text], "email": [text]})
    return found


def _slow_down(case: OfflineSigning, addresses: list[str]) -> None:
    limits = [(OF_A_GRADUATE, str(case.graduate_id)), *((TO_AN_ADDRESS, blind_index(a).hex()) for a in addresses)]
    for limit, subject in limits:
        _try, wait = throttle.begin(limit, subject)
        if wait:
            raise Throttled(wait, _("Links have been sent often enough. Please wait a while before the next one."))


def _note(action: str, actor: Actor, link: UploadLink, detail: Mapping[str, Any]) -> None:
    audit.record(action, actor=actor, subject=f"offline_signing {link.case_id}", detail={"link": link.id, **detail})
