"""What every dialect does alike, because it is done in one place: generated over all routes."""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import jsonschema_rs
import msgspec
import pytest

from equipoise.domain.errors import DomainError, Reused, Stale
from equipoise.domain.limits import BODY_BYTES_MAX
from equipoise.translation.call import revisions_in
from equipoise.translation.errors import NoMethod, NoRoute, TransportError
from equipoise.translation.routes import Route
from tests.conformance.families import families, sample
from tests.conformance.scenes import addressed, path_of, private, reads, success, writes
from tests.conformance.stages import Stage, over, over_dialects
from tests.conformance.strewing import strewn

SECRET = re.compile(rb"(?:api|sdk|mob|ins|cfg|cls|sso)-[A-Za-z0-9_-]{43}|eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_.-]+")


def patches(route: Route) -> bool:
    return route.method == "PATCH"


def replaces(route: Route) -> bool:
    return route.method in ("PATCH", "PUT")


def alters(route: Route) -> bool:
    return route.method in ("PATCH", "PUT", "DELETE")


def with_body(route: Route) -> bool:
    return route.body is not None


def refused_as(stage: Stage, family: type[Any]) -> int:
    return stage.dialect.refuse(sample(family)).status


# what goes wrong


@pytest.mark.parametrize("family", families())
@over_dialects
def test_whatever_goes_wrong_has_an_answer(stage: Stage, family: type[DomainError | TransportError]) -> None:
    answer = stage.dialect.refuse(sample(family))
    assert 400 <= answer.status < 600
    assert (answer.status >= 500) == (family.__name__ == "Fault")
    msgspec.json.decode(answer.body, type=stage.dialect.refusal, strict=True)
    jsonschema_rs.validate(stage.requests.error_schema(), json.loads(answer.body))


@over(addressed)
def test_a_method_that_is_not_served_is_refused_and_those_that_are_are_named(
    stage: Stage, route: Route
) -> None:
    response = stage.surface.call("TRACE", stage.path(route))
    assert response.status_code == refused_as(stage, NoMethod)
    assert route.method in response.headers["allow"]


@over_dialects
def test_a_path_that_is_not_served_is_refused(stage: Stage) -> None:
    for prefix in stage.dialect.prefixes:
        for path in (f"{prefix}/no/such/thing/here/or/there/at/all", f"{prefix}/%2F%2e%2e"):
            assert stage.surface.call("GET", path).status_code == refused_as(stage, NoRoute)


# what is said


@over(writes, with_body)
def test_unknown_fields_are_ignored_or_refused_as_the_dialect_declares(stage: Stage, route: Route) -> None:
    golden = stage.golden(route)
    plain = stage.sent(route)
    stage.back()
    body = strewn(stage.dialect.name, route.operation, golden.body, golden.media)
    assert body != golden.body
    before = stage.numbers()
    response = stage.send(route, content=msgspec.json.encode(body))
    if stage.requests.UNKNOWN_FIELDS == "ignored" or golden.open:
        assert (response.status_code, response.content) == (plain.status_code, plain.content)
    else:
        assert response.status_code == 400, response.text
        assert stage.numbers() == before


@over(replaces)
def test_what_is_so_already_is_not_written_again(stage: Stage, route: Route) -> None:
    first = stage.sent(route)
    before = stage.numbers()
    stage.surface.clock.pass_ms(1_000)
    second = stage.sent(route)
    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert second.headers.get("etag") == first.headers.get("etag")
    assert stage.numbers() == before


@over(patches)
def test_a_patch_that_is_half_bad_changes_nothing(stage: Stage, route: Route) -> None:
    before = stage.numbers()
    content = msgspec.json.encode(stage.golden(route).half_bad)
    response = stage.send(route, content=content)
    assert response.status_code in (400, 422), response.text
    assert stage.numbers() == before
    replayed = stage.send(route, content=content, headers={"Idempotency-Key": "half"})
    assert replayed.status_code == response.status_code
    assert stage.numbers() == before


@over(writes)
def test_every_write_is_logged(stage: Stage, route: Route) -> None:
    """Else the tests of what changes nothing would hold of everything."""
    before = stage.numbers()
    stage.sent(route)
    assert stage.numbers() != before


# asking first


