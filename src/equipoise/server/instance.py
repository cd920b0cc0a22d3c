"""An instance: its store, its vault, its desk, its library; and what the first moments of a start lead to."""

from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_bytes
from time import time_ns

from msgspec import Struct

from equipoise.application.administration import any_sealed, has_token
from equipoise.application.authentication import holder
from equipoise.application.changes import Desk
from equipoise.application.founding import found
from equipoise.application.ports import Witness
from equipoise.application.queries import Library
from equipoise.application.sign_in import Reception
from equipoise.config import Settings
from equipoise.domain.errors import Missing, Unknown
from equipoise.security.vault import Vault, WrongKey
from equipoise.server.problems import Unstartable
from equipoise.storage import SqlStore, Unusable, keyfile, open_store

SPARE_CONNECTIONS = 3  # for the sweep, the readiness probe and the feed, beside the worker threads


class Prepared(Struct, frozen=True):
    """What the first moments of a start led to.

    made   secret of the admin token that was made just now
    known  whether the admin token of the settings is one of this store; True where none is set
    code   of a one-time link to the pages; None where there is no admin token to sign in as
    """

    made: str | None
    known: bool
    code: str | None = None


class Instance(Struct, frozen=True):
    """What commands and surfaces work with."""

    store: SqlStore
    vault: Vault
    desk: Desk
    library: Library
    reception: Reception


def clock() -> int:
    """Milliseconds since 1970."""
    return time_ns() // 1_000_000


def store_of(settings: Settings, *, upgrade: bool = True) -> SqlStore:
    """The store, as the settings name it. raises Unusable"""
    return open_store(
        settings.database or settings.data,
        threads=2 * settings.threads + SPARE_CONNECTIONS,
        upgrade=upgrade,
        backups=settings.data / "backups",
    )


def unlock(settings: Settings, store: SqlStore) -> Vault:
    """The vault, with its key tried on what is stored; on an empty store a key file is made if need be.

    raises  Unusable
    """
    with store.read() as reader:
        sealed = any_sealed(reader)
    key = settings.secret_key or keyfile.read(settings.data)
    back = f"Set EQUIPOISE_SECRET_KEY, or bring back {settings.data / keyfile.NAME} from where it was."
    if key is None and sealed is not None:
        raise Unusable("The secret key of this store is not here.", back)
    try:
        vault = Vault(key or keyfile.make(settings.data), token_bytes)
        if sealed is not None:
            vault.open(sealed)
    except (WrongKey, ValueError) as error:
        raise Unusable(f"The secret key is not the right one: {error}", back) from error
    return vault


def compose(store: SqlStore, vault: Vault, witness: Witness | None = None) -> Instance:
    desk = Desk(store, clock, token_bytes, vault, witness)
    library = Library(store, clock, token_bytes, vault)
    return Instance(store, vault, desk, library, Reception(store, clock, token_bytes, vault))


@contextmanager
def opened(settings: Settings) -> Iterator[Instance]:
    """The instance for as long as a command takes. raises Unusable"""
    store = store_of(settings)
    try:
        yield compose(store, unlock(settings, store))
    finally:
        store.close()


def prepare(settings: Settings) -> Prepared:
    """Migrates and founds, before anything is served.

    raises  Unusable, Unstartable
    """
    with opened(settings) as instance:
        with instance.store.read() as reader:
            safe = settings.on_loopback or settings.admin_token is not None or has_token(reader)
        if not safe:
            raise Unstartable(
                f"{settings.host} can be reached from outside, and there is no token yet.",
                "Set EQUIPOISE_ADMIN_TOKEN to a long random text, or start once on 127.0.0.1.",
            )
        made = found(instance.store, clock, token_bytes, instance.vault, settings.admin_token)
        return Prepared(made, knows(instance.store, settings.admin_token), _invitation(instance))


def _invitation(instance: Instance) -> str | None:
    try:
        return instance.reception.invite()
    except Missing:
        return None


def knows(store: SqlStore, token: str | None) -> bool:
    """Whether this is a token of the store. None is nobody's, and nothing to complain of."""
    try:
        with store.read() as reader:
            return token is None or bool(holder(reader, token, clock()))
    except Unknown:
        return False
