"""One flag: values by type, reasons, audiences, exposures, and everything that can be wrong."""

import json
from hashlib import sha256
from hmac import new
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from equipoise.domain.clauses import Clause
from equipoise.domain.flag.state import Fixed, Prerequisite, Rollout, Target, Variation
from equipoise.domain.limits import EVALUATION_BODY_BYTES_MAX, EXPOSURE_ATTRIBUTES_BYTES_MAX
from equipoise.domain.records import Seen
from equipoise.domain.snapshot import Served
from tests.dialects.ofrep.room import ANNA, Room, in_experiment, said, served
from tests.domain.builders import ID, OFF, ON, a_rollout, a_rule, a_targeting

GERMANS = a_rule(clauses=(Clause("c", "country", "in", ("DE",)),), serve=Fixed(OFF))


def of_values(*values: Any, targeting: Any = None) -> Served:
    ids = (ON, OFF, "third")
    variations = tuple(Variation(id, value) for id, value in zip(ids, values, strict=False))
    return served(variations=variations, targeting=targeting or a_targeting())


@pytest.mark.parametrize(
    ("values", "written"),
    [
        ((True, False), b'"value":true'),
        (("blue", "red"), b'"value":"blue"'),
        ((7, 8), b'"value":7}'),
        ((1.5, 2), b'"value":1.5}'),
        ((2, 1.5), b'"value":2.0}'),
        ((2.0, 3.0), b'"value":2.0}'),
        ((0, "a"), b'"value":0}'),
        (({"a": [1, None]}, {}), b'"value":{"a":[1,null]}}'),
        (([1], []), b'"value":[1]}'),
    ],
)
def test_a_value_is_written_as_its_flag_has_them(values: tuple[Any, ...], written: bytes) -> None:
    """A whole number is a float where another value of the flag is one."""
    answer = Room(of_values(*values)).one()
    assert answer.status == 200
    assert written in answer.body


REASONS: tuple[tuple[Served, dict[str, Any], Any, str], ...] = (
    (served(), ANNA, True, "STATIC"),
    (served(targeting=a_targeting(on=False)), ANNA, False, "DISABLED"),
    (served(targeting=a_targeting(rules=(GERMANS,))), ANNA, True, "TARGETING_MATCH"),
    (served(targeting=a_targeting(rules=(GERMANS,))), {**ANNA, "country": "DE"}, False, "TARGETING_MATCH"),
    (served(targeting=a_targeting(targets=(Target(OFF, ("anna",)),))), ANNA, False, "TARGETING_MATCH"),
    (served(targeting=a_targeting(targets=(Target(OFF, ("ben",)),))), ANNA, True, "TARGETING_MATCH"),
    (served(targeting=a_targeting(fallthrough=a_rollout(100_000, 0))), ANNA, True, "SPLIT"),
    (
        served(targeting=a_targeting(rules=(replace(GERMANS, serve=a_rollout(0, 100_000)),))),
        {**ANNA, "country": "DE"},
        False,
        "SPLIT",
    ),
    (served(targeting=a_targeting(prerequisites=(Prerequisite("gone", ON),))), ANNA, False, "DISABLED"),
)


@pytest.mark.parametrize(("flag", "context", "value", "reason"), REASONS)
def test_a_reason_is_one_that_the_protocol_knows(
    flag: Served, context: dict[str, Any], value: Any, reason: str
) -> None:
    document = said(Room(flag).one(context))
    assert (document["value"], document["reason"]) == (value, reason)
    assert document["metadata"] == {"version": 7}


def test_a_flag_that_is_off_and_has_nothing_to_serve_leaves_the_value_to_the_application() -> None:
    document = said(Room(served(targeting=a_targeting(on=False, off_variation=""))).one())
    assert document == {"key": "checkout", "reason": "DISABLED", "variant": "", "metadata": {"version": 7}}


def test_a_variant_is_the_name_of_a_variation_where_it_has_one_of_its_own() -> None:
    assert said(Room(served()).one())["variant"] == "on"
    for name in ("", "off"):
        twins = (Variation(ON, True, name), Variation(OFF, False, "off"))
        assert said(Room(served(variations=twins)).one())["variant"] == ON


def test_a_flag_that_makes_no_sense_is_a_failure_and_leaks_nothing() -> None:
    answer = Room(served(targeting=a_targeting(fallthrough=Rollout(())))).one()
    assert (answer.status, said(answer)["errorCode"], said(answer)["key"]) == (400, "GENERAL", "checkout")
    assert b"rollout" not in answer.body.lower()


@pytest.mark.parametrize("key", ["nothing", "a/b", "50%", "", "🎏", "\ud800"])
def test_a_flag_that_is_not_there_is_not_found(key: str) -> None:
    answer = Room(served()).one(key=key)
    assert (answer.status, said(answer)["errorCode"]) == (404, "FLAG_NOT_FOUND")
    assert said(answer)["errorDetails"]


