"""What applications read config stores by, with the published clients: an item, several, or the digest."""

from collections.abc import Callable

import msgspec

from equipoise.application.answers import Answer
from equipoise.application.installations import in_use
from equipoise.dialects.vercel import ids
from equipoise.dialects.vercel.documents import Free
from equipoise.dialects.vercel.errors import refuse
from equipoise.dialects.vercel.stores import documents
from equipoise.domain.config_store import CONFIG_STORE
from equipoise.domain.config_store.state import ConfigStore
from equipoise.domain.errors import Missing, Unknown
from equipoise.security.permissions import Act
from equipoise.translation.call import Call
from equipoise.translation.routes import Parameter, Route

DIGEST = "x-edge-config-digest"
_BEGINS = {"storeId": ids.STORE}
_VERSION = Parameter("version", "Of the protocol; any is answered alike.")
_KEYS = Parameter("key", "Key of an item to answer; may stand several times. Without it, all are.")


def get_item(call: Call) -> Answer:
    """404 with the digest says that the store is there and has no such item."""

    def answer(now: ConfigStore) -> Answer:
        key = call.path["itemKey"]
        if key not in now.items:
            missing = refuse(Missing("item", key))
            return Answer(missing.status, missing.body, _digest(now))
        return Answer(200, msgspec.json.encode(now.items[key]), _digest(now))

    return _read(call, answer)


def get_items(call: Call) -> Answer:
    asked = call.query().get("key")

    def answer(now: ConfigStore) -> Answer:
        items = now.items if asked is None else {key: now.items[key] for key in asked if key in now.items}
        return Answer(200, msgspec.json.encode(items), _digest(now))

    return _read(call, answer)


def get_digest(call: Call) -> Answer:
    def answer(now: ConfigStore) -> Answer:
        return Answer(200, msgspec.json.encode(now.digest), _digest(now))

    return _read(call, answer)


def _read(call: Call, answer: Callable[[ConfigStore], Answer]) -> Answer:
    """Clients know 401 for a token that does not open a store, and no 403; so whoever is confined elsewhere
    is not known. raises Unknown, Missing"""
    principal = call.library.principal(call.credential)
    try:
        id = ids.read(ids.STORE, call.path["storeId"], "config store")
        with call.library.store.read() as reader:
            store = reader.find(CONFIG_STORE, id)
            found = store if store is not None and in_use(reader, store) else None
    except Missing:
        found = None
    if found is not None and principal.speaks_of(found.place, found.id):
        known = found.id
        return call.read(lambda world: answer(world.get(CONFIG_STORE, known)), found.place, known, principal)
    if principal.confined:
        raise Unknown
    raise Missing("config store", call.path["storeId"])


def _digest(now: ConfigStore) -> tuple[tuple[str, str], ...]:
    return ((DIGEST, now.digest),)


ROUTES: tuple[Route, ...] = (
    Route(
        "GET",
        "/{storeId}/item/{itemKey}",
        Act.READ,
        get_item,
        "readItem",
        {200: documents.Value},
        begins=_BEGINS,
        query=(_VERSION,),
        brief=True,
        about="One item of a config store.",
    ),
    Route(
        "GET",
        "/{storeId}/items",
        Act.READ,
        get_items,
        "readItems",
        {200: Free},
        begins=_BEGINS,
        query=(_VERSION, _KEYS),
        brief=True,
        about="Some items of a config store, or all.",
    ),
    Route(
        "GET",
        "/{storeId}/digest",
        Act.READ,
        get_digest,
        "readDigest",
        {200: str},
        begins=_BEGINS,
        query=(_VERSION,),
        brief=True,
        about="The digest of a config store: another one for another content.",
    ),
)
