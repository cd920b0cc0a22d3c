"""Answers to those who poll: the document once per snapshot, its tag, and its compressed form."""

import asyncio
import gzip
from collections import OrderedDict
from collections.abc import Callable, Mapping
from hashlib import sha256

from msgspec import Struct

from equipoise.application.answers import Answer, has_already
from equipoise.delivery.channel import lost
from equipoise.domain.identity import Id
from equipoise.domain.snapshot import Snapshot

KEPT_MAX = 64
COMPRESSED_FROM_BYTES = 1_000
COMPRESSION_LEVEL = 5

Headers = tuple[tuple[str, str], ...]


class Document(Struct, frozen=True):
    """What an environment serves, as a poller gets it. `small` is the body under gzip."""

    snapshot: Snapshot
    body: bytes
    small: bytes
    tag: str


class Polling:
    """The documents of the environments that were polled last, made once for each change."""

    def __init__(self, render: Callable[[Snapshot], bytes]) -> None:
        self._render = render
        self._kept: OrderedDict[Id, asyncio.Future[Document]] = OrderedDict()

    async def answer(self, snapshot: Snapshot, asked: Mapping[str, str], headers: Headers = ()) -> Answer:
        """The document, or 304 for whoever says that it has it already.

        asked  headers of the request, names in lower case
        """
        document = await self._document(snapshot)
        tagged = (*headers, ("ETag", document.tag), ("Vary", "Accept-Encoding"))
        if has_already(document.tag, asked.get("if-none-match", "")):
            return Answer(304, headers=tagged)
        if document.small and accepts_gzip(asked.get("accept-encoding", "")):
            return Answer(200, document.small, (*tagged, ("Content-Encoding", "gzip")))
        return Answer(200, document.body, tagged)

    async def _document(self, snapshot: Snapshot) -> Document:
        known = self._kept.get(snapshot.id)
        if known is not None and not lost(known) and known.get_loop() is asyncio.get_running_loop():
            document = await asyncio.shield(known)
            if document.snapshot is snapshot:
                return document
        made = asyncio.ensure_future(asyncio.to_thread(self._make, snapshot))
        self._kept[snapshot.id] = made
        self._kept.move_to_end(snapshot.id)
        while len(self._kept) > KEPT_MAX:
            self._kept.popitem(last=False)
        return await asyncio.shield(made)

    def _make(self, snapshot: Snapshot) -> Document:
        body = self._render(snapshot)
        small = gzip.compress(body, COMPRESSION_LEVEL, mtime=0) if len(body) >= COMPRESSED_FROM_BYTES else b""
        return Document(snapshot, body, small, f'"{sha256(body).hexdigest()[:32]}"')


def accepts_gzip(said: str) -> bool:
    for each in said.lower().split(","):
        name, _, weight = each.partition(";")
        if name.strip() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
