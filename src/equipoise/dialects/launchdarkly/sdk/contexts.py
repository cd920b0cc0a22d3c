"""Contexts as browsers and phones send them: in the path, as base64, or as a body."""

from base64 import b64decode

from equipoise.domain.limits import CONTEXT_BYTES_MAX
from equipoise.evaluation.context import Context, context
from equipoise.translation.decode import parse
from equipoise.translation.doors import Visit
from equipoise.translation.errors import Oversized, Unreadable

PACKED_LENGTH_MAX = (CONTEXT_BYTES_MAX + 2) // 3 * 4
_PLAIN = str.maketrans("-_", "+/")


async def in_path(visit: Visit) -> Context:
    """raises Oversized, Unreadable"""
    return read(unpacked(visit.path["context"]))


async def in_body(visit: Visit) -> Context:
    """raises Oversized, Unreadable"""
    return read(await visit.body())


def unpacked(said: str, length_max: int = PACKED_LENGTH_MAX) -> bytes:
    """From base64 in either alphabet, padded or not. raises Oversized, Unreadable"""
    if len(said) > length_max:
        raise Oversized(length_max // 4 * 3)
    text = said.rstrip("=").translate(_PLAIN)
    try:
        return b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError as error:
        raise Unreadable(f"it is no base64: {error}") from None


def read(body: bytes) -> Context:
    """raises Unreadable"""
    found = context(parse(body))
    if found.error:
        raise Unreadable(found.error)
    if not all(part["key"] for part in found.parts.values()):
        raise Unreadable("a user needs a key that is not empty")
    return found
