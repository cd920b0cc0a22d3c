"""Gateways over a store in memory that is empty, and requests to them."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import httpx

from equipoise.application.changes import Desk
from equipoise.application.queries import Library
from equipoise.translation.dialect import Dialect
from equipoise.translation.doors import Outlets
from equipoise.translation.http import Gateway, Services
from equipoise.translation.limiter import Limiter, Rates
from tests.fakes import FakeClock, FakeEntropy, FakeVault, MemoryStore


def opened(*dialects: Dialect, outlets: Outlets) -> Gateway:
    clock, entropy, vault, store = FakeClock(), FakeEntropy(), FakeVault(), MemoryStore()
    threads = ThreadPoolExecutor(1)
    services = Services(
        desk=Desk(store, clock, entropy, vault),
        library=Library(store, clock, entropy, vault),
        limiter=Limiter(Rates(), clock),
        readers=threads,
        writers=threads,
        body_bytes_max=1_000,
        observe=lambda *_: None,
        outlets=outlets,
    )
    return Gateway(dialects, services)


def ask(
    gateway: Gateway,
    method: str,
    path: str,
    headers: Mapping[str, str] | None = None,
    content: str | None = None,
) -> httpx.Response:
    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(gateway)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            return await client.request(method, path, headers=headers, content=content)

    return asyncio.run(asked())
