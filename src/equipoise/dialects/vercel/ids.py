"""Ids as this surface spells them: a prefix, and ours."""

from equipoise.domain.errors import Missing
from equipoise.domain.identity import Id, is_id

STORE, INVOICE, APPLICATION = "ecfg_", "inv_", "oac_"


def store_id(id: Id) -> str:
    return STORE + id


def connection(url: str, store: Id, secret: str) -> str:
    """What the published client of config stores is set up with."""
    return f"{url}/{store_id(store)}?token={secret}"


def token_id(id: Id) -> str:
    return f"ecfgt_{id}"


def invoice_id(id: Id) -> str:
    return INVOICE + id


def read(prefix: str, text: str, noun: str) -> Id:
    """Our id. raises Missing where nothing can have it"""
    id = text.removeprefix(prefix)
    if id == text or not is_id(id):
        raise Missing(noun, text)
    return id
