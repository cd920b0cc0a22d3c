"""Hashes by which a page proves that its server vouched for whom it asks."""

from hashlib import sha256
from hmac import compare_digest, new

from equipoise.application.ports import Vault
from equipoise.domain.environment.state import Environment


class Hashes:
    """Implements application.serving.Fits: HMAC-SHA256, in lower hexadecimal digits. It is compared in a time
    that tells nothing of the key."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def __call__(self, environment: Environment, text: str, said: str) -> bool:
        key = self._vault.open(environment.sdk_key.sealed)
        made = new(key.encode(), text.encode("utf-8", "surrogatepass"), sha256).hexdigest()
        return compare_digest(made.encode(), said.encode("utf-8", "surrogatepass"))
