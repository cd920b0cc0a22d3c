"""Events of SDKs, new and old, good and bad: what each becomes."""

import gzip
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.dialects.launchdarkly.sdk.events import counted, decode
from equipoise.domain.records import Dead, Done, One, Received, Seen, one_by_one
from equipoise.translation.arrival import EARLIEST_MS
from equipoise.translation.errors import Unreadable

NOW_MS = 1_760_000_000_000
NOW = NOW_MS * 1_000
HOUR_MS = 3_600_000
ANNA = {"kind": "user", "key": "anna", "plan": "gold", "_meta": {"redactedAttributes": ["email"]}}


def feature(**fields: Any) -> dict[str, Any]:
    event = {
        "kind": "feature",
        "creationDate": NOW_MS - 5,
        "key": "exp-flag",
        "value": "control",
        "default": "dflt",
        "version": 7,
        "variation": 0,
        "reason": {"kind": "FALLTHROUGH", "inExperiment": True},
        "context": ANNA,
        **fields,
    }
    return {name: value for name, value in event.items() if value is not ...}


def custom(**fields: Any) -> dict[str, Any]:
    event = {"kind": "custom", "creationDate": NOW_MS - 5, "key": "purchase", "context": ANNA, **fields}
    return {name: value for name, value in event.items() if value is not ...}


def decoded(*events: Any) -> list[One]:
    return read(msgspec.json.encode(events))


def read(body: bytes, encoding: str = "") -> list[One]:
    return list(one_by_one(decode(Received("launchdarkly", "e", "p", NOW, body, encoding))))


def causes(records: list[One]) -> list[str]:
    return [record.cause if isinstance(record, Dead) else "" for record in records]


def test_an_evaluation_in_an_experiment_is_an_exposure() -> None:
    assert decoded(feature()) == [
        Seen("exp-flag", 7, "fallthrough", 0, {"user": "anna"}, NOW - 5_000, '{"user":{"plan":"gold"}}')
    ]


def test_the_rule_is_named_by_its_id() -> None:
    (seen,) = decoded(
        feature(reason={"kind": "RULE_MATCH", "ruleIndex": 1, "ruleId": "r1", "inExperiment": True})
    )
    assert isinstance(seen, Seen)
    assert seen.rule == "r1"


def test_the_experiment_of_a_prerequisite_is_an_exposure_as_well() -> None:
    (seen,) = decoded(feature(prereqOf="child", default=None))
    assert isinstance(seen, Seen)


@pytest.mark.parametrize(
    "reason", [..., None, {"kind": "FALLTHROUGH"}, {"kind": "OFF", "inExperiment": False}, {"kind": "ERROR"}]
)
def test_an_evaluation_outside_experiments_is_of_no_use(reason: Any) -> None:
    assert decoded(feature(reason=reason)) == []


def test_a_tracked_event_is_an_outcome_with_its_number_and_data() -> None:
    assert decoded(custom(metricValue=49.5, data={"sku": "a1"}), custom(key="signup")) == [
        Done("purchase", {"user": "anna"}, NOW - 5_000, 49.5, '{"sku":"a1"}'),
        Done("signup", {"user": "anna"}, NOW - 5_000),
    ]


CONTEXTS: tuple[tuple[dict[str, Any], dict[str, str]], ...] = (
    ({"context": {"kind": "org", "key": "o"}}, {"org": "o"}),
    (
        {"context": {"kind": "multi", "user": {"key": "u", "a": 1}, "org": {"key": "o"}}},
        {"user": "u", "org": "o"},
    ),
    ({"context": {"kind": "multi", "user": {"key": "u"}, "org": {}}}, {"user": "u"}),
    ({"context": {"kind": "multi", "user": {"key": "u"}, "org": {"key": "o" * 1_025}}}, {"user": "u"}),
    ({"context": {"key": "u"}}, {"user": "u"}),
    ({"context": ..., "contextKeys": {"user": "u", "org": "o"}}, {"user": "u", "org": "o"}),
    ({"context": ..., "user": {"key": "u", "custom": {"a": 1}}}, {"user": "u"}),
    ({"context": ..., "user": {"key": 17}}, {"user": "17"}),
)


@pytest.mark.parametrize(("context", "units"), CONTEXTS)
def test_units_are_found_in_contexts_of_each_form(context: dict[str, Any], units: dict[str, str]) -> None:
    for record in decoded(feature(**context), custom(**context)):
        assert isinstance(record, Seen | Done)
        assert record.units == units


