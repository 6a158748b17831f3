"""Shape of what is sent to make an API key."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields, validates

from app.base import clock
from app.codes.forms import Day, FormSchema, Text

MOST_SCOPES, MOST_ADDRESSES = 100, 20


class ScopeField(fields.String):
    """`<resource>:read`, `:write` or `:decide`; which there are is checked where the resources are known."""

    default_error_messages = {"invalid": _("This value cannot be read. Please check it.")}

    def __init__(self) -> None:
        super().__init__(metadata={"pattern": "^[a-z_]+:(read|write|decide)$", "examples": ["online_signing:read"]})


class Network(fields.String):
    """An address or a network such as 10.2.0.0/16, kept in its shortest spelling."""

    default_error_messages = {"invalid": _("This value cannot be read. Please check it.")}

    def __init__(self) -> None:
        super().__init__(metadata={"examples": ["203.0.113.0/24"]})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        text = super()._deserialize(value, attr, data, **options)
        try:
            return str(ip_network(text.strip(), strict=False))
        except ValueError:
            raise ValidationError(
                [_("“%(text)s” is no address or network such as 203.0.113.0/24.", text=text[:48])]
            ) from None


class KeyForm(FormSchema):
    """Name, scopes, last day (a year from now if left out) and the networks that it may come from (any if left out)."""

    name = Text(64, required=True)
    scopes = fields.List(
        ScopeField(),
        required=True,
        metadata={"minItems": 1, "maxItems": MOST_SCOPES},
        error_messages=dict.fromkeys(("required", "null", "invalid"), _("Please choose at least one scope.")),
    )
    expires_on = Day(allow_none=True)
    addresses = fields.List(
        Network(),
        metadata={"maxItems": MOST_ADDRESSES},
        error_messages={"invalid": _("This value cannot be read. Please check it.")},
    )

    @validates("scopes")
    def some_scopes(self, value: list[str], **_options: Any) -> None:
        """A key without scopes opens nothing."""
        if not value:
            raise ValidationError([_("Please choose at least one scope.")])
        if len(value) > MOST_SCOPES:
            raise ValidationError([_("At most %(most)s entries.", most=MOST_SCOPES)])

    @validates("addresses")
    def few_addresses(self, value: list[str], **_options: Any) -> None:
        """The list is read at each call."""
        if len(value) > MOST_ADDRESSES:
            raise ValidationError([_("At most %(most)s entries.", most=MOST_ADDRESSES)])

    @validates("expires_on")
    def not_over(self, value: Any, **_options: Any) -> None:
        """A key that is over opens nothing."""
        if value is not None and value < clock.today():
            raise ValidationError([_("This day is over. Please choose today or a later one.")])
