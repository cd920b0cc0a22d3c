"""Bodies as they were before they were packed, within a limit: a small body may unpack to a huge one."""

from isal import isal_zlib

from equipoise.translation.errors import Oversized, Unreadable

GZIP = "gzip"
MEMBERS_MAX = 1_000
_GZIP_FRAME = 31  # window bits that mean: a gzip header and checksum


def encoding_of(said: str) -> str:
    """GZIP, or "" for plain. raises Unreadable for any other"""
    name = said.strip().lower()
    if name in ("", "identity"):
        return ""
    if name in (GZIP, "x-gzip"):
        return GZIP
    raise Unreadable(f"Content-Encoding {name} is not known here; send gzip, or nothing")


def unpacked(body: bytes, encoding: str, most: int) -> bytes:
    """The body as it was before. raises Oversized, Unreadable"""
    if not encoding:
        if len(body) > most:
            raise Oversized(most)
        return body
    try:
        return _members(body, most)
    except isal_zlib.error as error:  # type: ignore[misc]
        raise Unreadable(f"the body is no whole gzip: {error}") from error


def _members(body: bytes, most: int) -> bytes:
    """A gzip may be several, one after the other."""
    parts: list[bytes] = []
    left = most
    for _ in range(MEMBERS_MAX):
        member = isal_zlib.decompressobj(wbits=_GZIP_FRAME)
        parts.append(member.decompress(body, left + 1))
        left -= len(parts[-1])
        if left < 0:
            raise Oversized(most)
        if not member.eof:
            raise Unreadable("the body is no whole gzip: it is cut off")
        body = member.unused_data
        if not body.strip(b"\0"):
            return parts[0] if len(parts) == 1 else b"".join(parts)
    raise Unreadable(f"the body is more than {MEMBERS_MAX} gzips")