def test_attributes_are_kept_by_kind_without_what_is_no_attribute() -> None:
    context = {"kind": "multi", "user": {"key": "u", "plan": "gold", "_meta": {}}, "org": {"key": "o"}}
    (seen,) = decoded(feature(context=context))
    assert isinstance(seen, Seen)
    assert seen.attributes == '{"user":{"plan":"gold"}}'


@pytest.mark.parametrize(
    "kind", ["index", "identify", "summary", "debug", "migration_op", "click", "pageview", "new-kind"]
)
def test_kinds_that_count_for_nothing_are_no_fault_whatever_is_in_them(kind: str) -> None:
    odd = {"kind": kind, "creationDate": "never", "key": 7, "context": None, "metricValue": "much"}
    assert decoded(odd, custom()) == decoded(custom())


BAD: tuple[tuple[Any, str], ...] = (
    (custom(key=...), "no key"),
    (custom(key=""), "no key"),
    (custom(key="k" * 1_025), "key too long"),
    (custom(key=7), "malformed"),
    (custom(context=...), "no context"),
    (custom(context={"kind": "user"}), "no context"),
    (custom(context={"kind": "user", "key": ""}), "no context"),
    (custom(context={"kind": "user", "key": "k" * 1_025}), "key too long"),
    (custom(context=..., user={"key": 10**1_025}), "key too long"),
    (custom(context={"kind": "multi", "": {"key": "anna"}}), "no context"),
    (custom(context={"kind": "multi"}), "no context"),
    (custom(context=..., contextKeys={f"kind-{n}": "anna" for n in range(101)}), "too many kinds"),
    (feature(context=..., contextKeys={f"kind-{n}": "anna" for n in range(101)}), "too many kinds"),
    (
        custom(context=..., contextKeys={f"kind-{n}": "anna" for n in range(100)}, data="d" * 3_000),
        "data too long",
    ),
    (custom(data="d" * 256 * 1_024), "data too long"),
    (custom(context=["anna"]), "no context"),
    (custom(creationDate=...), "no time"),
    (custom(creationDate="yesterday"), "malformed"),
    (custom(creationDate=EARLIEST_MS - 1), "clock far off"),
    (custom(creationDate=NOW_MS // 1000), "clock far off"),
    (custom(creationDate=NOW_MS + 25 * HOUR_MS), "clock far off"),
    (custom(metricValue="49.5"), "malformed"),
    (custom(metricValue=True), "malformed"),
    (feature(variation=...), "no variation"),
    (feature(variation=-1), "no variation"),
    (feature(version=...), "no version"),
    (feature(version=0), "no version"),
    (feature(version=2**63), "no version"),
    (feature(version="7"), "malformed"),
    (feature(reason={"kind": "TARGET_MATCH", "inExperiment": True}), "no rule"),
    (feature(reason={"kind": "RULE_MATCH", "inExperiment": True}), "no rule"),
    (feature(context=..., user=None), "no context"),
    (17, "malformed"),
    (None, "malformed"),
    ([], "malformed"),
    ({}, "malformed"),
    ({"kind": 7}, "malformed"),
)


@pytest.mark.parametrize(("event", "cause"), BAD, ids=lambda value: str(value)[:40])
def test_a_bad_event_is_dead_with_its_cause_and_harms_no_other(event: Any, cause: str) -> None:
    good = decoded(feature(), custom())
    before, dead, after = decoded(feature(), event, custom())
    assert [before, after] == good
    assert isinstance(dead, Dead)
    assert dead.cause == cause


def raw(*events: bytes) -> bytes:
    return b"[" + b",".join(events) + b"]"


def test_numbers_that_are_none_are_dead_alone() -> None:
    """Python writes NaN where JSON has no word for it, and a double has no room for 1e999."""
    good = msgspec.json.encode(custom())
    bad = [good[:-1] + b',"metricValue":' + number + b"}" for number in (b"NaN", b"-Infinity", b"1e999")]
    body = raw(good, *bad, good)
    assert counted(body) == 5
    assert causes(read(body)) == ["", "bad number", "bad number", "bad number", ""]


def test_text_that_is_none_is_dead_alone() -> None:
    good = msgspec.json.encode(custom())
    half = good.replace(b"anna", rb"\ud800")
    assert counted(raw(good, half)) == 2
    assert causes(read(raw(good, half))) == ["", "malformed"]
    wrong = good.replace(b"anna", b"\xff\xfe")
    assert counted(raw(good, wrong)) == 2
    assert causes(read(raw(good, wrong))) == ["", "malformed"]


def test_a_clock_that_is_a_little_ahead_is_held_back_to_the_receipt() -> None:
    early, late = decoded(custom(creationDate=NOW_MS - 9 * HOUR_MS), custom(creationDate=NOW_MS + HOUR_MS))
    assert isinstance(early, Done)
    assert isinstance(late, Done)
    assert (early.at, late.at) == (NOW - 9 * HOUR_MS * 1_000, NOW)


def test_a_packed_body_says_the_same() -> None:
    body = msgspec.json.encode([feature(), custom()])
    assert read(gzip.compress(body), "gzip") == read(body)


def test_data_is_kept_as_it_was_sent() -> None:
    good = msgspec.json.encode(custom())
    for data in (b'{"n":1e999}', b'{ "n": ' + b"9" * 6_000 + b"}", b"0"):
        (done,) = read(raw(good[:-1] + b',"data":' + data + b"}"))
        assert isinstance(done, Done)
        assert done.data == data.decode()
    assert decoded(custom(data=None)) == decoded(custom())
    assert causes(read(raw(good, good[:-1] + b',"data":"\xff"}'))) == ["", "malformed"]


def test_what_cannot_be_written_down_is_dead_alone() -> None:
    good = msgspec.json.encode(feature())
    large = good.replace(b'"plan":"gold"', b'"plan":' + b"9" * 6_000)
    assert causes(read(raw(good, large, good)))[::2] == ["", ""]
    assert causes(read(raw(large))) in (["unwritable"], ["bad number"], ["malformed"])


def test_data_that_is_too_long_is_dead_alone_in_a_plain_body_too() -> None:
    assert causes(decoded(custom(), custom(data="d" * 256 * 1_024))) == ["", "data too long"]


@given(st.lists(st.sampled_from((feature, custom)), min_size=1), st.data())
def test_a_plain_body_says_what_its_events_say_one_by_one(makes: list[Any], data: st.DataObject) -> None:
    """Those are read as columns, and with something odd among them as they stand."""
    text = st.text(min_size=1, max_size=5)
    events = [
        make(
            key=data.draw(text),
            creationDate=data.draw(st.integers(EARLIEST_MS, NOW_MS + 24 * HOUR_MS)),
            context={"kind": "user", "key": data.draw(text), "plan": data.draw(text)},
        )
        for make in makes
    ]
    odd = custom(context=["odd"])
    together, apart = decoded(*events), decoded(*events, odd)[:-1]
    assert sorted(map(repr, together)) == sorted(map(repr, apart))
    first = [each for each in apart if isinstance(each, Seen)]
    assert together == first + [each for each in apart if isinstance(each, Done)]


def test_a_body_that_became_unreadable_is_one_dead_event() -> None:
    assert causes(read(b"no gzip", "gzip")) == ["unreadable"]
    assert causes(read(b"[1,")) == ["unreadable"]


def test_what_is_no_array_has_no_events_and_what_is_no_json_is_refused() -> None:
    assert [counted(body) for body in (b"[]", b'{"kind":"diagnostic"}', b"7", b"[1,2]")] == [0, 0, 0, 2]
    for body in (b"", b"[", b'[{"a":1}', b"nonsense", b"[" * 100_000, b"\xff"):
        with pytest.raises(Unreadable):
            counted(body)


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(
    (
        *("kind", "key", "creationDate", "version", "variation", "reason"),
        *("context", "contextKeys", "user", "metricValue", "data"),
    )
)


@given(st.sampled_from((feature, custom)), st.dictionaries(names, values, max_size=4))
def test_whatever_an_event_says_it_is_one_record_or_none_and_nothing_fails(make: Any, odd: Any) -> None:
    good = decoded(custom())
    body = json.dumps([make(**odd), custom()]).encode()
    records = read(body)
    assert records[-1:] == good
    assert len(records) in (1, 2)


@given(st.binary(max_size=60))
def test_whatever_the_bytes_nothing_but_unreadable_is_raised(body: bytes) -> None:
    try:
        counted(body)
    except Unreadable:
        assert causes(read(body)) == ["unreadable"]
