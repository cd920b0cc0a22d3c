"""Who asks."""

from equipoise.application.ports import Reader
from equipoise.domain.errors import Unknown
from equipoise.domain.identity import INSTANCE
from equipoise.domain.token import TOKEN
from equipoise.security.principals import Principal, bearer
from equipoise.security.tokens import digest, same


def authenticate(reader: Reader, credential: str | Principal, now: int) -> Principal:
    """Who presents this secret. `now` in milliseconds since 1970.

    raises  Unknown when nobody does any more
    """
    if isinstance(credential, Principal):
        return credential
    hashed = digest(credential)
    token = reader.named(TOKEN, INSTANCE, hashed)
    if token is None or not same(token.digest, hashed):
        raise Unknown
    principal = bearer(token, now)
    if principal is None:
        raise Unknown
    return principal
