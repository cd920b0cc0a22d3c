"""Who asks."""

from equipoise.application.grants import granted
from equipoise.application.passes import installed, reading
from equipoise.application.ports import Reader, Vault
from equipoise.domain.errors import Unknown
from equipoise.domain.identity import INSTANCE
from equipoise.domain.token import TOKEN
from equipoise.domain.token.state import Token
from equipoise.security.principals import Principal, bearer
from equipoise.security.tokens import ACCESS, INSTALLED, READING, digest, same


def authenticate(reader: Reader, vault: Vault, credential: str | Principal, now: int) -> Principal:
    """Who presents this secret of a token, an installation or a config store, or this access token. `now` in
    milliseconds since 1970.

    raises  Unknown when nobody does any more
    """
    if isinstance(credential, Principal):
        return credential
    if not credential:
        raise Unknown(presented=False)
    if credential.startswith(ACCESS):
        return granted(reader, vault, credential, now)
    if credential.startswith(INSTALLED):
        return installed(reader, credential)
    if credential.startswith(READING):
        return reading(reader, credential)
    return bearer(holder(reader, credential, now))


def holder(reader: Reader, secret: str, now: int) -> Token:
    """The token of which this is the secret; an access token is none. `now` as above. raises Unknown"""
    hashed = digest(secret)
    token = reader.named(TOKEN, INSTANCE, hashed)
    if token is None or token.expired(now) or not same(token.digest, hashed):
        raise Unknown
    return token
