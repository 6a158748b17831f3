"""The certificates of the seal as anybody may see them, of today and before: by these a paper is known to be ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from app.base import clock
from app.base.clock import SHANGHAI
from app.base.sealkeys import certificates_in, seal_key
from app.base.settings import once
from config import Settings


@dataclass(frozen=True)
class KnownCertificate:
    """A certificate by which papers are or were sealed."""

    certificate: x509.Certificate
    in_use: bool

    def __str__(self) -> str:
        return f"{self.subject} · {self.serial}"

    @property
    def subject(self) -> str:
        """Whom it names."""
        return self.certificate.subject.rfc4514_string()

    @property
    def issuer(self) -> str:
        """Who vouches for it."""
        return self.certificate.issuer.rfc4514_string()

    @property
    def serial(self) -> str:
        """Its serial number, in small hexadecimal digits."""
        return f"{self.certificate.serial_number:x}"

    @property
    def fingerprint(self) -> str:
        """SHA-256, in small hexadecimal digits."""
        return self.certificate.fingerprint(SHA256()).hex()

    @property
    def begins(self) -> datetime:
        """From when it is good, by the clocks of China."""
        return self.certificate.not_valid_before_utc.astimezone(SHANGHAI)

    @property
    def until(self) -> datetime:
        """Until when it is good, by the clocks of China."""
        return self.certificate.not_valid_after_utc.astimezone(SHANGHAI)

    @property
    def is_over(self) -> bool:
        """Whether its time has passed."""
        return self.until < clock.now()

    @property
    def pem(self) -> str:
        """For programs that check signatures."""
        return self.certificate.public_bytes(Encoding.PEM).decode()


@once
def known_certificates(settings: Settings) -> list[KnownCertificate]:
    """The certificate in use first, then the former ones, each once."""
    found, former = seal_key(), settings.seal_former
    every = [*([found.certificate] if found else []), *(certificates_in(former) if former else [])]
    in_use = found.certificate if found else None
    return [KnownCertificate(one, one == in_use) for one in dict.fromkeys(every)]
