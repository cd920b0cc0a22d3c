"""Identities, signed: JSON Web Tokens (RFC 7519) under RS256, which every library verifies."""

from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from msgspec import Struct

ALGORITHM = "RS256"
_BITS, _EXPONENT = 2_048, 65_537


class KeyPair(Struct, frozen=True):
    """The private key as PEM; the public one as modulus and exponent in base64url (RFC 7518, 6.3.1)."""

    private: str
    modulus: str
    exponent: str


def generate() -> KeyPair:
    """A new pair. Primes are drawn by the library that knows how; it takes a tenth of a second."""
    key = rsa.generate_private_key(_EXPONENT, _BITS)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return KeyPair(pem, public["n"], public["e"])


def signed(private: str, key_id: str, claims: dict[str, Any]) -> str:
    """The claims as a token. Times in it are seconds since 1970."""
    return jwt.encode(claims, private, algorithm=ALGORITHM, headers={"kid": key_id})
