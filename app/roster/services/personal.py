"""What is masked of a graduate, and the one way to see it whole: with a reason, for who may, and it is written down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from app.access import reveals
from app.access.actors import Actor
from app.access.reveals import REASONS
from app.base.forms import FormSchema, read
from app.codes.fields import DETAIL, Field
from app.codes.graduate_fields import fields_in
from app.codes.words import in_full, in_words
from app.roster.models import Graduate
from app.roster.queries import graduate_visible_to
from app.roster.snapshots import value_of

MASKED: tuple[Field, ...] = tuple(field for field in fields_in(DETAIL) if field.masked)


class RevealForm(FormSchema):
    """Why the data are wanted in full: one of the choices, or own words."""

    reason = fields.String(required=True, metadata={"description": f"{', '.join(REASONS)} or own words"})
    words = fields.String(load_default="")


def reason_sent(sent: Mapping[str, Any], actor: Actor) -> reveals.Reason:
    """Why the actor wants to see data whole. Raises Forbidden for who may not, Invalid without a reason."""
    reveals.refuse_who_may_not(actor)
    why = read(RevealForm, sent)
    return reveals.reason_of(actor, why["reason"], why["words"])


def masked_rows(graduate: Graduate) -> list[tuple[Any, Any]]:
    """(label, words) as everybody reads them."""
    return [(field.label, in_words(field, value_of(graduate, field))) for field in MASKED]


def reveal(graduate_id: int, sent: Mapping[str, Any], *, actor: Actor) -> dict[str, Any]:
    """The masked fields in full, by name; the graduate reads on the phone who saw them, and why.

    Raises NotFound outside the scope, Forbidden for who may not, Invalid without a reason.
    """
    graduate = graduate_visible_to(actor, graduate_id)
    reason = reason_sent(sent, actor)
    shown = {field.name: in_full(field, value_of(graduate, field)) for field in MASKED}
    reveals.write([reveals.line_of(graduate, reason, actor=actor, fields=list(shown))])
    return shown
