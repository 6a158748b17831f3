"""What the doors of the entrances say in the same words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

# Said at the pages and at the API to whoever has a password from somebody else.
CHOOSE_OWN_PASSWORD = _("Your password was set by somebody else. Please choose your own before you go on.")
# Said where a second factor is demanded of staff.
ADD_FACTOR = _("Staff log in with a second factor here. Please set it up under “Log-in and security” before you go on.")
