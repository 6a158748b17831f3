"""Signature of calls to Alibaba Cloud: ACS3-HMAC-SHA256 over the canonical request."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote, urlencode

from app.base import clock

ALGORITHM = "ACS3-HMAC-SHA256"
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Call:
    """One POST whose parameters stand in the query; those that grow with what is sent stand in the body, as a form."""

    action: str
    version: str
    host: str
    parameters: Mapping[str, str]
    at: datetime = field(default_factory=clock.now)
    nonce: str = field(default_factory=lambda: secrets.token_hex(16))
    form: Mapping[str, str] = field(default_factory=dict)

    @property
    def query(self) -> str:
        """The parameters in canonical form: sorted, percent-encoded by RFC 3986."""
        pairs = sorted((_encoded(name), _encoded(value)) for name, value in self.parameters.items())
        return "&".join(f"{name}={value}" for name, value in pairs)

    @property
    def body(self) -> bytes:
        """The form as it is sent."""
        return urlencode(self.form).encode()

    @property
    def headers(self) -> dict[str, str]:
        """The headers that are signed."""
        signed = {
            "host": self.host,
            "x-acs-action": self.action,
            "x-acs-content-sha256": hashlib.sha256(self.body).hexdigest(),
            "x-acs-date": self.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": self.nonce,
            "x-acs-version": self.version,
        }
        return {**signed, "content-type": _FORM} if self.form else signed


def signed_headers(call: Call, access_key: str, secret: str) -> dict[str, str]:
    """The headers of the call with its Authorization."""
    names = ";".join(sorted(call.headers))
    lines = "".join(f"{name}:{call.headers[name].strip()}\n" for name in sorted(call.headers))
    canonical = f"POST\n/\n{call.query}\n{lines}\n{names}\n{call.headers['x-acs-content-sha256']}"
    to_sign = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    credentials = f"{ALGORITHM} Credential={access_key},SignedHeaders={names},Signature={signature}"
    return {**call.headers, "Authorization": credentials}


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")
