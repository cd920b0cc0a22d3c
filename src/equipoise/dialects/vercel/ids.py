"""Ids as this surface spells them: a prefix, and ours."""

from equipoise.domain.errors import Missing
from equipoise.domain.identity import Id, is_id

STORE, INVOICE = "ecfg_", "inv_"


def store_id(id: Id) -> str:
    return STORE + id


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
