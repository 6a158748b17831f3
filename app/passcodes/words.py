"""What people call the purposes of a code."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.passcodes.models import ACTIVATION, BINDING, CONTACT, LOGIN, RECOVERY, REGISTRATION

PURPOSES = {
    ACTIVATION: _("activating the account"),
    REGISTRATION: _("registering as an employer"),
    RECOVERY: _("setting a new password"),
    CONTACT: _("changing the mobile number or e-mail"),
    LOGIN: _("logging in"),
    BINDING: _("a step that binds you"),
}