BAD: tuple[tuple[bytes, str], ...] = (
    (b"", "PARSE_ERROR"),
    (b"{", "PARSE_ERROR"),
    (b'{"context":{"targetingKey":"\xff"}}', "PARSE_ERROR"),
    (b'{"context":{"targetingKey":"a\\u0000"}}', "PARSE_ERROR"),
    (b'{"context":{"targetingKey":"\\ud800"}}', "PARSE_ERROR"),
    (b'{"context":{"targetingKey":"a","b":NaN}}', "PARSE_ERROR"),
    (b'{"context":' * 65 + b"1" + b"}" * 65, "PARSE_ERROR"),
    (b"[" * 100_000, "PARSE_ERROR"),
    (b"[]", "INVALID_CONTEXT"),
    (b"null", "INVALID_CONTEXT"),
    (b"{}", "INVALID_CONTEXT"),
    (b'{"context":null}', "INVALID_CONTEXT"),
    (b'{"context":[]}', "INVALID_CONTEXT"),
    (b'{"context":{}}', "TARGETING_KEY_MISSING"),
    (b'{"context":{"key":""}}', "TARGETING_KEY_MISSING"),
    (b'{"context":{"key":7}}', "INVALID_CONTEXT"),
    (b'{"context":{"targetingKey":null}}', "TARGETING_KEY_MISSING"),
    (b'{"context":{"targetingKey":""}}', "TARGETING_KEY_MISSING"),
    (b'{"context":{"targetingKey":7}}', "INVALID_CONTEXT"),
    (b'{"context":{"targetingKey":"a","kind":7}}', "INVALID_CONTEXT"),
    (b'{"context":{"targetingKey":"a","kind":"a b"}}', "INVALID_CONTEXT"),
    (b'{"context":{"targetingKey":"a","kind":"kind"}}', "INVALID_CONTEXT"),
    (b'{"context":{"kind":"multi"}}', "TARGETING_KEY_MISSING"),
    (b'{"context":{"kind":"multi","org":7}}', "INVALID_CONTEXT"),
    (b'{"context":{"kind":"multi","org":{}}}', "TARGETING_KEY_MISSING"),
)


@pytest.mark.parametrize(("body", "code"), BAD, ids=lambda each: str(each)[:40])
def test_what_is_no_request_is_refused_with_its_cause(body: bytes, code: str) -> None:
    room = Room(in_experiment())
    one, every = room.one(body), room.all(body)
    assert (one.status, said(one)["errorCode"], said(one)["key"]) == (400, code, "checkout")
    assert (every.status, said(every)["errorCode"]) == (400, code)
    assert said(one)["errorDetails"]
    assert room.records() == []


def test_a_body_within_the_limit_is_taken_and_one_beyond_it_is_not() -> None:
    room = Room(in_experiment())
    assert room.one({**ANNA, "notes": "n" * 100_000}).status == 200
    assert room.one(b" " * (EVALUATION_BODY_BYTES_MAX + 1)).status == 413
    (seen,) = room.records()
    assert isinstance(seen, Seen)
    assert len(seen.attributes) < EXPOSURE_ATTRIBUTES_BYTES_MAX


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"authorization": "Bearer sdk-one"}, 200),
        ({"authorization": "bearer  sdk-one "}, 200),
        ({"authorization": "sdk-one"}, 200),
        ({"authorization": "", "x_api_key": "sdk-one"}, 200),
        ({"authorization": f"Bearer {ID}"}, 404),
        ({"authorization": "Bearer mob-one"}, 200),
        ({"authorization": "Bearer sdk-other"}, 401),
        ({"authorization": "Bearer mob-other"}, 401),
        ({"authorization": "Bearer " + "0" * 24}, 401),
        ({"authorization": "Bearer"}, 401),
        ({"authorization": ""}, 401),
    ],
)
def test_each_kind_of_key_opens_its_environment_and_shows_what_is_meant_for_it(
    headers: dict[str, str], status: int
) -> None:
    assert Room(served(mobile=True, client_side=False)).one(**headers).status == status


def test_while_the_environment_cannot_be_asked_clients_are_told_to_come_again() -> None:
    room = Room(served())
    room.away = True
    for answer in (room.one(), room.all(), room.ask("streamNotices", path={"environment": ID})):
        assert (answer.status, answer.headers["retry-after"]) == (503, "1")
        assert said(answer)["errorDetails"]


def test_a_change_is_answered_at_once() -> None:
    room = Room(served())
    assert said(room.one())["value"] is True
    room.serve(served(8, a_targeting(on=False)))
    assert said(room.one())["value"] is False


