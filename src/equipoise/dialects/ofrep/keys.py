"""Which environment a request is about, and what whoever asks may see of it."""

from collections.abc import Mapping

from equipoise.application.serving import Feed, Key, Live
from equipoise.domain.errors import Unknown
from equipoise.domain.identity import Id
from equipoise.translation.dialect import bearer

_MOBILE, _CLIENT_ID_LENGTH = "mob-", 24


def presented(headers: Mapping[str, str]) -> str:
    """The key of a request: as a bearer, bare, or in `X-API-Key`; "" for none."""
    return bearer(headers) or headers.get("x-api-key", "").strip()


async def environment(feed: Feed, headers: Mapping[str, str]) -> tuple[Id, Key]:
    """The environment that a key leads to, and what kind of key it is. raises Unknown, NotReady"""
    key = presented(headers)
    if not key:
        raise Unknown(presented=False)
    kind = kind_of(key)
    return await feed.environment(key, kind), kind


def live_at_once(feed: Feed, headers: Mapping[str, str]) -> tuple[Live, Key] | None:
    """What that environment serves, where both are known and ready; None where something must be waited for,
    or the key is nobody's."""
    key = presented(headers)
    kind = kind_of(key)
    id = feed.recognised(key, kind)
    live = None if id is None else feed.ready(id)
    return None if live is None else (live, kind)


def kind_of(key: str) -> Key:
    """As keys are spelled; a client-side id is the id of an environment."""
    if key.startswith(_MOBILE):
        return Key.MOBILE
    return Key.CLIENT if len(key) == _CLIENT_ID_LENGTH else Key.SERVER
