"""SMS by one of several providers: a new one is one more file here and its line in `_PROVIDERS` (R10.1, R10.3).

The settings that are filled in choose it.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _

from app.notices import channels
from app.notices.channels.base import Channel, Declaration
from app.notices.channels.sms import alibaba, gateway, tencent
from app.notices.channels.sms.base import NAME, SIGN_NAME, Provider
from config import SettingsError

_PROVIDERS: tuple[Provider, ...] = (alibaba.PROVIDER, gateway.PROVIDER, tencent.PROVIDER)


def _make(values: Mapping[str, str]) -> Channel | None:
    chosen = [one for one in _PROVIDERS if any(values.get(name) for name in one.settings)]
    if len(chosen) > 1:
        found = " and ".join(next(name for name in one.settings if values.get(name)) for one in chosen)
        raise SettingsError(f"SMS goes by one provider, but there is {found}: leave the settings of one of them.")
    if not chosen:
        if values.get(SIGN_NAME):
            known = ", ".join(one.settings[0] for one in _PROVIDERS)
            raise SettingsError(f"SMS is configured by half: beside {SIGN_NAME} a provider is missing ({known}).")
        return None
    missing = [name for name in chosen[0].needed if not values.get(name)]
    if missing:
        raise SettingsError(f"SMS is configured by half: {', '.join(missing)} is missing.")
    return chosen[0].make(values)


channels.declare(
    Declaration(
        NAME,
        label=_("SMS"),
        settings="SMS_",
        make=_make,
        causes={
            "bad_number": _("The mobile number is wrong. Please have it corrected, then send again."),
            "bad_signature_name": _("The provider has not approved the SMS signature. Please check SMS_SIGN_NAME."),
            "unsubscribed": _(
                "The number takes no messages of ours: its owner has unsubscribed, or is on a block list."
            ),
            "undelivered": _("The carrier did not bring the message to the phone."),
            "no_service": _("The number is not in service. Please have it corrected, then send again."),
            "gateway_refused": _("The SMS gateway refuses this message for a reason of its own."),
            "address_not_allowed": _(
                "The provider does not allow this server's address. Please add it to the list of allowed addresses."
            ),
        },
    )
)
