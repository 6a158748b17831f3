"""Signature of calls to Tencent Cloud: TC3-HMAC-SHA256 over the canonical request."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.base import clock

ALGORITHM = "TC3-HMAC-SHA256"
_TYPE = "application/json; charset=utf-8"
_SIGNED = "content-type;host;x-tc-action"


@dataclass(frozen=True)
class Call:
    """One POST with a JSON body."""

    service: str
    host: str
    action: str
    version: str
    body: bytes
    region: str = ""
    at: datetime = field(default_factory=clock.now)

    @property
    def headers(self) -> dict[str, str]:
        """What the call says of itself."""
        told = {
            "Content-Type": _TYPE,
            "X-TC-Action": self.action,
            "X-TC-Version": self.version,
            "X-TC-Timestamp": str(int(self.at.timestamp())),
        }
        return {**told, "X-TC-Region": self.region} if self.region else told


def signed_headers(call: Call, secret_id: str, secret_key: str) -> dict[str, str]:
    """The headers of the call with its Authorization."""
    day = call.at.astimezone(UTC).strftime("%Y-%m-%d")
    scope = f"{day}/{call.service}/tc3_request"
    lines = f"content-type:{_TYPE}\nhost:{call.host}\nx-tc-action:{call.action.lower()}\n"
    canonical = f"POST\n/\n\n{lines}\n{_SIGNED}\n{_hash(call.body)}"
    to_sign = f"{ALGORITHM}\n{call.headers['X-TC-Timestamp']}\n{scope}\n{_hash(canonical.encode())}"
    key = f"TC3{secret_key}".encode()
    for part in (day, call.service, "tc3_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    told = f"{ALGORITHM} Credential={secret_id}/{scope}, SignedHeaders={_SIGNED}, Signature={signature}"
    return {**call.headers, "Authorization": told}


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
