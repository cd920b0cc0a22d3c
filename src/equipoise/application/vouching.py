"""Hashes by which a page proves that its server vouched for whom it asks."""

from hashlib import sha256
from hmac import compare_digest, new

from equipoise.application.ports import Vault
from equipoise.application.serving import Fits, Key
from equipoise.domain.environment.state import Environment
from equipoise.evaluation.context import Context


class Hashes:
    """Implements application.serving.Fits: HMAC-SHA256, in lower hexadecimal digits. It is compared in a time
    that tells nothing of the key."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def __call__(self, environment: Environment, text: str, said: str) -> bool:
        key = self._vault.open(environment.sdk_key.sealed)
        made = new(key.encode(), text.encode("utf-8", "surrogatepass"), sha256).hexdigest()
        return compare_digest(made.encode(), said.encode("utf-8", "surrogatepass"))


def vouched(environment: Environment, key: Key, context: Context, fits: Fits, said: str) -> bool:
    """Whether who has such a key may ask for a context: in secure mode, a page needs the hash of it.

    said  the hash that came with the request; "" for none
    """
    if key is not Key.CLIENT or not environment.secure_mode:
        return True
    return fits(environment, canonical_key(context), said)


def canonical_key(context: Context) -> str:
    """The one text that stands for all its kinds and keys: what a hash of it is made of."""
    keys = {kind: str(part["key"]) for kind, part in context.parts.items()}
    if list(keys) == ["user"]:
        return keys["user"]
    return ":".join(f"{kind}:{_escaped(keys[kind])}" for kind in sorted(keys))


def _escaped(key: str) -> str:
    return key.replace("%", "%25").replace(":", "%3A")
