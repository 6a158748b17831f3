"""SM2 signatures, checked (GB/T 32918.2, GB/T 35276): public values alone are handled here, nothing is signed.

The libraries of the house know the hash SM3 and not the curve. The packages that know it are no longer kept up or name
no licence; what is asked of them here is one equation, which the tests put to signatures that OpenSSL has made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

CURVE: Final = "1.2.156.10197.1.301"
SM3: Final = "1.2.156.10197.1.401"
SIGNED_WITH_SM3: Final = "1.2.156.10197.1.501"
SIGNATURES: Final = frozenset({CURVE, f"{CURVE}.1", SIGNED_WITH_SM3})  # how makers name the same signature
_IDENTITY: Final = b"1234567812345678"  # of every signer, where nothing else was agreed upon
_P: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
_A: Final = _P - 3
_B: Final = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
_N: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
_X: Final = 0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7
_Y: Final = 0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0
_Point = tuple[int, int, int]  # x / z², y / z³; z is 0 at infinity
_NOWHERE: Final = (1, 1, 0)


@dataclass(frozen=True)
class PublicKey:
    """A point of the curve."""

    x: int
    y: int

    def fits(self, signature: bytes, message: bytes) -> bool:
        """Whether the signature (DER) is that of this key over the message, hashed by SM3."""
        try:
            r, s = decode_dss_signature(signature)
        except ValueError:
            return False
        t = (r + s) % _N
        if not (0 < r < _N and 0 < s < _N and t):
            return False
        x, _y, z = _sum_of(s, (_X, _Y, 1), t, (self.x, self.y, 1))
        if not z:
            return False
        told = int.from_bytes(sm3(self._about() + message))
        return bool((told + x * pow(z, -2, _P) % _P) % _N == r)

    def _about(self) -> bytes:
        """What is hashed before each message: who signs, the curve and the key."""
        numbers = b"".join(number.to_bytes(32) for number in (_A, _B, _X, _Y, self.x, self.y))
        return sm3((8 * len(_IDENTITY)).to_bytes(2) + _IDENTITY + numbers)


def sm3(content: bytes) -> bytes:
    """The hash."""
    hashed = hashes.Hash(hashes.SM3())
    hashed.update(content)
    return hashed.finalize()


def key_of(certificate: x509.Certificate) -> PublicKey | None:
    """The key of a certificate; None where it is of another kind."""
    try:
        certificate.public_key()
    except UnsupportedAlgorithm:
        return key_in(certificate.public_bytes(Encoding.DER))
    except ValueError:
        return None
    return None


def key_in(certificate: bytes) -> PublicKey | None:
    """The same for a certificate as DER."""
    from asn1crypto import x509 as parsed  # only who seals or checks by SM2 needs it

    told = parsed.Certificate.load(certificate).public_key
    chosen = told["algorithm"]["parameters"]
    if told["algorithm"]["algorithm"].dotted != "1.2.840.10045.2.1" or chosen.name != "named":
        return None
    point = bytes(told["public_key"])
    if chosen.chosen.dotted != CURVE or len(point) != 65 or point[0] != 4:
        return None
    x, y = int.from_bytes(point[1:33]), int.from_bytes(point[33:])
    on_curve = x < _P and y < _P and (y * y - x * x * x - _A * x - _B) % _P == 0
    return PublicKey(x, y) if on_curve else None


def vouches(above: x509.Certificate, below: x509.Certificate) -> bool:
    """Whether one certificate was issued by the holder of the other and signed by SM2."""
    if below.issuer != above.subject or below.signature_algorithm_oid.dotted_string != SIGNED_WITH_SM3:
        return False
    key = key_of(above)
    return key is not None and key.fits(below.signature, below.tbs_certificate_bytes)


def _sum_of(times: int, point: _Point, other_times: int, other: _Point) -> _Point:
    """Both points, each as often as is said, in one walk over the bits."""
    each = {(1, 0): point, (0, 1): other, (1, 1): _added(point, other)}
    found = _NOWHERE
    for bit in range(max(times.bit_length(), other_times.bit_length()) - 1, -1, -1):
        found = _doubled(found)
        which = (times >> bit & 1, other_times >> bit & 1)
        if which in each:
            found = _added(found, each[which])
    return found


def _doubled(point: _Point) -> _Point:
    x, y, z = point
    if not z or not y:
        return _NOWHERE
    square, depth = y * y % _P, z * z % _P
    middle = 4 * x * square % _P
    slope = 3 * (x - depth) * (x + depth) % _P  # the curve's second number is -3
    new = (slope * slope - 2 * middle) % _P
    return new, (slope * (middle - new) - 8 * square * square) % _P, 2 * y * z % _P


def _added(one: _Point, other: _Point) -> _Point:
    if not one[2] or not other[2]:
        return one if one[2] else other
    depth, other_depth = one[2] * one[2] % _P, other[2] * other[2] % _P
    x, far_x = one[0] * other_depth % _P, other[0] * depth % _P
    y, far_y = one[1] * other_depth * other[2] % _P, other[1] * depth * one[2] % _P
    if x == far_x:
        return _doubled(one) if y == far_y else _NOWHERE
    run, rise = far_x - x, far_y - y
    square = run * run % _P
    cube, middle = square * run % _P, x * square % _P
    new = (rise * rise - cube - 2 * middle) % _P
    return new, (rise * (middle - new) - y * cube) % _P, one[2] * other[2] * run % _P
