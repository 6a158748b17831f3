"""What pages of the unit's users share."""

from __future__ import annotations

from flask import flash, request
from flask_babel import gettext as _

from app.base.errors import Conflict, Invalid, Throttled, texts_of
from app.employers.services import send_code
from app.passcodes.services import shown_code
from app.web.current import current_actor


def code_to_typed_address() -> tuple[dict[str, list[str]], str | None]:
    """Send a code to the e-mail address that was typed: what is wrong with it, and in a trial the code itself."""
    try:
        code = shown_code(send_code(request.form.get("email", ""), actor=current_actor()))
    except Invalid as error:
        return texts_of(error.errors), None
    except (Throttled, Conflict) as error:
        flash(error.message, "danger")
        return {}, None
    flash(_("The code is on its way. Please look at your mail."), "success")
    return {}, code
