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


@pytest.mark.parametrize("parts", [(b"whole",), (b"who", b"le"), (b"", b"whole", b"")])
@pytest.mark.parametrize("late", [False, True], ids=["here already", "on its way"])
def test_a_body_is_read_whole_whenever_its_parts_come(parts: tuple[bytes, ...], late: bool) -> None:
    coming = list(parts)

    async def receive() -> dict[str, Any]:
        for _ in range(3 if late else 0):
            await asyncio.sleep(0.001)
            await asyncio.sleep(0)
        return {"type": "http.request", "body": coming.pop(0), "more_body": bool(coming)}

    assert asyncio.run(wire.body_of(receive, 5)) == b"whole"


def test_what_goes_wrong_while_a_body_is_awaited_is_told() -> None:
    async def broken() -> dict[str, Any]:
        await asyncio.sleep(0.001)
        raise ConnectionError("gone")

    async def cancelled() -> str:
        waiting = asyncio.ensure_future(wire.body_of(asyncio.Event().wait, 5))  # type: ignore[arg-type]
        await asyncio.sleep(0.01)
        waiting.cancel()
        (ended,) = await asyncio.gather(waiting, return_exceptions=True)
        return type(ended).__name__

    with pytest.raises(ConnectionError, match="gone"):
        asyncio.run(wire.body_of(broken, 5))
    assert asyncio.run(cancelled()) == "CancelledError"
