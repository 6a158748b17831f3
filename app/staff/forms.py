"""Shape of what is sent to make or change an account of staff."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields, validates
from marshmallow.validate import OneOf

from app.access.accounts import LEVEL_CHOICES
from app.access.actors import KINDS, NO_ACCESS, READ_ONLY, READ_WRITE
from app.access.usernames import check_username
from app.base.errors import Invalid
from app.codes.forms import Day, FormSchema, Group, Text

_CHOOSE = _("Please choose from the list.")
_TEXTS = {"required": _("Please fill this in."), "null": _("Please fill this in."), "invalid": _CHOOSE}


class Choice(fields.String):
    """One of a few words."""

    default_error_messages = _TEXTS

    def __init__(self, *words: str, **options: Any) -> None:
        super().__init__(validate=OneOf(words, error=_CHOOSE), **options)


class Switch(fields.Boolean):
    """Yes or no."""

    default_error_messages = _TEXTS


class ModulesForm(FormSchema):
    """读写, 只读 or 无权限 on each module (R1.4); what is absent stays as it is."""

    employment = Choice(READ_WRITE, READ_ONLY, NO_ACCESS)
    archive = Choice(READ_WRITE, READ_ONLY, NO_ACCESS)
    hukou = Choice(READ_WRITE, READ_ONLY, NO_ACCESS)


class ChangeForm(FormSchema):
    """What can be changed of an account; whatever is absent stays as it is."""

    name = Text(64)
    level = Choice(*LEVEL_CHOICES)
    modules = Group(ModulesForm)
    active = Switch()
    expires_on = Day()  # "" for no end
    password = fields.String(load_only=True, error_messages=_TEXTS)

    @validates("name")
    def name_is_told(self, value: str, **_options: Any) -> None:
        """A name that is sent is not blank."""
        if not value:
            raise ValidationError(_("Please fill this in."))


class CreateForm(FormSchema):
    """A new account: who, where, and what it may do."""

    username = Text(64, required=True)
    password = fields.String(load_only=True, error_messages=_TEXTS)
    contact = Text(
        128
    )  # the person's own mobile number or e-mail address: gets the link by which they set the password
    name = Text(64, required=True)
    role = Choice(*KINDS, required=True)
    province = Text(6)
    school = Text(5)
    department = Text(64)
    level = Choice(*LEVEL_CHOICES)
    modules = Group(ModulesForm)
    expires_on = Day()
    must_change_password = Switch()  # taken and without effect: whoever gets a password chooses an own one

    @validates("username")
    def username_is_plain(self, value: str, **_options: Any) -> None:
        """Letters, digits and a few signs that everybody can type."""
        try:
            check_username(value)
        except Invalid as error:
            raise ValidationError(list(error.errors["username"])) from None