@over(writes)
def test_a_dry_run_answers_as_the_write_would_and_changes_nothing(stage: Stage, route: Route) -> None:
    before = stage.numbers()
    dry = stage.send(route, query={"dryRun": "true"}, headers={"Idempotency-Key": "dry"})
    assert dry.status_code == success(route), dry.text
    assert stage.numbers() == before
    assert dry.content or dry.headers["x-equipoise-preview"] != "no change"
    said = re.sub(r'"digest":"[0-9a-f]{64}"', "", f"{dry.headers} {dry.text}")  # of what everybody reads
    assert not re.search(r"[0-9a-f]{64}", said), "a digest is nobody's business"
    stage.back()
    real = stage.sent(route)
    assert shape(dry) == shape(real)


@over(writes)
def test_a_dry_run_is_refused_as_the_write_would_be(stage: Stage, route: Route) -> None:
    query = {"dryRun": "true"}
    assert route.public or stage.send(route, "reader", query=query).status_code == 403
    assert stage.send(route, query={"dryRun": "perhaps"}).status_code == 400
    half_bad = stage.golden(route).half_bad
    if half_bad is not None:
        content = msgspec.json.encode(half_bad)
        wet = stage.send(route, content=content)
        dry = stage.send(route, content=content, query=query)
        assert (dry.status_code, dry.content) == (wet.status_code, wet.content)


@over(alters)
def test_a_write_on_what_was_not_last_read_is_refused(stage: Stage, route: Route) -> None:
    before, tag = stage.numbers(), tag_of(stage, route)
    name, revision = stage.dialect.name, revisions_in(tag, stage.dialect.name)[0]
    for stale in (f'"{name}-{revision + 1}-0"', '"something else"', f'"another-{revision}-0"', ""):
        response = stage.send(route, headers={"If-Match": stale})
        assert response.status_code == refused_as(stage, Stale), response.text
    assert stage.numbers() == before


@over(alters)
def test_a_write_on_what_was_last_read_is_made_once(stage: Stage, route: Route) -> None:
    tag = tag_of(stage, route)
    stage.sent(route, headers={"If-Match": f'"other", W/{tag}'})
    response = stage.send(route, headers={"If-Match": tag})
    assert response.status_code == refused_as(stage, Stale), response.text


@over(alters)
def test_a_write_on_whatever_is_there_is_made(stage: Stage, route: Route) -> None:
    stage.sent(route, headers={"If-Match": "*"})


@over(replaces)
def test_a_write_answers_the_tag_that_a_read_would(stage: Stage, route: Route) -> None:
    said = stage.sent(route)
    assert revisions_in(said.headers["etag"], stage.dialect.name) == revisions_in(
        tag_of(stage, route), stage.dialect.name
    )


# asking twice


@over(writes)
def test_a_request_that_comes_again_is_answered_again_and_made_once(stage: Stage, route: Route) -> None:
    key = {"Idempotency-Key": "once"}
    first = stage.sent(route, headers=key)
    after = stage.numbers()
    second, third = (stage.sent(route, headers=key) for _ in range(2))
    assert stage.numbers() == after
    assert second.status_code == first.status_code
    assert second.content == third.content
    assert second.headers.get("etag") == third.headers.get("etag")
    assert not SECRET.search(second.content), "a secret is shown once"
    if not SECRET.search(first.content):
        assert second.content == first.content
        assert second.headers.get("etag") == first.headers.get("etag")


@over(writes)
def test_an_idempotency_key_is_for_one_request(stage: Stage, route: Route) -> None:
    key = {"Idempotency-Key": "once"}
    stage.sent(route, headers=key)
    after = stage.numbers()
    content = (stage.golden(route).content or b"") + b" "
    for other in (
        stage.send(route, headers=key, content=content),
        stage.send(route, headers=key, query={"more": "said"}),
    ):
        assert other.status_code == refused_as(stage, Reused), other.text
    assert stage.numbers() == after


@over(writes, private)
def test_an_idempotency_key_is_its_owners(stage: Stage, route: Route) -> None:
    key = {"Idempotency-Key": "once"}
    stage.sent(route, headers=key)
    assert stage.send(route, "reader", headers=key).status_code in (401, 403)  # or gone with its project
    assert stage.send(route, None, headers=key).status_code == 401


@over(writes)
def test_an_idempotency_key_that_is_none_is_refused(stage: Stage, route: Route) -> None:
    before = stage.numbers()
    for key in ("", " ", "k" * 256):
        assert stage.send(route, headers={"Idempotency-Key": key}).status_code == 400
    assert stage.numbers() == before


