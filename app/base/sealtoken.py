"""A token or security module that keeps the key of the seal and signs with it (PKCS#11): a card, a USB key, an HSM.

The maker's library is loaded into the process that seals, which hands it a hash and gets the signature. Each signature is
checked against the certificate before anything is made of it. While the token does not sign, papers wait.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any, Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from app.base.outward import OutwardError
from app.base.sealservice import demand_fit

_WORDS: Final = "The token that keeps the key of the seal does not sign."


class TokenPlace(NamedTuple):
    """Where the key is: the maker's library, the labels of token and key, and what opens the token."""

    module: Path
    token: str
    key: str
    pin: str


class SealToken:
    """The key in the token, and the certificate that its signatures must fit."""

    def __init__(self, place: TokenPlace, certificate: x509.Certificate) -> None:
        self._place, self._certificate = place, certificate
        self._lock = Lock()
        self._session: Any = None
        self._key: Any = None
        self._opened_by = 0  # the process; what was opened before a fork is worth nothing after it
        self._refused = False  # tokens lock themselves after some wrong PINs: it is tried once

    def sign(self, content: bytes, digest: str) -> bytes:
        """The signature of `content` by its digest; raises OutwardError, also of a signature that does not fit."""
        import pkcs11  # only who seals by a token needs the library

        hashed = hashlib.new(digest, content).digest()
        with self._lock:
            if self._refused:
                raise OutwardError("refused", f"{_WORDS} It has refused SEAL_PKCS11_PIN and is not asked again.")
            try:
                signature = self._signed(hashed, digest)
                demand_fit(self._certificate, signature, hashed, digest)
            except (pkcs11.PKCS11Error, RuntimeError, ValueError) as error:
                self._refused = isinstance(error, pkcs11.PinIncorrect | pkcs11.PinLocked)
                self._close()
                raise OutwardError("unreachable", _WORDS, cause=error) from error
        return signature

    def _signed(self, hashed: bytes, digest: str) -> bytes:
        from asn1crypto.algos import DigestInfo
        from pkcs11 import Mechanism

        key = self._opened()
        if isinstance(self._certificate.public_key(), rsa.RSAPublicKey):
            told = DigestInfo({"digest_algorithm": {"algorithm": digest}, "digest": hashed}).dump()
            return bytes(key.sign(told, mechanism=Mechanism.RSA_PKCS))
        both = bytes(key.sign(hashed, mechanism=Mechanism.ECDSA))
        half = len(both) // 2
        return encode_dss_signature(int.from_bytes(both[:half]), int.from_bytes(both[half:]))

    def _opened(self) -> Any:
        """The key in a session of this process."""
        import pkcs11

        if self._key is None or self._opened_by != os.getpid():
            library = pkcs11.lib(str(self._place.module))
            if self._opened_by:
                library.reinitialize()
            self._opened_by = os.getpid()
            self._session = _session(library.get_token(token_label=self._place.token), self._place.pin)
            self._key = self._session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=self._place.key)
        return self._key

    def _close(self) -> None:
        """What went wrong may lie in the session: the next signature begins with another."""
        import pkcs11

        session, self._session, self._key = self._session, None, None
        if session is not None:
            with suppress(pkcs11.PKCS11Error):
                session.close()


def _session(token: Any, pin: str) -> Any:
    """An open session; a process is known to a token once, whoever of it came first."""
    import pkcs11

    try:
        return token.open(user_pin=pin)
    except pkcs11.UserAlreadyLoggedIn:
        return token.open()