def test_a_unit_inside_an_experiment_is_exposed_once_and_told_so() -> None:
    room = Room(in_experiment())
    first, *rest = [said(room.one({**ANNA, "plan": "gold", "none": None})) for _ in range(3)]
    assert rest == [first, first]
    assert first["reason"] == "SPLIT"
    arm = first["metadata"]["variation"]
    assert first["metadata"] == {
        "version": 7,
        "inExperiment": True,
        "rule": "fallthrough",
        "variation": arm,
    }
    at = room.clock.now * 1_000
    expected = Seen("checkout", 7, "fallthrough", arm, {"user": "anna"}, at, '{"user":{"plan":"gold"}}')
    assert room.records() == [expected]


def test_a_unit_is_exposed_anew_under_another_version_and_each_unit_for_itself() -> None:
    room = Room(in_experiment())
    room.one()
    room.one({"targetingKey": "ben"})
    room.one({"kind": "multi", "user": {"key": "anna"}, "org": {"key": "o"}})
    room.serve(in_experiment(8))
    room.one()
    found = [(each.version, dict(each.units)) for each in room.records() if isinstance(each, Seen)]
    assert found == [
        (7, {"user": "anna"}),
        (7, {"user": "ben"}),
        (7, {"user": "anna", "org": "o"}),
        (8, {"user": "anna"}),
    ]


def test_the_experiment_of_a_flag_that_is_needed_first_exposes_as_well() -> None:
    needs = tuple(Prerequisite("first", arm) for arm in (ON,))
    room = Room(in_experiment(key="first"), served(targeting=a_targeting(prerequisites=needs)))
    room.one()
    assert [each.flag for each in room.records() if isinstance(each, Seen)] == ["first"]


@pytest.mark.parametrize(("key", "exposed"), [("sdk-one", ["first"]), ("mob-one", ["first"]), (ID, [])])
def test_a_flag_that_is_needed_exposes_only_whom_it_is_available_to(key: str, exposed: list[str]) -> None:
    needs = (Prerequisite("first", ON),)
    outer = served(client_side=True, targeting=a_targeting(prerequisites=needs))
    room = Room(in_experiment(key="first", client_side=False, mobile=True), outer)
    assert room.one(authorization=f"Bearer {key}").status == 200
    assert [each.flag for each in room.records() if isinstance(each, Seen)] == exposed


ORG = {"kind": "multi", "org": {"key": "o:1"}, "user": {"key": "anna"}}


@pytest.mark.parametrize(("context", "text"), [(ANNA, "anna"), (ORG, "org:o%3A1:user:anna")])
def test_in_secure_mode_a_page_brings_the_hash_of_its_context(context: Any, text: str) -> None:
    room = Room(in_experiment(client_side=True))
    page = {"authorization": f"Bearer {ID}"}
    before = room.all(context, **page)
    assert (room.one(ANNA, **page).status, before.status) == (200, 200)
    assert len(room.records()) == 1
    room.secure()
    made, of_another = (new(b"sdk-one", each.encode(), sha256).hexdigest() for each in (text, "bert"))
    for brought in ({}, {"x_equipoise_hash": of_another}, {"x_equipoise_hash": ""}):
        again = {"if_none_match": before.headers["etag"]}
        for refused in (room.one(context, **page, **brought), room.all(context, **page, **again, **brought)):
            assert (refused.status, json.loads(refused.body)["errorCode"]) == (403, "GENERAL")
            assert b"sdk-one" not in refused.body
    assert len(room.records()) == 1, "nobody else was exposed"
    assert room.one(context, **page, x_equipoise_hash=made).status == 200
    assert room.all(context, **page, x_equipoise_hash=made).status == 200
    assert room.all(context, f"h={made}", **page).status == 200
    assert room.all(context, f"h={of_another}", **page).status == 403


@pytest.mark.parametrize("key", ["sdk-one", "mob-one"])
def test_secure_mode_asks_nothing_of_servers_and_phones(key: str) -> None:
    room = Room(served())
    room.secure()
    for answer in (room.one(authorization=f"Bearer {key}"), room.all(authorization=f"Bearer {key}")):
        assert answer.status == 200


def test_outside_experiments_nobody_is_exposed() -> None:
    room = Room(served(targeting=a_targeting(fallthrough=a_rollout())), in_experiment(key="other"))
    room.one()
    room.all()
    assert room.records() == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(JSON | st.dictionaries(st.sampled_from(("targetingKey", "kind", "key", "user", "org", "a")), JSON))
def test_no_context_brings_it_down(context: Any) -> None:
    room = Room(in_experiment(), served(key="other", targeting=a_targeting(rules=(GERMANS,))))
    assert room.one(context).status in (200, 400)
    assert room.all(context).status in (200, 400)
    room.records()
