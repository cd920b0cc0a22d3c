"""The vault: secrets that must be shown again, encrypted with AES-256-GCM under the instance's key."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_LENGTH_MIN = 32  # characters of a passphrase, or of 32 bytes in base64
_SCHEME = "1"
_NONCE_BYTES = 12
_MARK_BYTES = 4


class WrongKey(Exception):
    """What was sealed cannot be opened with this key."""


class Vault:
    """Seals and opens with one key, drawn from `secret`: text of KEY_LENGTH_MIN characters or more.

    entropy  gives so many random bytes
    raises   ValueError when the secret is too short
    """

    def __init__(self, secret: str, entropy: Callable[[int], bytes]) -> None:
        if len(secret.strip()) < KEY_LENGTH_MIN:
            raise ValueError(f"a secret key has {KEY_LENGTH_MIN} characters or more")
        key = _derived(secret, "seal", 32)
        self._cipher, self._entropy = AESGCM(key), entropy
        self._mark = _derived(secret, "mark", _MARK_BYTES).hex()

    def seal(self, secret: str) -> str:
        """Scheme, mark of the key, nonce and ciphertext; every call gives another text."""
        nonce = self._entropy(_NONCE_BYTES)
        ciphertext = self._cipher.encrypt(nonce, secret.encode(), self._context)
        body = urlsafe_b64encode(nonce + ciphertext).decode()
        return f"{_SCHEME}.{self._mark}.{body}"

    def open(self, sealed: str) -> str:
        """raises WrongKey"""
        scheme, _, rest = sealed.partition(".")
        mark, _, body = rest.partition(".")
        if scheme != _SCHEME:
            raise WrongKey("A stored secret was not sealed by this release.")
        if mark != self._mark:
            raise WrongKey("The stored secrets were sealed under another key than this one.")
        try:
            whole = urlsafe_b64decode(body)
            opened = self._cipher.decrypt(whole[:_NONCE_BYTES], whole[_NONCE_BYTES:], self._context)
        except (InvalidTag, ValueError):
            raise WrongKey("A stored secret is damaged.") from None
        return opened.decode()

    @property
    def _context(self) -> bytes:
        return f"{_SCHEME}.{self._mark}".encode()


def _derived(secret: str, purpose: str, length: int) -> bytes:
    info = f"equipoise vault {purpose}".encode()
    return HKDF(SHA256(), length, salt=None, info=info).derive(secret.strip().encode())
