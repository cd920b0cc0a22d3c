"""Browsers and phones: they are told what flags serve one context, and no more of a flag than that."""

from msgspec import Struct

from equipoise.application.availability import concerns
from equipoise.application.serving import Framing, Key
from equipoise.delivery import sse

PING = sse.event("ping", b" ")  # whoever hears it asks again; without data a browser would not hear it


class Audience(Struct, frozen=True):
    """Those who come with keys of one kind.

    stream  how they hear of changes
    """

    key: Key
    stream: Framing


def _audience(key: Key) -> Audience:
    stream = Framing(
        whole=lambda _: PING,
        update=lambda update: PING if concerns(update, key) else b"",
        heartbeat=sse.HEARTBEAT,
    )
    return Audience(key, stream)


BROWSERS = _audience(Key.CLIENT)
PHONES = _audience(Key.MOBILE)
