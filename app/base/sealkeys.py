"""The key of the seal and its certificates: read once, judged when the program starts, and for how long they are good.

What an operator hands over is a PEM file with the certificate and those above it, in any order, and a PEM key, plain or
encrypted; or one PKCS#12 file that holds all of it; or the certificates alone, where a service or a token keeps the key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from app.base import clock, sm2
from app.base.sealservice import HASHES, SealService
from app.base.sealtoken import SealToken, TokenPlace
from app.base.settings import once
from config import Settings, SettingsError

SOON: Final = timedelta(days=60)  # a new certificate takes weeks
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
_LEAST_BITS: Final = 2048
_SEALING: Final = frozenset(  # what a certificate may be limited to and still seal papers
    {"2.5.29.37.0", "1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.36", "1.3.6.1.4.1.311.10.3.12", "1.2.840.113583.1.1.5"}
)


@dataclass(frozen=True)
class SealKey:
    """A certificate, those above it up to its root as far as they were handed over, and the key to it or who keeps it."""

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    key: Key | SealService | SealToken

    @property
    def until(self) -> datetime:
        """When it ends: with the first of all these certificates."""
        return min(one.not_valid_after_utc for one in (self.certificate, *self.chain))

    @property
    def begins(self) -> datetime:
        """From when on it is good."""
        return max(one.not_valid_before_utc for one in (self.certificate, *self.chain))

    @property
    def is_good(self) -> bool:
        """Whether papers may be sealed with it now."""
        return self.begins <= clock.now() <= self.until

    @property
    def days_left(self) -> int:
        """Whole days until it ends; below zero once it has."""
        return (self.until - clock.now()) // timedelta(days=1)

    @property
    def is_rsa(self) -> bool:
        """Of two kinds of keys, which."""
        return isinstance(self.public, rsa.RSAPublicKey)

    @property
    def public(self) -> rsa.RSAPublicKey | ec.EllipticCurvePublicKey:
        """The key by which its signatures are checked."""
        return self.certificate.public_key()  # type: ignore[return-value]  # judged when it was read

    @property
    def longest(self) -> int:
        """Bytes that a signature takes at most."""
        return self.public.key_size // 8 if self.is_rsa else 2 * ((self.public.key_size + 7) // 8) + 16

    @property
    def size(self) -> int:
        """Bytes of all its certificates and a signature."""
        der = serialization.Encoding.DER
        return self.longest + sum(len(one.public_bytes(der)) for one in (self.certificate, *self.chain))

    @property
    def pem(self) -> str:
        """The certificate, to be read by anybody."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def sign(self, content: bytes, digest: str) -> bytes:
        """The signature of `content` by its digest: sha256, sha384, sha512. Raises OutwardError where another signs."""
        if isinstance(self.key, SealService | SealToken):
            return self.key.sign(content, digest)
        algorithm = HASHES[digest]
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(content, padding.PKCS1v15(), algorithm)
        return self.key.sign(content, ec.ECDSA(algorithm))

    @property
    def service(self) -> SealService | None:
        """Who makes the whole signature by SM2; None where a signature is made with RSA or ECDSA."""
        return self.key if isinstance(self.key, SealService) and self.key.subfilter else None

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, in small hexadecimal digits."""
        return hashlib.sha256(self.certificate.public_bytes(serialization.Encoding.DER)).hexdigest()


@once
def seal_key(settings: Settings) -> SealKey | None:
    """The key of the seal; None where papers are not sealed.

    Raises SettingsError with what is wrong with it, in one line. That it has ended, or has not begun, is no error:
    the platform goes on, and nothing is sealed.
    """
    if settings.seal is None:
        return None
    certificate_file, key_file = settings.seal
    if settings.seal_service is not None:
        url, token = settings.seal_service
        return _kept_elsewhere(
            certificates_in(certificate_file), lambda own: SealService(url, token, own, settings.seal_subfilter)
        )
    if settings.seal_token is not None:
        place = TokenPlace(*settings.seal_token)
        return _kept_elsewhere(certificates_in(certificate_file), lambda own: SealToken(place, own))
    password = settings.seal_password.encode() or None
    certificates, key = (
        _from_pkcs12(certificate_file, password)
        if certificate_file == key_file
        else (certificates_in(certificate_file), _key_in(key_file, password))
    )
    certificate = next((one for one in certificates if _fits(one, key)), None)
    if certificate is None:
        raise SettingsError("SEAL_KEY is not the key of any certificate in SEAL_CERTIFICATE.")
    _demand_strength(key)
    _demand_usage(certificate)
    return SealKey(certificate, tuple(_chain(certificate, certificates)), key)


def _kept_elsewhere(
    certificates: Sequence[x509.Certificate], keeper: Callable[[x509.Certificate], SealService | SealToken]
) -> SealKey:
    """The certificate that vouches for no other one is that of the seal."""
    above = {one.issuer for one in certificates if one.issuer != one.subject}
    certificate = next((one for one in certificates if one.subject not in above), certificates[0])
    found = SealKey(certificate, tuple(_chain(certificate, certificates)), keeper(certificate))
    by_sm2 = sm2.key_of(certificate) is not None
    if by_sm2 != (found.service is not None):
        raise SettingsError("A certificate of SM2 and SEAL_SERVICE_SUBFILTER belong together: one is there alone.")
    if not by_sm2:
        _demand_strength(_public_key(certificate))
    _demand_usage(certificate)
    return found


def _public_key(certificate: x509.Certificate) -> rsa.RSAPublicKey | ec.EllipticCurvePublicKey:
    try:
        public = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError):
        public = None
    if not isinstance(public, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise SettingsError("SEAL_CERTIFICATE must hold an RSA key or one of an elliptic curve (ECDSA or SM2).")
    return public


def certificates_in(file: Path) -> list[x509.Certificate]:
    """All certificates of a PEM or DER file; raises SettingsError."""
    content = file.read_bytes()
    try:
        if b"-----BEGIN" in content:
            return x509.load_pem_x509_certificates(content)
        return [x509.load_der_x509_certificate(content)]
    except ValueError:
        raise SettingsError(f"{file.name} holds no certificate (PEM) of the seal that can be read.") from None


def _key_in(file: Path, password: bytes | None) -> Key:
    content = file.read_bytes()
    encrypted = b"ENCRYPTED" in content
    if encrypted and not password:
        raise SettingsError("SEAL_KEY is encrypted: SEAL_KEY_PASSWORD must say its password.")
    try:
        return _usable(serialization.load_pem_private_key(content, password if encrypted else None))
    except (ValueError, TypeError):
        why = "SEAL_KEY_PASSWORD is not its password" if encrypted else "it is no private key (PEM)"
        raise SettingsError(f"SEAL_KEY cannot be read: {why}.") from None


def _from_pkcs12(file: Path, password: bytes | None) -> tuple[list[x509.Certificate], Key]:
    try:
        found = pkcs12.load_pkcs12(file.read_bytes(), password)
    except ValueError:
        raise SettingsError("SEAL_CERTIFICATE cannot be opened: no PKCS#12 file, or not SEAL_KEY_PASSWORD.") from None
    if found.key is None or found.cert is None:
        raise SettingsError("SEAL_CERTIFICATE holds no key with its certificate.")
    return [found.cert.certificate, *(one.certificate for one in found.additional_certs)], _usable(found.key)


def _usable(key: Any) -> Key:
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise SettingsError("SEAL_KEY must be an RSA key or one of an elliptic curve (ECDSA).")
    return key


def _fits(certificate: x509.Certificate, key: Key) -> bool:
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return certificate.public_key().public_bytes(*form) == key.public_key().public_bytes(*form)


def _demand_strength(key: Key | rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> None:
    if isinstance(key, rsa.RSAPrivateKey | rsa.RSAPublicKey) and key.key_size < _LEAST_BITS:
        raise SettingsError(f"SEAL_KEY has {key.key_size} bits; an RSA key needs {_LEAST_BITS}.")


def _demand_usage(certificate: x509.Certificate) -> None:
    """A certificate that says what it is for must be for signatures, and not for web servers alone."""
    found = certificate.extensions
    try:
        usage = found.get_extension_for_class(x509.KeyUsage).value
        if not (usage.digital_signature or usage.content_commitment):
            raise SettingsError("SEAL_CERTIFICATE is not made for signatures (key usage).")
    except x509.ExtensionNotFound:
        pass
    try:
        purposes = {one.dotted_string for one in found.get_extension_for_class(x509.ExtendedKeyUsage).value}
        if not purposes & _SEALING:
            raise SettingsError("SEAL_CERTIFICATE is not made for documents (extended key usage).")
    except x509.ExtensionNotFound:
        pass


def _chain(certificate: x509.Certificate, given: Sequence[x509.Certificate]) -> Iterable[x509.Certificate]:
    """Who vouches for it, one above the other; raises SettingsError when the next one was not handed over."""
    below, seen = certificate, 0
    while below.issuer != below.subject:
        above = next((one for one in given if _vouches(one, below)), None)
        if above is None and seen:
            return  # a root is known to who checks, and need not be in the file
        if above is None:
            raise SettingsError(
                f"SEAL_CERTIFICATE lacks the certificate of who issued it ({below.issuer.rfc4514_string()}): "
                "put it into the same file."
            )
        yield above
        below, seen = above, seen + 1
        if seen > len(given):
            return


def _vouches(above: x509.Certificate, below: x509.Certificate) -> bool:
    if sm2.vouches(above, below):
        return True
    try:
        below.verify_directly_issued_by(above)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True
