"""Documents are made once for each snapshot, however many poll."""

import asyncio
import gzip

import pytest

from equipoise.application.answers import has_already
from equipoise.delivery import polling
from equipoise.delivery.polling import COMPRESSED_FROM_BYTES, Polling, accepts_gzip
from equipoise.domain.snapshot import Snapshot
from tests.delivery.rooms import environment


def a_snapshot(key: str = "production") -> Snapshot:
    return Snapshot(environment(key), 1, {})


def test_many_who_poll_at_once_share_one_document() -> None:
    made: list[Snapshot] = []

    def render(snapshot: Snapshot) -> bytes:
        made.append(snapshot)
        return b"x" * COMPRESSED_FROM_BYTES

    async def scene() -> None:
        poll, now = Polling(render), a_snapshot()
        answers = await asyncio.gather(*(poll.answer(now, {}) for _ in range(50)))
        assert {answer.body for answer in answers} == {b"x" * COMPRESSED_FROM_BYTES}
        await poll.answer(a_snapshot(), {})

    asyncio.run(scene())
    assert len(made) == 2


def test_a_small_document_is_not_worth_compressing() -> None:
    async def scene(size: int) -> dict[str, str]:
        answer = await Polling(lambda _: b"x" * size).answer(a_snapshot(), {"accept-encoding": "gzip"})
        headers = dict(answer.headers)
        if "Content-Encoding" in headers:
            assert gzip.decompress(answer.body) == b"x" * size
        return headers

    assert "Content-Encoding" in asyncio.run(scene(COMPRESSED_FROM_BYTES))
    assert "Content-Encoding" not in asyncio.run(scene(COMPRESSED_FROM_BYTES - 1))


def test_a_document_that_could_not_be_made_is_made_when_somebody_asks_again() -> None:
    troubles = [RuntimeError("can't start new thread")]

    def render(_: Snapshot) -> bytes:
        if troubles:
            raise troubles.pop()
        return b"{}"

    async def scene() -> None:
        poll, now = Polling(render), a_snapshot()
        with pytest.raises(RuntimeError):
            await poll.answer(now, {})
        assert (await poll.answer(now, {})).body == b"{}"

    asyncio.run(scene())


def test_only_so_many_documents_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "KEPT_MAX", 2)
    made: list[str] = []

    def render(snapshot: Snapshot) -> bytes:
        made.append(snapshot.environment.key)
        return b""

    async def scene() -> None:
        poll = Polling(render)
        a, b, c = (a_snapshot(key) for key in "abc")
        for each in (a, b, b, c, c, a):
            await poll.answer(each, {})

    asyncio.run(scene())
    assert made == ["a", "b", "c", "a"]


@pytest.mark.parametrize(
    ("said", "accepted"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("*", True),
        ("", False),
        ("identity", False),
        ("gzip; q=0", False),
        ("gzip;q=0.0, br", False),
    ],
)
def test_gzip_is_used_where_it_is_accepted(said: str, accepted: bool) -> None:
    assert accepts_gzip(said) is accepted


@pytest.mark.parametrize(
    ("known", "has"),
    [('"a"', True), ('"b", W/"a"', True), ("*", True), ("", False), ('"b"', False), ("a", False)],
)
def test_a_tag_is_had_by_whoever_names_it(known: str, has: bool) -> None:
    assert has_already('"a"', known) is has
