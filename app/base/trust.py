"""How a partner system and the platform recognise each other over TLS: by its own authority, and by a certificate of ours."""

from __future__ import annotations

import ssl
from typing import Final

import httpx

from app.base.settings import once
from config import Settings, SettingsError

# Partners by the beginning of their settings: employment system, company register, bank, sealing service, SMS gateway.
PARTNERS: Final = ("EMS", "REGISTER", "PAYMENT", "SEAL_SERVICE", "SMS_GATEWAY")


@once
def trusts(settings: Settings) -> dict[str, ssl.SSLContext]:
    """By partner, where something is set: <PARTNER>_TLS_CA, and <PARTNER>_TLS_CERTIFICATE with <PARTNER>_TLS_KEY.

    Who is not among them is trusted as everybody is, without a certificate of ours. Asked at the start, so that a wrong
    file is told then. Raises SettingsError.
    """
    told = {name: settings.beginning_with(f"{name}_TLS_") for name in PARTNERS}
    return {name: _context(name, values) for name, values in told.items() if any(values.values())}


def _context(partner: str, values: dict[str, str]) -> ssl.SSLContext:
    authority, own, key = (values.get(f"{partner}_TLS_{part}") for part in ("CA", "CERTIFICATE", "KEY"))
    if key and not own:
        raise SettingsError(f"{partner}_TLS_KEY needs {partner}_TLS_CERTIFICATE, the certificate that it belongs to.")
    context = httpx.create_ssl_context()
    try:
        if authority:  # it alone: who has a name of another authority is not this partner
            context = ssl.create_default_context(cafile=authority)
        if own:
            context.load_cert_chain(own, key or None, password=lambda: b"")
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(f"{partner}_TLS_…: the files cannot be used ({error}).") from None
    return context
