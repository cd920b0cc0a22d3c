"""Secrets as text, and their digests."""

from base64 import urlsafe_b64encode
from hashlib import sha256
from hmac import compare_digest

SECRET_BYTES = 32
ACCESS = "eqp-"  # how access tokens begin, and no secret that we spell
INSTALLED = "ins-"  # how tokens of installations begin
READING = "cfg-"  # how what config stores are read with begins
_PREFIXES = {
    "token": "api-",
    "sdk": "sdk-",
    "mobile": "mob-",
    "installation": INSTALLED,
    "client": "cls-",
    "code": "sso-",
    "reading": READING,
}


def spell(kind: str, secret: bytes) -> str:
    """A secret of 32 random bytes as text: `api-…`, `sdk-…` and so on; letters, digits, '-' and '_'.

    No other characters: some clients blank a key that has any.
    """
    return _PREFIXES[kind] + urlsafe_b64encode(secret).rstrip(b"=").decode()


def digest(secret: str) -> str:
    """SHA-256, hexadecimal. Enough for 256 random bits, which no dictionary holds."""
    return sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def same(left: str, right: str) -> bool:
    """Equality in constant time."""
    return compare_digest(left.encode(), right.encode())


def redacted(secret: str) -> str:
    """Its prefix and its last four characters."""
    return f"{secret[:4]}*****{secret[-4:]}"


def ending(secret: str) -> str:
    """The last four characters, for people to know a secret by."""
    return secret[-4:]
