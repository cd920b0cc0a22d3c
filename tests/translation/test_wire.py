"""Bytes off the wire."""

import asyncio
from typing import Any

import pytest

from equipoise.translation import wire
from equipoise.translation.errors import Unreadable


def test_a_body_that_comes_drop_by_drop_is_not_waited_for_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wire, "BODY_SECONDS_MAX", 0.2)

    async def dripping() -> dict[str, Any]:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def scene() -> None:
        async with asyncio.timeout(10):
            await wire.body_of(dripping, 1_000_000)

    with pytest.raises(Unreadable, match="did not come within"):
        asyncio.run(scene())
