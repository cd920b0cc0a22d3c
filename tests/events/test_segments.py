"""Frames: what comes back is what was written, whole, or nothing."""

import os
import struct
from pathlib import Path
from time import time_ns
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.domain.records import Received
from equipoise.events import segments
from equipoise.events.segments import Cut, frame, frames

texts = st.text(st.characters(codec="utf-8"), max_size=20)
bodies = st.builds(
    Received,
    texts,
    texts,
    texts,
    st.integers(0, 2**62),
    st.binary(max_size=200),
    st.sampled_from(("", "gzip")),
    st.sampled_from(("server", "mobile", "client")),
)


@given(st.lists(bodies, max_size=5))
def test_what_was_framed_comes_back_in_order(received: list[Received]) -> None:
    assert list(frames(b"".join(map(frame, received)))) == received


@given(st.lists(bodies, min_size=1, max_size=4), st.data())
def test_a_torn_end_is_cut_and_all_before_it_is_whole(received: list[Received], data: st.DataObject) -> None:
    content = b"".join(map(frame, received))
    last = len(frame(received[-1]))
    kept = data.draw(st.integers(1, last - 1)) if last > 1 else 0
    torn = content[: len(content) - last + kept]
    assert list(frames(torn)) == [*received[:-1], Cut(kept)]


@given(bodies, st.data())
def test_a_changed_byte_is_never_read_as_whole(received: Received, data: st.DataObject) -> None:
    content = bytearray(frame(received))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    (cut,) = frames(bytes(content))
    assert isinstance(cut, Cut)
    assert cut.bytes == len(content)


@given(st.lists(bodies, min_size=2, max_size=4), st.data())
def test_a_byte_that_changed_in_the_midst_is_damage_and_never_taken_for_a_torn_end(
    received: list[Received], data: st.DataObject
) -> None:
    """Wherever it is in a frame, also in its lengths; what comes after may have been acknowledged."""
    first = len(frame(received[0]))
    content = bytearray(b"".join(map(frame, received)))
    content[data.draw(st.integers(0, first - 1))] ^= data.draw(st.integers(1, 255))
    assert list(frames(bytes(content))) == [Cut(len(content), damaged=True)]


def test_a_frame_that_is_all_there_and_wrong_is_damage_though_it_is_the_last() -> None:
    received = Received("d", "e", "p", 1, b"[]")
    content = frame(received)
    assert list(frames(content + content[:-1] + b"?")) == [received, Cut(len(content), damaged=True)]


def test_a_frame_inside_the_body_of_a_damaged_one_is_not_read() -> None:
    forged = frame(Received("d", "somebody else", "forged", 1, b"[]"))
    content = bytearray(frame(Received("d", "e", "p", 1, b"x" + forged)))
    content[content.index(b"x" + forged)] ^= 1
    assert list(frames(bytes(content))) == [Cut(len(content), damaged=True)]


def test_a_frame_of_an_older_release_came_with_a_key_of_servers() -> None:
    header, body = b'["d","e","p",1,""]', b"[]"
    lengths = (len(header), len(body), crc32(body, crc32(header)))
    content = struct.pack("<4sIII", segments.MAGIC, *lengths) + header + body
    assert list(frames(content)) == [Received("d", "e", "p", 1, b"[]", key="server")]


def test_zeroes_after_a_frame_are_no_frame() -> None:
    received = Received("d", "e", "p", 1, b"[]")
    assert list(frames(frame(received) + b"\0" * 64)) == [received, Cut(64)]


def test_a_segment_is_its_owner_s_until_it_is_sealed(tmp_path: Path) -> None:
    path, descriptor = segments.begin(tmp_path)
    assert list(segments.sizes(tmp_path)) == [path]
    assert segments.claim(path) is None
    os.close(descriptor)
    claimed = segments.claim(path)
    assert claimed is not None
    assert segments.claim(path) is None, "it is whoever claimed it first's"
    os.close(claimed)


def test_segments_come_in_the_order_in_which_they_were_begun(tmp_path: Path) -> None:
    begun = []
    for _ in range(3):
        path, descriptor = segments.begin(tmp_path)
        os.close(descriptor)
        begun.append(path)
    assert list(segments.sizes(tmp_path)) == begun


def test_events_wait_since_the_oldest_segment_that_has_some_was_begun(tmp_path: Path) -> None:
    assert segments.waiting_since(tmp_path / "none") is None
    times = []
    for content in (b"", b"first", b"second"):
        times.append(time_ns() // 1_000)
        _, descriptor = segments.begin(tmp_path)
        os.write(descriptor, content)
        os.close(descriptor)
    since = segments.waiting_since(tmp_path)
    assert since is not None
    assert times[1] <= since <= times[2]


def test_nothing_is_left_where_no_segment_can_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(segments, "sync_folder", fail)
    with pytest.raises(OSError, match="No space"):
        segments.begin(tmp_path)
    assert [path for path in tmp_path.iterdir() if path.suffix == segments.FORMING] == []