# reading


@over(reads)
def test_what_is_read_carries_a_tag_and_is_not_sent_twice(stage: Stage, route: Route) -> None:
    first = stage.sent(route)
    tag = first.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}'):
        again = stage.send(route, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert stage.send(route, headers={"If-None-Match": '"other"'}).status_code == success(route)


@over(reads)
def test_the_head_is_that_of_the_whole(stage: Stage, route: Route) -> None:
    whole, head = stage.sent(route), stage.sent(route, method="HEAD")
    varying = {"x-request-id"} | {name for name in whole.headers if "remaining" in name}
    assert head.content == b""
    assert head.status_code == whole.status_code
    for name in whole.headers.keys() - varying:
        assert head.headers[name] == whole.headers[name], name


@over(alters)
def test_a_post_may_stand_for_another_method(stage: Stage, route: Route) -> None:
    plain = stage.sent(route)
    stage.back()
    tunnelled = stage.sent(route, method="POST", headers={"X-HTTP-Method-Override": route.method.lower()})
    assert (tunnelled.status_code, tunnelled.content) == (plain.status_code, plain.content)


@over(reads)
def test_only_a_post_may_stand_for_another_method(stage: Stage, route: Route) -> None:
    for override in ("DELETE", "PATCH", "TRACE"):
        response = stage.send(route, headers={"X-HTTP-Method-Override": override})
        assert response.status_code == success(route)


@over(replaces)
def test_what_was_is_shown_as_it_was(stage: Stage, route: Route) -> None:
    """By number of the log, and by time."""
    shown = stage.shown_by(route)
    assert shown is not None
    was, numbers, at = document_of(stage, shown), stage.numbers(), stage.surface.clock.now
    stage.surface.clock.pass_ms(60_000)
    stage.sent(route)
    after = stage.numbers()
    assert (document_of(stage, shown) != was) is not stage.golden(route).unseen
    (space,) = (each for each in after if after[each] != numbers.get(each))
    for then in (str(numbers[space]), time_of(at), time_of(at + 59_000)):
        assert document_of(stage, shown, asOf=then) == was, then
    for now in (str(after[space]), time_of(at + 60_000)):
        assert document_of(stage, shown, asOf=now) == document_of(stage, shown), now
    assert stage.send(shown, query={"asOf": "1970-01-01T00:00:00Z"}).status_code == 404
    for none in ("yesterday", "2024-01-01T00:00:00", "-1", "1" * 40):
        assert stage.send(shown, query={"asOf": none}).status_code == 400, none


@over(lambda route: route.method == "DELETE")
def test_what_is_gone_is_shown_as_it_was(stage: Stage, route: Route) -> None:
    shown = stage.shown_by(route)
    assert shown is not None
    path = stage.path(route)
    was, at = stage.sent(shown, path=path), stage.surface.clock.now
    stage.surface.clock.pass_ms(60_000)
    stage.sent(route)
    assert stage.send(shown, path=path).status_code == 404
    then = stage.send(shown, path=path, query={"asOf": time_of(at)})
    assert (then.status_code, comparable(stage, then)) == (200, comparable(stage, was))


# what is no request


BAD_BODIES = {
    "nested": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "nested lists": b"[" * 10_000 + b"]" * 10_000,
    "unclosed": b"[" * 10_000,
    "no UTF-8": b'{"name":"\xff\xfe"}',
    "a surrogate in UTF-8": b'{"name":"\xed\xa0\x80"}',
    "NUL": b'{"name":"a\0b"}',
    "escaped NUL": b'{"name":"a\\u0000b"}',
    "NUL as a name": b'{"a\\u0000b":1}',
}


@over(writes)
def test_a_body_that_is_too_large_is_not_read(stage: Stage, route: Route) -> None:
    before = stage.numbers()
    for content in (b" " * 10_000_000, b'"' + b"x" * BODY_BYTES_MAX):
        assert stage.send(route, content=content).status_code == 413
    assert stage.numbers() == before


@over(writes)
def test_a_body_that_is_no_text_changes_nothing(stage: Stage, route: Route) -> None:
    before = stage.numbers()
    found = {why: stage.send(route, content=content).status_code for why, content in BAD_BODIES.items()}
    assert found == dict.fromkeys(BAD_BODIES, 400)
    assert stage.numbers() == before


@over(writes, with_body)
def test_a_body_that_is_no_document_changes_nothing(stage: Stage, route: Route) -> None:
    before = stage.numbers()
    none = () if route.bodiless else (b"",)
    for content in (*none, b"{", b"nope", b"null", b"1e999", b'"text"', b"17", b"[1]", b"[[]]", b"[null]"):
        response = stage.send(route, content=content)
        assert response.status_code in (400, 422), (content, response.text)
    assert stage.numbers() == before


@pytest.mark.parametrize("bad", ["\\ud800", "\\u0000", "\\udfff\\ud800"])
@over(writes, with_body)
def test_a_text_that_cannot_be_kept_is_refused_wherever_it_stands(
    stage: Stage, route: Route, bad: str
) -> None:
    """A lone surrogate, a NUL: in each text of a valid request in turn, values and names."""
    content = (stage.golden(route).content or b"").decode()
    before = stage.numbers()
    texts = list(re.finditer(r'"((?:[^"\\]|\\.)*)"', content))
    for text in texts:
        spoilt = f'{content[: text.start()]}"{bad}"{content[text.end() :]}'
        response = stage.send(route, content=spoilt.encode())
        if text.end() < len(content) and content[text.end()] == ":":
            assert response.status_code < 500, (spoilt, response.text)
            stage.back()
        else:
            assert response.status_code in (400, 404, 422), (spoilt, response.text)
            assert stage.numbers() == before, spoilt


NO_TEXTS = ("%00", "a%00b", "%FF", "%ED%A0%80", "%C0%AF")
ODD = ("a%2Fb", "%2E%2E", "%2E", "%25", "%20", "%C3%A9", "%F0%9F%92%A9", "a" * 2_000, "%27;--", "-1")


@over(addressed)
def test_a_path_that_is_no_text_is_refused(stage: Stage, route: Route) -> None:
    before = stage.numbers()
    for path in paths_with(stage, route, NO_TEXTS):
        assert stage.send(route, path=path).status_code == 400, path
    assert stage.numbers() == before


@over(addressed)
def test_a_path_that_names_nothing_is_missing(stage: Stage, route: Route) -> None:
    before = stage.numbers()
    for path in paths_with(stage, route, ODD):
        response = stage.send(route, path=path)
        golden = stage.golden(route)
        if golden.makes and response.is_success:
            stage.back()
            continue
        assert response.status_code in (400, 404, *golden.missing), (path, response.text)
        assert response.status_code == 204 or json.loads(response.content)
    assert stage.numbers() == before


@over(lambda route: not route.public)
def test_a_query_that_is_no_text_is_refused(stage: Stage, route: Route) -> None:
    before = stage.numbers()
    for bad in ("%00", "a%00b", "%FF", "%ED%A0%80"):
        for query in (f"expand={bad}", f"{bad}=1", f"dryRun={bad}"):
            response = stage.send(route, path=f"{stage.path(route)}?{query}", bare=True)
            assert response.status_code == 400, (query, response.text)
    assert stage.numbers() == before


def paths_with(stage: Stage, route: Route, segments: Iterable[str]) -> Iterator[str]:
    """The path of a request, with each segment in the place of each parameter."""
    values = stage.golden(route).path
    for name in values:
        marked = path_of(route, {**values, name: f"{route.begins.get(name, '')}MARK"})
        yield from (marked.replace("MARK", segment) for segment in segments)


def tag_of(stage: Stage, route: Route) -> str:
    """The tag of what a write changes, as it is shown."""
    shown = stage.shown_by(route)
    assert shown is not None, "nothing shows it"
    path = None if stage.golden(route).shown_by else stage.path(route)
    return stage.sent(shown, path=path).headers["etag"]


def shape(response: httpx.Response) -> Any:
    """What an answer holds, but for secrets."""
    return SECRET.sub(b"", response.content)


def document_of(stage: Stage, route: Route, **query: str) -> Any:
    return comparable(stage, stage.sent(route, query=query))


def comparable(stage: Stage, response: httpx.Response) -> Any:
    """The document, without what is of now whenever it is asked for."""
    return without(response.json(), stage.requests.OF_NOW)


def without(value: Any, names: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {name: without(each, names) for name, each in value.items() if name not in names}
    return [without(each, names) for each in value] if isinstance(value, list) else value


def time_of(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1_000, UTC).isoformat()
