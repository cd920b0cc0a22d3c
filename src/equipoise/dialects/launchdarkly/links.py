"""Links between resources: every key percent-encoded, so that a slash stays inside it."""

from functools import lru_cache
from urllib.parse import quote, urlencode

from equipoise.dialects.launchdarkly.documents import Link, Links
from equipoise.translation.call import Call

ROOT = "/api/v2"


@lru_cache(maxsize=16_384)
def path(*segments: str) -> str:
    """`/api/v2/…` over the segments."""
    return "/".join((ROOT, *(quote(segment, safe="") for segment in segments)))


def link(*segments: str) -> Link:
    return Link(path(*segments))


def site(*segments: str) -> Link:
    """A page for people."""
    return Link("/ui/" + "/".join(quote(segment, safe="") for segment in segments), "text/html")


def paged(call: Call, total: int, limit: int, offset: int) -> Links:
    """self, and first, prev, next, last where those pages exist."""
    links = {"self": _at(call, limit, offset, as_asked=True)}
    if limit <= 0 or total <= limit:
        return links
    if offset > 0:
        links["first"] = _at(call, limit, 0)
        links["prev"] = _at(call, limit, max(offset - limit, 0))
    if offset + limit < total:
        links["next"] = _at(call, limit, offset + limit)
        links["last"] = _at(call, limit, (total - 1) // limit * limit)
    return links


def _at(call: Call, limit: int, offset: int, as_asked: bool = False) -> Link:
    pairs = [(name, value) for name, values in call.query().items() for value in values]
    if not as_asked:
        pairs = [pair for pair in pairs if pair[0] not in ("limit", "offset")]
        pairs += [("limit", str(limit)), ("offset", str(offset))]
    target = call.raw_target.split(b"?")[0].decode("ascii", "replace")
    return Link(target + ("?" + urlencode(pairs) if pairs else ""))
